"""Folds a text and maps each folded character to its offset in the original (pure)."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from linkshot.text.line_breaks import mark_breaks
from linkshot.text.normalize import INVISIBLE, ROMAN, SUPERSCRIPTS, fold

_SIMPLE = (
    "\x00-\t\v\f\x0e-\x7f\u00a1-\u00a7\u00a9\u00ab\u00ac\u00ae\u00b0\u00b1\u00b6\u00b7\u00bb\u00bf-\u00de"
    "\u00e0-\u012f\u0131\u0134-\u013e\u0141-\u0148\u014a-\u017e\u0391-\u03a1\u03a3-\u03af"
    "\u03b1-\u03ce\u0400-\u0481\u048a-\u052f\u2010-\u2016\u2018-\u201e\u2020-\u2022\u3001-\u3029"
    "\u3041-\u3096\u309d\u309e\u30a1-\u30fe\u3400-\u9fff\uff01-\uff5e\U0001f300-\U0001f3fa"
    "\U0001f400-\U0001faff\U00020000-\U0002a6df"
)
"""Characters that fold to exactly one and never join with a neighbour of this set (tested)."""
_JOINS = "\u0b3e\u0b56\u0b57\u1161-\u11ff\uff9e\uff9f\U0001f3fb-\U0001f3ff"
"""Letters and signs that join the character before, as marks do: vowel signs, jamo, dakuten, skins."""

_STRETCH = re.compile(f"[{_SIMPLE}]+")
_NUMERALS = (re.compile(f"[{SUPERSCRIPTS}]"), re.compile(f"[{ROMAN}]"))
ZWJ = "\u200d"


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A folded text and where its characters come from."""

    text: str
    starts: Sequence[int]
    """Place of the cluster in the original, for each character; one more for the end."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original [start, end) of a stretch, whole clusters only."""
        last = end
        while last < len(self.text) and self.starts[last] == self.starts[end - 1]:
            last += 1
        return self.starts[start], self.starts[last]


def fold_with_offsets(text: str) -> FoldedText:
    """Fold a text and remember the places."""
    if text.isascii():
        return FoldedText(fold(text), range(len(text) + 1))
    text = mark_breaks(text)
    if _STRETCH.fullmatch(text):
        return FoldedText(fold(text), range(len(text) + 1))
    parts: list[str] = []
    starts: list[int] = []
    place = 0
    while place < len(text):
        end = _stretch(text, place)
        if end > place:
            parts.append(fold(text[place:end]))
            starts += range(place, end)
        else:
            end = cluster_end(text, place)
            parts.append(fold(text[place:end]))
            starts += [place] * len(parts[-1])
        place = end
    return FoldedText("".join(parts), [*starts, len(text)])


def cluster_end(text: str, place: int) -> int:
    """The end of the character at `place` with the marks that belong to it; numerals of several
    signs (¹², ⅩⅣ) stay together."""
    numeral = _numeral(text, place)
    end = place + 1
    while end < len(text) and (joins(text, end) or (numeral and numeral.match(text, end))):
        numeral = _numeral(text, end) or numeral
        end += 1
    return end


def _numeral(text: str, place: int) -> re.Pattern[str] | None:
    return next((kind for kind in _NUMERALS if kind.match(text, place)), None)


def joins(text: str, place: int) -> bool:
    """Whether the character at `place` may not be parted from the one before."""
    char = text[place]
    if char.isascii():
        return char == "\n" and text[place - 1] == "\r"
    return (
        unicodedata.category(char)[0] == "M"
        or text[place - 1] == ZWJ
        or INVISIBLE.match(char) is not None
        or char in _JOINING
    )


def _stretch(text: str, place: int) -> int:
    """The end of the simple stretch at `place`; its last character is left to a mark after it."""
    match = _STRETCH.match(text, place)
    if match is None:
        return place
    end = match.end()
    return end - 1 if end < len(text) and joins(text, end) else end


_JOINING = frozenset(
    chr(code)
    for first, last in re.findall(r"(.)(?:-(.))?", _JOINS)
    for code in range(ord(first), ord(last or first) + 1)
)
