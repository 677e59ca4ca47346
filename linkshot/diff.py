"""What changed between two texts, and how much? (pure)

Blocks (lines) first, then tokens inside changed blocks only: whole texts are never compared token
by token, which is quadratic.
"""

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from linkshot.folding import INVISIBLE
from linkshot.model import Change, ChangeKind

MAJOR = 0.3
"""From this share of changed text on a change is major."""
MAX_BLOCKS = 20_000
"""Longer texts are compared as sets of blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A run of lines that is the same, was inserted, deleted or replaced."""

    op: str
    """`equal`, `insert`, `delete` or `replace`."""
    before: str
    after: str


def normalise(text: str) -> str:
    """The form in which texts are compared: NFKC, white space squeezed, nothing invisible."""
    clean = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    lines = (re.sub(r"\s+", " ", line).strip() for line in clean.splitlines())
    return "\n".join(line for line in lines if line)


def compare(before: str | None, after: str) -> Change:
    """How `after` differs: first, same, minor or major; the score is the share of changed text."""
    if before is None:
        return Change(kind=ChangeKind.FIRST)
    old, new = normalise(before), normalise(after)
    if old == new:
        return Change(kind=ChangeKind.SAME)
    score = round(_score(old.split("\n"), new.split("\n")), 4)
    return Change(kind=ChangeKind.MAJOR if score >= MAJOR else ChangeKind.MINOR, score=score)


def blocks(before: str, after: str) -> list[Block]:
    """The two texts side by side, in order."""
    old, new = normalise(before).split("\n"), normalise(after).split("\n")
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return [
        Block(op=op, before="\n".join(old[i:j]), after="\n".join(new[k:m]))
        for op, i, j, k, m in matcher.get_opcodes()
    ]


def _score(old: Sequence[str], new: Sequence[str]) -> float:
    total = sum(map(len, old)) + sum(map(len, new))
    if not total:
        return 0.0
    if len(old) + len(new) > MAX_BLOCKS:
        gone, come = set(old) - set(new), set(new) - set(old)
        return (sum(map(len, gone)) + sum(map(len, come))) / total
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=len(old) > 2000)
    changed = sum(
        _changed("\n".join(old[i:j]), "\n".join(new[k:m]))
        for op, i, j, k, m in matcher.get_opcodes()
        if op != "equal"
    )
    return min(changed / total, 1.0)


def _changed(old: str, new: str) -> int:
    """Characters that differ between two changed blocks, by tokens."""
    if not old or not new:
        return len(old) + len(new)
    left, right = _tokens(old), _tokens(new)
    if len(left) * len(right) > 4_000_000:
        return len(old) + len(new)
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    same = sum(len("".join(left[i : i + size])) for i, _, size in matcher.get_matching_blocks())
    return len(old) + len(new) - 2 * same


def _tokens(text: str) -> list[str]:
    """Han characters one by one, words, spaces, signs."""
    return re.findall(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+|\s+|.", text)
