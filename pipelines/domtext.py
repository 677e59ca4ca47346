"""Which text does a reader see in a DOM snapshot? (pure)

Input is the answer of CDP DOMSnapshot.captureSnapshot with computedStyles [display, visibility].
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

INLINE = ("inline", "contents", "ruby", "ruby-base", "ruby-text")
SKIPPED = frozenset({"SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "HEAD", "TITLE"})
TEXT_NODE = 3


def visible_text(snapshot: dict[str, Any]) -> str:
    """All laid-out text of all frames, one block a line, NFC; empty for an empty snapshot."""
    strings = snapshot.get("strings", [])
    documents = [_Frame(document, strings) for document in snapshot.get("documents", [])]
    lines = [line for frame in documents for line in frame.lines()]
    return unicodedata.normalize("NFC", "\n".join(lines))


@dataclass(slots=True)
class _Frame:
    document: dict[str, Any]
    strings: Sequence[str]

    def lines(self) -> Iterator[str]:
        """Blocks in document order, white space squeezed, empty ones left out."""
        block = -1
        parts: list[str] = []
        for owner, text in self._pieces():
            if owner != block and parts:
                yield from _squeezed("".join(parts))
                parts = []
            block = owner
            parts.append(text)
        yield from _squeezed("".join(parts))

    def _pieces(self) -> Iterator[tuple[int, str]]:
        """(block that holds it, text) of every visible text in order."""
        nodes, layout = self.document["nodes"], self.document["layout"]
        styles = self._styles(layout)
        parents: Sequence[int] = nodes["parentIndex"]
        for node, text in zip(layout["nodeIndex"], layout["text"], strict=True):
            if text < 0:
                continue
            owner, shown = self._owner(node, parents, styles)
            if shown:
                yield owner, self.strings[text]

    def _styles(self, layout: dict[str, Any]) -> dict[int, tuple[str, str]]:
        """Node → (display, visibility) where it has a box."""
        found: dict[int, tuple[str, str]] = {}
        for node, style in zip(layout["nodeIndex"], layout["styles"], strict=True):
            if len(style) >= 2:
                found[node] = (self.strings[style[0]], self.strings[style[1]])
        return found

    def _owner(
        self, node: int, parents: Sequence[int], styles: dict[int, tuple[str, str]]
    ) -> tuple[int, bool]:
        """The nearest block above a text, and whether the text is shown."""
        names = self.document["nodes"]["nodeName"]
        shown: bool | None = None
        at = parents[node]
        while at >= 0:
            if self.strings[names[at]] in SKIPPED:
                return at, False
            display, visibility = styles.get(at, ("contents", ""))
            if shown is None and visibility:
                shown = visibility == "visible"
            if display not in INLINE:
                return at, shown is not False
            at = parents[at]
        return at, shown is not False


def _squeezed(text: str) -> Iterator[str]:
    for line in text.replace("\u00a0", " ").split("\n"):
        clean = re.sub(r"\s+", " ", line).strip()
        if clean:
            yield clean
