"""The text that a reader sees in a DOM snapshot, or opens in it by one click (pure).

Input is the answer of CDP DOMSnapshot.captureSnapshot with computedStyles [display, visibility,
white-space-collapse, font-size].
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from linkshot.text.line_breaks import reflow
from linkshot.text.text_format import BLOCK_BORDER, join_blocks
from pipelines.collapsed import MAX_PAGE_OPTIONS, Nodes
from pipelines.text_gaps import Box, Laid, apart, boxes_of, is_drop_cap

INLINE = frozenset((
    "inline", "contents", "inline-block", "inline-flex", "inline-grid", "inline-table",
    "ruby", "ruby-base", "ruby-text", "math",
))  # fmt: skip
"""Boxes that end no line: the same as for innerText (HTML Standard §3.2.7)."""
FLOWING = frozenset(("inline", "contents", "ruby", "ruby-base", "ruby-text", "math"))
"""Those of them that are no box of their own: their text goes on from line to line."""
RUBY_TEXT = frozenset(("RT", "RTC"))
"""How a word is said; it comes after the block, so that it does not cut the word."""
SKIPPED = frozenset(("SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "HEAD", "TITLE", "INPUT"))
"""Elements whose text is no text of the page; what is typed into an input may be secret."""
LINES_KEPT = frozenset(("preserve", "preserve-breaks", "break-spaces"))
"""Values of white-space-collapse with which a line break in the source is one on the page: those of
white-space: pre, pre-wrap, pre-line and break-spaces (CSS Text 4 §3.1)."""
MAX_DEPTH = 200
"""Inline elements around a text that are looked at; more are no layout but an attack."""
LINE = "\x1e"
"""Stands for a line break that is seen (`<br>`, `<pre>`) while a block is collected; a line feed is
one of the source (RS, record separator)."""
FIRST_LETTER = "::first-letter"
GENERATED = "::"
"""List markers and other text of style sheets, which innerText leaves out too."""


def visible_text(snapshot: dict[str, Any]) -> str:
    """All laid-out text of all frames as linkshot.text.text_format has it, NFC; empty for an empty
    snapshot."""
    strings = snapshot.get("strings", [])
    frames = [_Frame(document, strings) for document in snapshot.get("documents", [])]
    return unicodedata.normalize("NFC", join_blocks(block for f in frames for block in f.blocks()))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a text stands."""

    block: int
    """Index of the nearest element above that is laid out as a block."""
    shown: bool
    aside: bool = False
    """Whether it says how another text is read."""
    box: int = -1
    """Index of the nearest element above that is a box of its own, in a line or not."""
    holders: tuple[int, ...] = ()
    """The elements above up to the block."""
    ruby: bool = False


class _Frame:
    """One document of the snapshot."""

    def __init__(self, document: dict[str, Any], strings: Sequence[str]) -> None:
        nodes, self.layout = document["nodes"], document["layout"]
        self.strings = strings
        self.nodes = Nodes(nodes, strings)
        self.parents = self.nodes.parents
        self.sizes: dict[int, float] = {}
        """Index of a string → the font size it says."""
        self.boxes = boxes_of(document.get("textBoxes", {}))
        self.styles = {
            node: (strings[style[0]], strings[style[1]])
            for node, style in zip(self.layout["nodeIndex"], self.layout["styles"], strict=True)
            if len(style) >= 2
        }
        self.laid = frozenset(self.layout["nodeIndex"])
        self.options_left = MAX_PAGE_OPTIONS

    def blocks(self) -> Iterator[str]:
        """Blocks in document order, white space squeezed; some are empty."""
        block = -1
        parts: list[str] = []
        asides: list[str] = []
        last: Laid | None = None
        for place, laid in self._pieces():
            cap = last is not None and parts == [last.text] and is_drop_cap(last, laid)
            if place.block != block and not cap:
                yield from map(_squeezed, ("".join(parts), " ".join(asides)))
                parts, asides, last = [], [], None
            block = place.block
            if place.aside:
                asides.append(laid.text)
                continue
            if last is not None and not cap and apart(last, laid):
                parts.append(" ")
            parts.append(laid.text)
            last = laid if laid.text else last
        yield from map(_squeezed, ("".join(parts), " ".join(asides)))

    def _pieces(self) -> Iterator[tuple[_Place, Laid]]:
        """Every visible text in order, and where it stands."""
        layout = self.layout
        collapsed = self._collapsed()
        for index, (node, text, style) in enumerate(
            zip(layout["nodeIndex"], layout["text"], layout["styles"], strict=True)
        ):
            yield from self._piece(index, node, text, style)
            for closed in collapsed.get(index, ()):
                yield from self._opened(closed)

    def _piece(
        self, index: int, node: int, text: int, style: Sequence[int]
    ) -> Iterator[tuple[_Place, Laid]]:
        """The text of an entry of the layout, if it is one; that of an option in an open list is in
        a tree of the browser's own."""
        name = self.nodes.name(node)
        if text < 0 and name == "OPTION":
            node, text = node + 1, self.nodes.option(node)
        if text < 0 or (name.startswith(GENERATED) and name != FIRST_LETTER):
            return
        place = self._place(node)
        if place.shown:
            words = self.strings[text]
            kept = self._keeps_lines(style) or name == "BR"
            laid = words.replace("\n", LINE) if kept else words
            yield place, self._laid(index, laid, style, place, fixed=name == FIRST_LETTER)

    def _collapsed(self) -> dict[int, list[int]]:
        """Entry of the layout → closed details and drop-down lists that end with it."""
        last = {node: index for index, node in enumerate(self.layout["nodeIndex"])}
        found: dict[int, list[int]] = {}
        for node, (_, visibility) in self.styles.items():
            name = self.nodes.name(node)
            if visibility != "visible" or name not in ("DETAILS", "SELECT"):
                continue
            if name == "SELECT" or self.nodes.is_closed(node):
                inside = range(node, self.nodes.end(node))
                found.setdefault(max(last[n] for n in inside if n in last), []).append(node)
        return found

    def _opened(self, node: int) -> Iterator[tuple[_Place, Laid]]:
        """The text of closed details, block by block; the options of a list after its block."""
        around = self._place(node)
        if not around.shown:
            return
        if self.nodes.name(node) == "DETAILS":
            for one in self.nodes.inside_details(node, self.laid):
                words = one.text.replace("\n", LINE) if one.keeps_lines else one.text
                yield _Place(one.block, shown=True, aside=one.aside), _without_place(words)
            return
        options = self.nodes.options(node, self.laid)[: self.options_left]
        self.options_left -= len(options)
        for words in options:
            yield _Place(around.block, shown=True, aside=True), _without_place(words)

    def _laid(
        self, index: int, text: str, style: Sequence[int], place: _Place, *, fixed: bool
    ) -> Laid:
        first, last = self.boxes.get(index, (None, None))
        return Laid(
            text=text,
            first=first,
            last=last,
            font_px=self._font_px(style, first),
            box=place.box,
            holders=place.holders,
            fixed=fixed or place.ruby,
        )

    def _font_px(self, style: Sequence[int], box: Box | None) -> float:
        """The font size; snapshots of before do not tell it, but the height of a line does."""
        if len(style) <= 3:
            return box.height * 0.85 if box else 0.0
        told = style[3]
        if told not in self.sizes:
            found = re.match(r"[\d.]+(?=px$)", self.strings[told])
            self.sizes[told] = float(found[0]) if found else 0.0
        return self.sizes[told]

    def _keeps_lines(self, style: Sequence[int]) -> bool:
        """Whether line breaks are seen; the layout knows it of every text."""
        return len(style) > 2 and self.strings[style[2]] in LINES_KEPT

    def _place(self, node: int) -> _Place:
        shown: bool | None = None
        aside = ruby = False
        box = -1
        holders: list[int] = []
        at = self.parents[node]
        for _ in range(MAX_DEPTH):
            if at < 0:
                break
            name = self.nodes.name(at)
            if name in SKIPPED:
                return _Place(at, shown=False)
            aside = aside or name in RUBY_TEXT
            ruby = ruby or name == "RUBY"
            display, visibility = self.styles.get(at, ("contents", ""))
            if shown is None and visibility:
                shown = visibility == "visible"
            holders.append(at)
            if box < 0 and display not in FLOWING:
                box = at
            if display not in INLINE:
                return _Place(at, shown is not False, aside, box, tuple(holders), ruby)
            at = self.parents[at]
        return _Place(at, shown is not False, aside, box, tuple(holders), ruby)


def _without_place(text: str) -> Laid:
    return Laid(text=text, first=None, last=None, font_px=0.0, box=-1, holders=())


def _squeezed(text: str) -> str:
    """The lines of a block; several empty ones are one, and none stand at its ends."""
    if not text or text.isspace():
        return ""
    lines = (" ".join(line.split()) for line in reflow(text).split(LINE))
    found = "\n".join(lines).strip("\n")
    return re.sub(r"\n{3,}", BLOCK_BORDER, found) if BLOCK_BORDER in found else found
