"""Extracts the text that a reader sees in a DOM snapshot, or opens in it by one click (pure).

The input is the result of CDP DOMSnapshot.captureSnapshot with computedStyles [display, visibility,
white-space-collapse, font-size]. Blocks and lines follow the rules of innerText, with two additions:
word boundaries by layout (text_gaps.py) and collapsed content (collapsed.py).
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from linkshot.text.line_breaks import reflow
from linkshot.text.text_format import BLOCK_BORDER, join_blocks
from pipelines.collapsed import MAX_PAGE_OPTIONS, DomNodes
from pipelines.text_gaps import (
    LineBox,
    TextRun,
    first_and_last_boxes,
    is_drop_cap,
    is_word_boundary,
)

INLINE_DISPLAYS = frozenset((
    "inline", "contents", "inline-block", "inline-flex", "inline-grid", "inline-table",
    "ruby", "ruby-base", "ruby-text", "math",
))  # fmt: skip
"""Display values that start no new line, as for innerText (HTML Standard §3.2.7)."""
FLOWING_DISPLAYS = frozenset(("inline", "contents", "ruby", "ruby-base", "ruby-text", "math"))
"""Inline values without a box of their own: their text flows across lines."""
RUBY_TEXT_TAGS = frozenset(("RT", "RTC"))
"""Pronunciation; emitted after the block, so that it does not split the word."""
SKIPPED_TAGS = frozenset(("SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "HEAD", "TITLE", "INPUT"))
"""Elements whose text is not part of the page; text typed into an input may be secret."""
LINE_PRESERVING = frozenset(("preserve", "preserve-breaks", "break-spaces"))
"""Values of white-space-collapse that preserve line breaks: those of white-space: pre, pre-wrap,
pre-line and break-spaces (CSS Text 4 §3.1)."""
MAX_DEPTH = 200
"""Inline ancestors that are examined; deeper nesting is an attack, not a layout."""
LINE_SEPARATOR = "\x1e"
"""Marks a visible line break (`<br>`, `<pre>`) while a block is collected; a line feed is only a line
break of the source (RS, record separator)."""
FIRST_LETTER = "::first-letter"
PSEUDO_ELEMENT = "::"
"""Prefix of list markers and other generated content, which innerText omits too."""


def visible_text(snapshot: dict[str, Any]) -> str:
    """All laid-out text of all frames in the format of linkshot.text.text_format, NFC; empty for an
    empty snapshot."""
    strings = snapshot.get("strings", [])
    frames = [_FrameReader(document, strings) for document in snapshot.get("documents", [])]
    return unicodedata.normalize("NFC", join_blocks(block for f in frames for block in f.blocks()))


@dataclass(frozen=True, slots=True)
class _Context:
    """Where a text is in the document."""

    block: int
    """Node index of the nearest ancestor that is laid out as a block."""
    shown: bool
    aside: bool = False
    """Whether it is emitted after its block: pronunciation, options of a list."""
    box: int = -1
    """Node index of the nearest ancestor with a box of its own, inline or not."""
    ancestors: tuple[int, ...] = ()
    """Ancestors up to the block, nearest first."""
    ruby: bool = False


class _FrameReader:
    """One document of the snapshot."""

    def __init__(self, document: dict[str, Any], strings: Sequence[str]) -> None:
        nodes, self.layout = document["nodes"], document["layout"]
        self.strings = strings
        self.nodes = DomNodes(nodes, strings)
        self.parents = self.nodes.parents
        self.sizes: dict[int, float] = {}
        """Font sizes by index of the string that holds them (cache)."""
        self.boxes = first_and_last_boxes(document.get("textBoxes", {}))
        self.styles = {
            node: (strings[style[0]], strings[style[1]])
            for node, style in zip(self.layout["nodeIndex"], self.layout["styles"], strict=True)
            if len(style) >= 2
        }
        self.laid = frozenset(self.layout["nodeIndex"])
        self.options_left = MAX_PAGE_OPTIONS

    def blocks(self) -> Iterator[str]:
        """Blocks in document order, white space collapsed; some are empty."""
        block = -1
        parts: list[str] = []
        asides: list[str] = []
        last: TextRun | None = None
        for context, run in self._text_runs():
            cap = last is not None and parts == [last.text] and is_drop_cap(last, run)
            if context.block != block and not cap:
                yield from map(_squeeze, ("".join(parts), " ".join(asides)))
                parts, asides, last = [], [], None
            block = context.block
            if context.aside:
                asides.append(run.text)
                continue
            if last is not None and not cap and is_word_boundary(last, run):
                parts.append(" ")
            parts.append(run.text)
            last = run if run.text else last
        yield from map(_squeeze, ("".join(parts), " ".join(asides)))

    def _text_runs(self) -> Iterator[tuple[_Context, TextRun]]:
        """Every visible text in document order."""
        layout = self.layout
        collapsed = self._collapsed_nodes()
        for index, (node, text, style) in enumerate(
            zip(layout["nodeIndex"], layout["text"], layout["styles"], strict=True)
        ):
            yield from self._text_run(index, node, text, style)
            for closed in collapsed.get(index, ()):
                yield from self._collapsed_text(closed)

    def _text_run(
        self, index: int, node: int, text: int, style: Sequence[int]
    ) -> Iterator[tuple[_Context, TextRun]]:
        """The run of a layout entry, if it has text. The text of an option in an open list is in a
        shadow tree of the browser, so it is taken from the option itself."""
        name = self.nodes.name(node)
        if text < 0 and name == "OPTION":
            node, text = node + 1, self.nodes.option_text(node)
        if text < 0 or (name.startswith(PSEUDO_ELEMENT) and name != FIRST_LETTER):
            return
        context = self._context(node)
        if context.shown:
            words = self.strings[text]
            preserved = len(style) > 2 and self.strings[style[2]] in LINE_PRESERVING
            kept = preserved or name == "BR"
            laid = words.replace("\n", LINE_SEPARATOR) if kept else words
            yield context, self._placed_run(index, laid, style, context, fixed=name == FIRST_LETTER)

    def _collapsed_nodes(self) -> dict[int, list[int]]:
        """Maps a layout entry to the closed details and drop-down lists that end with it."""
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

    def _collapsed_text(self, node: int) -> Iterator[tuple[_Context, TextRun]]:
        """The text of closed details, block by block, or the options of a list, after its block."""
        around = self._context(node)
        if not around.shown:
            return
        if self.nodes.name(node) == "DETAILS":
            for one in self.nodes.inside_details(node, self.laid):
                words = one.text.replace("\n", LINE_SEPARATOR) if one.keeps_lines else one.text
                yield _Context(one.block, shown=True, aside=one.aside), _unplaced_run(words)
            return
        options = self.nodes.options(node, self.laid)[: self.options_left]
        self.options_left -= len(options)
        for words in options:
            yield _Context(around.block, shown=True, aside=True), _unplaced_run(words)

    def _placed_run(
        self, index: int, text: str, style: Sequence[int], context: _Context, *, fixed: bool
    ) -> TextRun:
        first, last = self.boxes.get(index, (None, None))
        return TextRun(
            text=text,
            first=first,
            last=last,
            font_px=self._font_px(style, first),
            box=context.box,
            ancestors=context.ancestors,
            fixed=fixed or context.ruby,
        )

    def _font_px(self, style: Sequence[int], box: LineBox | None) -> float:
        """The font size; old snapshots lack it, so it is estimated from the height of a line."""
        if len(style) <= 3:
            return box.height * 0.85 if box else 0.0
        string = style[3]
        if string not in self.sizes:
            found = re.match(r"[\d.]+(?=px$)", self.strings[string])
            self.sizes[string] = float(found[0]) if found else 0.0
        return self.sizes[string]

    def _context(self, node: int) -> _Context:
        shown: bool | None = None
        aside = ruby = False
        box = -1
        ancestors: list[int] = []
        at = self.parents[node]
        for _ in range(MAX_DEPTH):
            if at < 0:
                break
            name = self.nodes.name(at)
            if name in SKIPPED_TAGS:
                return _Context(at, shown=False)
            aside = aside or name in RUBY_TEXT_TAGS
            ruby = ruby or name == "RUBY"
            display, visibility = self.styles.get(at, ("contents", ""))
            if shown is None and visibility:
                shown = visibility == "visible"
            ancestors.append(at)
            if box < 0 and display not in FLOWING_DISPLAYS:
                box = at
            if display not in INLINE_DISPLAYS:
                return _Context(at, shown is not False, aside, box, tuple(ancestors), ruby)
            at = self.parents[at]
        return _Context(at, shown is not False, aside, box, tuple(ancestors), ruby)


def _unplaced_run(text: str) -> TextRun:
    return TextRun(text=text, first=None, last=None, font_px=0.0, box=-1, ancestors=())


def _squeeze(text: str) -> str:
    """The lines of a block; runs of empty lines become one, leading and trailing ones go."""
    if not text or text.isspace():
        return ""
    lines = (" ".join(line.split()) for line in reflow(text).split(LINE_SEPARATOR))
    found = "\n".join(lines).strip("\n")
    return re.sub(r"\n{3,}", BLOCK_BORDER, found) if BLOCK_BORDER in found else found
