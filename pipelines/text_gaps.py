"""Decides by layout whether two adjacent text runs are separate words (pure).

Component frameworks emit no white space between elements, so only the layout tells `<b>H</b>ello`
from two labels. Boxes come from CDP DOMSnapshot: one per line of a text, in CSS pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from linkshot.text.line_breaks import between_wide

WORD_GAP = 0.2
"""Share of the font size; a space is about 0.25 in most fonts, an italic overhangs by less."""
HAN_GAP = 0.45
"""Same, between Han characters of a text and of an inline element in it: the padding of `<code>`
and the like is no word boundary."""
CAP_GAP, CAP_SIZE, CAP_CHARS = 0.3, 1.5, 2
"""A drop cap: largest distance from its text (share of the cap's font size), smallest ratio of font
sizes, most characters."""
SAME_LINE = 0.3
"""Share of the lower box that must overlap the other one vertically."""


class LineBox(NamedTuple):
    """The box of one line of a text, in CSS pixels."""

    left: float
    top: float
    width: float
    height: float

    def beside(self, other: "LineBox") -> bool:
        """Whether both boxes are on the same line."""
        bottom = min(self.top + self.height, other.top + other.height)
        both = bottom - max(self.top, other.top)
        return both > SAME_LINE * min(self.height, other.height)

    def gap(self, other: "LineBox") -> float:
        """Horizontal distance in pixels, in either order; negative if the boxes overlap."""
        return max(other.left - self.left - self.width, self.left - other.left - other.width)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRun:
    """A text node with its position in layout and document."""

    text: str
    first: LineBox | None
    last: LineBox | None
    """Boxes of the first and last line; None without layout."""
    font_px: float
    box: int
    """Node index of the nearest ancestor with a box of its own."""
    ancestors: tuple[int, ...]
    """Node indices of the ancestors, nearest first."""
    fixed: bool = False
    """Part of a word regardless of position: a ruby base, a ::first-letter."""


def is_word_boundary(before: TextRun, after: TextRun) -> bool:
    """Whether a reader sees a word boundary between two runs of one block."""
    if before.last is None or after.first is None or before.fixed or after.fixed:
        return False
    if before.text[-1:].isspace() or after.text[:1].isspace():
        return False
    bare = (
        before.ancestors[:1] == after.ancestors[:1]
        or _encloses(before, after)
        or _encloses(after, before)
    )
    if not before.last.beside(after.first):
        letters = len(before.text) == len(after.text) == 1
        return before.box != after.box and not bare and not letters
    han = bare and between_wide(before.text[-1:] + after.text[:1], 0, 1)
    limit = (HAN_GAP if han else WORD_GAP) * min(before.font_px, after.font_px)
    return before.last.gap(after.first) > limit


def is_drop_cap(before: TextRun, after: TextRun) -> bool:
    """Whether a run is a drop cap: the large first letter of the word that `after` continues."""
    if before.last is None or after.first is None or len(before.text) > CAP_CHARS:
        return False
    letters = before.text.isalpha() and after.text[:1].isalpha()
    large = before.font_px >= CAP_SIZE * after.font_px
    near = before.last.gap(after.first) <= CAP_GAP * before.font_px
    return letters and large and near and before.last.beside(after.first)


def first_and_last_boxes(text_boxes: dict[str, Any]) -> dict[int, tuple[LineBox, LineBox]]:
    """Maps a layout index to the boxes of the first and last line of its text."""
    indices: Sequence[int] = text_boxes.get("layoutIndex", ())
    bounds: Sequence[Sequence[float]] = text_boxes.get("bounds", ())
    last = dict(zip(indices, bounds, strict=False))
    first = dict(zip(reversed(indices), reversed(bounds), strict=False))
    return {index: (LineBox(*first[index]), LineBox(*last[index])) for index in last}


def _encloses(outer: TextRun, inner: TextRun) -> bool:
    """Whether the parent of one run is an ancestor of the other."""
    return outer.ancestors[0] in inner.ancestors if outer.ancestors else False
