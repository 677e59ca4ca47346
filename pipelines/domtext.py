"""The text that a reader sees in a DOM snapshot (pure).

Input is the answer of CDP DOMSnapshot.captureSnapshot with computedStyles [display, visibility,
white-space-collapse].
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from linkshot.keptform import of_blocks
from linkshot.linebreaks import flowing

INLINE = frozenset((
    "inline", "contents", "inline-block", "inline-flex", "inline-grid", "inline-table",
    "ruby", "ruby-base", "ruby-text", "math",
))  # fmt: skip
"""Boxes that end no line: the same as for innerText (HTML Standard §3.2.7)."""
RUBY = frozenset(("RT", "RTC"))
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
GENERATED = "::"
"""List markers and other text of style sheets, which innerText leaves out too."""


def visible_text(snapshot: dict[str, Any]) -> str:
    """All laid-out text of all frames as linkshot.keptform has it, NFC; empty for an empty
    snapshot."""
    strings = snapshot.get("strings", [])
    frames = [_Frame(document, strings) for document in snapshot.get("documents", [])]
    return unicodedata.normalize("NFC", of_blocks(block for f in frames for block in f.blocks()))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a text stands."""

    block: int
    """Index of the nearest element above that is laid out as a block."""
    shown: bool
    aside: bool = False
    """Whether it says how another text is read."""


class _Frame:
    """One document of the snapshot."""

    def __init__(self, document: dict[str, Any], strings: Sequence[str]) -> None:
        nodes, self.layout = document["nodes"], document["layout"]
        self.strings = strings
        self.parents: Sequence[int] = nodes["parentIndex"]
        self.names: Sequence[int] = nodes["nodeName"]
        self.styles = {
            node: (strings[style[0]], strings[style[1]])
            for node, style in zip(self.layout["nodeIndex"], self.layout["styles"], strict=True)
            if len(style) >= 2
        }

    def blocks(self) -> Iterator[str]:
        """Blocks in document order, white space squeezed; some are empty."""
        block = -1
        parts: list[str] = []
        asides: list[str] = []
        for place, text in self._pieces():
            if place.block != block:
                yield from map(_squeezed, ("".join(parts), " ".join(asides)))
                parts, asides = [], []
            block = place.block
            (asides if place.aside else parts).append(text)
        yield from map(_squeezed, ("".join(parts), " ".join(asides)))

    def _pieces(self) -> Iterator[tuple[_Place, str]]:
        """Every visible text in order, and where it stands."""
        layout = self.layout
        for node, text, style in zip(
            layout["nodeIndex"], layout["text"], layout["styles"], strict=True
        ):
            if text < 0 or self._name(node).startswith(GENERATED):
                continue
            place = self._place(node)
            if place.shown:
                words = self.strings[text]
                kept = self._keeps_lines(style) or self._name(node) == "BR"
                yield place, words.replace("\n", LINE) if kept else words

    def _keeps_lines(self, style: Sequence[int]) -> bool:
        """Whether line breaks are seen; the layout knows it of every text."""
        return len(style) > 2 and self.strings[style[2]] in LINES_KEPT

    def _place(self, node: int) -> _Place:
        shown: bool | None = None
        aside = False
        at = self.parents[node]
        for _ in range(MAX_DEPTH):
            if at < 0:
                break
            name = self._name(at)
            if name in SKIPPED:
                return _Place(at, shown=False)
            aside = aside or name in RUBY
            display, visibility = self.styles.get(at, ("contents", ""))
            if shown is None and visibility:
                shown = visibility == "visible"
            if display not in INLINE:
                return _Place(at, shown is not False, aside)
            at = self.parents[at]
        return _Place(at, shown is not False)

    def _name(self, node: int) -> str:
        return self.strings[self.names[node]]


def _squeezed(text: str) -> str:
    """The lines of a block; several empty ones are one, and none stand at its ends."""
    lines = (" ".join(line.split()) for line in flowing(text).split(LINE))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines).strip("\n"))
