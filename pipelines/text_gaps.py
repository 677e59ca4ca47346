"""Whether two texts beside each other in a document stand apart on the page (pure).

Components leave no white space between elements; only the layout tells `<b>H</b>ello` from two
labels. The places are those of CDP DOMSnapshot: for each text the boxes of its lines, in CSS pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from linkshot.text.line_breaks import between_wide

WORD_GAP = 0.2
"""Of the font size; a space is a quarter of it in most fonts, and an italic overhangs by less."""
HAN_GAP = 0.45
"""The same between Han characters of a text and of an element in it: `<code>` and its like have
padding, and nobody sees a border of words in it."""
CAP_GAP, CAP_SIZE, CAP_CHARS = 0.3, 1.5, 2
"""A drop cap: how far the text may stand from it (of the font size of the cap), how much larger it is
at least, of how many characters it is at most."""
SAME_LINE = 0.3
"""Share of the lower box that must lie beside the other one."""


class Box(NamedTuple):
    """A line of a text."""

    left: float
    top: float
    width: float
    height: float

    def beside(self, other: "Box") -> bool:
        """Whether both are on one line."""
        bottom = min(self.top + self.height, other.top + other.height)
        both = bottom - max(self.top, other.top)
        return both > SAME_LINE * min(self.height, other.height)

    def gap(self, other: "Box") -> float:
        """Pixels between both, whichever is left; negative where they overlap."""
        return max(other.left - self.left - self.width, self.left - other.left - other.width)


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """A text and where it stands."""

    text: str
    first: Box | None
    last: Box | None
    """Its first and its last line; None when it has no place."""
    font_px: float
    box: int
    """The nearest element above that is a box of its own."""
    holders: tuple[int, ...]
    """The elements above, the nearest first."""
    fixed: bool = False
    """Part of a word whatever its place: a base of ruby, a first letter."""


def apart(before: Laid, after: Laid) -> bool:
    """Whether a reader sees a border of words between two texts of one block."""
    if before.last is None or after.first is None or before.fixed or after.fixed:
        return False
    if before.text[-1:].isspace() or after.text[:1].isspace():
        return False
    bare = before.holders[:1] == after.holders[:1] or _holds(before, after) or _holds(after, before)
    if not before.last.beside(after.first):
        letters = len(before.text) == len(after.text) == 1
        return before.box != after.box and not bare and not letters
    han = bare and between_wide(before.text[-1:] + after.text[:1], 0, 1)
    limit = (HAN_GAP if han else WORD_GAP) * min(before.font_px, after.font_px)
    return before.last.gap(after.first) > limit


def is_drop_cap(before: Laid, after: Laid) -> bool:
    """Whether a text is the large first letter of the word that the next one goes on with."""
    if before.last is None or after.first is None or len(before.text) > CAP_CHARS:
        return False
    letters = before.text.isalpha() and after.text[:1].isalpha()
    large = before.font_px >= CAP_SIZE * after.font_px
    near = before.last.gap(after.first) <= CAP_GAP * before.font_px
    return letters and large and near and before.last.beside(after.first)


def boxes_of(text_boxes: dict[str, Any]) -> dict[int, tuple[Box, Box]]:
    """Index in the layout → the first and the last line of that text."""
    indices: Sequence[int] = text_boxes.get("layoutIndex", ())
    bounds: Sequence[Sequence[float]] = text_boxes.get("bounds", ())
    last = dict(zip(indices, bounds, strict=False))
    first = dict(zip(reversed(indices), reversed(bounds), strict=False))
    return {index: (Box(*first[index]), Box(*last[index])) for index in last}


def _holds(outer: Laid, inner: Laid) -> bool:
    """Whether one text stands directly in an element around the other."""
    return outer.holders[0] in inner.holders if outer.holders else False
