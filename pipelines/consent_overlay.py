"""Finds a consent box that covers the page, in the layout of a DOM snapshot (pure).

Needs the computed styles `position`, `background-color`, `opacity` and `z-index` and the paint order of CDP
DOMSnapshot.captureSnapshot. What covers is a box with a background, most of the viewport large, inside a
fixed box and painted after the text of the page: the box of the question itself or a backdrop behind it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

VISIBILITY, POSITION, BACKGROUND, OPACITY, Z_INDEX = 1, 4, 5, 6, 7
"""Indices among the computed styles of a snapshot."""
TRANSPARENT = re.compile(r"transparent|rgba\(.*,\s*0(?:\.0\d*)?\)|color\(.*/\s*0\)")
MIN_OPACITY = 0.1
COVERS = 0.6
"""Share of the viewport."""
ASKS = 0.08
"""Same, that the box of the question has at least; smaller ones are chat buttons and the like."""
BEHIND = 0.8
"""Share of the page's text that lies behind what covers it."""
MIN_PAGE_CHARS = 100
MAX_QUESTION_CHARS = 8000
"""Characters of fixed boxes; more is an app that has all its text in one."""
SUBJECT = re.compile(
    r"\bcookies?\b|\bconsent|\bprivacy|\bgdpr\b|隐私|隱私|同意|プライバシー|クッキー", re.IGNORECASE
)
CHOICE = re.compile(
    r"\b(?:accept|agree|allow|reject|decline|refuse|got it|ok|continue|manage|preferences)\b"
    r"|同意|接受|拒绝|拒絕|允许|允許|知道了|继续|繼續|確認|确定|许可|許可|承諾",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _FixedBox:
    """A box that does not scroll, with everything in it."""

    behind: bool
    """Painted below the text by a negative z-index, which the paint order of a snapshot does not show."""
    share: float = 0.0
    """Of the viewport that it takes."""
    covers: int = -1
    """Highest paint order of what covers the viewport in it."""
    text: list[str] = field(default_factory=list)


def covers_page(snapshot: Mapping[str, object]) -> bool:
    """Whether a box that asks for consent covers the page; False for snapshots without paint order."""
    documents: Any = snapshot.get("documents") or ()
    strings: Any = snapshot.get("strings") or ()
    if not documents or "paintOrders" not in documents[0]["layout"]:
        return False
    layout = _Layout(documents, strings)
    question = [box for box in layout.boxes if _asks("".join(box.text))]
    chars = sum(len(piece) for box in layout.boxes for piece in box.text)
    size = sum(length for _, length in layout.page)
    if not question or size < MIN_PAGE_CHARS or chars > MAX_QUESTION_CHARS:
        return False
    if max(box.share for box in question) < ASKS:
        return False
    last = max(box.covers for box in layout.boxes)
    return sum(length for painted, length in layout.page if painted < last) > BEHIND * size


def _asks(text: str) -> bool:
    return SUBJECT.search(text) is not None and CHOICE.search(text) is not None


class _Layout:
    """The fixed boxes of the main document, and paint order and length of each text outside of them."""

    def __init__(self, documents: Sequence[dict[str, Any]], strings: Sequence[str]) -> None:
        self.documents, self.strings = documents, strings
        self.names: Sequence[int] = documents[0]["nodes"]["nodeName"]
        self.boxes: list[_FixedBox] = []
        self.page: list[tuple[int, int]] = []
        main = documents[0]
        inside = main["nodes"].get("contentDocumentIndex") or {}
        self.frames = dict(zip(inside.get("index", ()), inside.get("value", ()), strict=False))
        # the first box is the viewport's; what is fixed in it moves with the scroll offset
        x, y = main.get("scrollOffsetX", 0), main.get("scrollOffsetY", 0)
        width, height = main["layout"]["bounds"][0][2:]
        self.viewport: tuple[float, float, float, float] = (x, y, width, height)
        self._read(main["nodes"]["parentIndex"], main["layout"])

    def _read(self, parents: Sequence[int], layout: dict[str, Any]) -> None:
        index_of = {node: index for index, node in reversed(list(enumerate(layout["nodeIndex"])))}
        owner: dict[int, _FixedBox] = {}
        for node, parent in enumerate(parents):
            box = owner.get(parent)
            index = index_of.get(node)
            if index is not None:
                box = self._place(box, node, index, layout)
            if box is not None:
                owner[node] = box

    def _place(
        self, box: _FixedBox | None, node: int, index: int, layout: dict[str, Any]
    ) -> _FixedBox | None:
        """Notes one laid-out node; returns the fixed box that it is in."""
        style = [self.strings[one] for one in layout["styles"][index]]
        painted, text = layout["paintOrders"][index], layout["text"][index]
        if len(style) > Z_INDEX and style[POSITION] == "fixed":
            box = _FixedBox(behind=style[Z_INDEX].startswith("-"))
            if style[VISIBILITY] == "visible" and float(style[OPACITY] or 1) >= MIN_OPACITY:
                self.boxes.append(box)
            # the backdrop of a modal dialog is in no snapshot; one that is not modal is not fixed
            if self._name(node) == "DIALOG":
                box.covers = painted
        if box is not None:
            share = self._share(layout["bounds"][index])
            box.share = max(box.share, share)
            if share >= COVERS and not box.behind and not TRANSPARENT.match(style[BACKGROUND]):
                box.covers = max(box.covers, painted)
        words = [self.strings[text]] if text >= 0 else []
        if box is None:
            self.page += [(painted, len(one.strip())) for one in words]
            return None
        if node in self.frames:
            words += self._text_of_frame(self.frames[node])
        box.text += words
        return box

    def _name(self, node: int) -> str:
        return self.strings[self.names[node]]

    def _text_of_frame(self, number: int) -> Iterator[str]:
        return (
            self.strings[text] for text in self.documents[number]["layout"]["text"] if text >= 0
        )

    def _share(self, bounds: Sequence[float]) -> float:
        (left, top, width, height), (x, y, wide, high) = bounds, self.viewport
        shown_width = min(left + width, x + wide) - max(left, x)
        shown_height = min(top + height, y + high) - max(top, y)
        if shown_width <= 0 or shown_height <= 0 or not wide * high:
            return 0.0
        return shown_width * shown_height / (wide * high)
