"""Compares two texts: the changed blocks, and a change score (pure).

Blocks (lines) first, then tokens inside changed blocks only: whole texts are never compared token
by token.
"""

import re
import unicodedata
from dataclasses import dataclass

from linkshot.domain.model import Change, ChangeKind
from linkshot.text.alignment import matches, opcodes
from linkshot.text.normalize import INVISIBLE
from linkshot.text.tokens import RUN_RANGES

MAJOR_SCORE = 0.3
"""From this share of changed text on a change is major."""
MIN_SCORE = 0.0001
"""The smallest score of a change."""

TOKEN = re.compile(rf"[{RUN_RANGES}]|[^\W{RUN_RANGES}]+|\s+|.", re.DOTALL)
"""Han characters and their like one by one, words, spaces, signs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A run of lines that is the same, was inserted, deleted or replaced."""

    op: str
    """`equal`, `insert`, `delete` or `replace`."""
    before: str
    after: str


def normalise(text: str) -> str:
    """The form in which texts are compared: NFKC, white space squeezed, nothing invisible."""
    clean = unicodedata.normalize("NFKC", INVISIBLE.sub("", text))
    lines = (" ".join(line.split()) for line in clean.splitlines())
    return "\n".join(line for line in lines if line)


def compare(before: str | None, after: str) -> Change:
    """How `after` differs: first, same, noise, minor or major; the score is the share of changed
    text. Noise is a difference in white space alone: other words, the same characters."""
    if before is None:
        return Change(kind=ChangeKind.FIRST)
    old, new = normalise(before), normalise(after)
    if old == new:
        return Change(kind=ChangeKind.SAME)
    if "".join(old.split()) == "".join(new.split()):
        return Change(kind=ChangeKind.NOISE)
    score = max(round(_score(old, new), 4), MIN_SCORE)
    return Change(kind=ChangeKind.MAJOR if score >= MAJOR_SCORE else ChangeKind.MINOR, score=score)


def blocks(before: str, after: str) -> list[Block]:
    """The two texts side by side, in order, as they are compared; [] when both are empty."""
    old, new = normalise(before).splitlines(), normalise(after).splitlines()
    return [
        Block(op=op, before="\n".join(old[i:j]), after="\n".join(new[k:m]))
        for op, i, j, k, m in opcodes(old, new)
    ]


def _score(old: str, new: str) -> float:
    left, right = old.splitlines(), new.splitlines()
    total = sum(map(len, left)) + sum(map(len, right))
    changed = 0
    for op, i, j, k, m in opcodes(left, right):
        if op == "equal":
            continue
        # by tokens: a paragraph in which one word was replaced has hardly changed
        before, after = "\n".join(left[i:j]), "\n".join(right[k:m])
        words, others = TOKEN.findall(before), TOKEN.findall(after)
        same = sum(len("".join(words[at : at + size])) for at, _, size in matches(words, others))
        changed += len(before) + len(after) - 2 * same
    return min(changed / total, 1.0)
