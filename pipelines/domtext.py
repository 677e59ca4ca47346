"""Which text does a reader see in a DOM snapshot? (pure)

Input is the answer of CDP DOMSnapshot.captureSnapshot with computedStyles [display, visibility].
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

INLINE = frozenset((
    "inline", "contents", "inline-block", "inline-flex", "inline-grid", "inline-table",
    "ruby", "ruby-base", "ruby-text", "math",
))  # fmt: skip
"""Boxes that end no line: the same as for innerText (HTML Standard §3.2.7)."""
RUBY = frozenset(("RT", "RTC"))
"""How a word is said; it comes after the block, so that it does not cut the word."""
SKIPPED = frozenset(("SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "HEAD", "TITLE", "INPUT"))
"""Elements whose text is no text of the page; what is typed into an input may be secret."""
LINES_KEPT = frozenset(("PRE", "TEXTAREA", "LISTING", "PLAINTEXT", "XMP"))
GENERATED = "::"
"""List markers and other text of style sheets, which innerText leaves out too."""


def visible_text(snapshot: dict[str, Any]) -> str:
    """All laid-out text of all frames, one block a line, NFC; empty for an empty snapshot."""
    strings = snapshot.get("strings", [])
    frames = [_Frame(document, strings) for document in snapshot.get("documents", [])]
    return unicodedata.normalize("NFC", "\n".join(line for f in frames for line in f.lines()))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a text stands."""

    block: int
    """Index of the nearest element above that is laid out as a block."""
    shown: bool
    lines: bool = False
    """Whether its line breaks are kept."""
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

    def lines(self) -> Iterator[str]:
        """Blocks in document order, white space squeezed, empty ones left out."""
        block = -1
        parts: list[str] = []
        asides: list[str] = []
        for place, text in self._pieces():
            if place.block != block:
                yield from _squeezed("".join(parts), " ".join(asides))
                parts, asides = [], []
            block = place.block
            (asides if place.aside else parts).append(text)
        yield from _squeezed("".join(parts), " ".join(asides))

    def _pieces(self) -> Iterator[tuple[_Place, str]]:
        """Every visible text in order, and where it stands."""
        for node, text in zip(self.layout["nodeIndex"], self.layout["text"], strict=True):
            if text < 0 or self._name(node).startswith(GENERATED):
                continue
            place = self._place(node)
            if place.shown:
                words = self.strings[text]
                kept = place.lines or self._name(node) == "BR"
                yield place, words if kept else words.replace("\n", " ")

    def _place(self, node: int) -> _Place:
        shown: bool | None = None
        aside = False
        at = self.parents[node]
        while at >= 0:
            name = self._name(at)
            if name in SKIPPED:
                return _Place(at, shown=False)
            aside = aside or name in RUBY
            display, visibility = self.styles.get(at, ("contents", ""))
            if shown is None and visibility:
                shown = visibility == "visible"
            if display not in INLINE:
                lines = name in LINES_KEPT or self._in_pre(at)
                return _Place(at, shown is not False, lines, aside)
            at = self.parents[at]
        return _Place(at, shown is not False)

    def _in_pre(self, node: int) -> bool:
        """Blocks inside PRE (code with a line each) keep line breaks as well."""
        parent = self.parents[node]
        return parent >= 0 and self._name(parent) in LINES_KEPT

    def _name(self, node: int) -> str:
        return self.strings[self.names[node]]


def _squeezed(*texts: str) -> Iterator[str]:
    for line in "\n".join(texts).split("\n"):
        clean = re.sub(r"\s+", " ", line).strip()
        if clean:
            yield clean
