"""Parses a stored article into blocks and spans of plain text, without its markup.

Templates escape the text, so that no markup of a stored page runs in our origin.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_BYTES = 4_000_000
MAX_BLOCKS = 5000
MAX_DEPTH = 200
KINDS = {
    "h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4",
    "p": "p", "li": "li", "blockquote": "quote", "pre": "pre", "tr": "row",
    "figcaption": "caption", "dt": "h4", "dd": "p",
}  # fmt: skip
"""Element → kind of block."""
BLOCK_ELEMENTS = frozenset(
    [
        "div",
        "section",
        "article",
        "main",
        "header",
        "footer",
        "ul",
        "ol",
        "dl",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "figure",
        "hr",
        "aside",
        "nav",
        "body",
        "html",
        "form",
        "details",
        "summary",
        "address",
    ]
)
"""Elements that end a block without beginning a special one."""
STYLES = {"strong": "strong", "b": "strong", "em": "em", "i": "em", "code": "code", "kbd": "code"}
DROPPED = frozenset(("script", "style", "template", "head", "title", "svg", "noscript", "iframe"))


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text."""

    text: str
    style: str = ""
    """`strong`, `em`, `code` or nothing."""
    href: str = ""
    """An http(s) address, or empty."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item, …"""

    kind: str
    """`p`, `h2`, `h3`, `h4`, `li`, `quote`, `pre`, `row`, `caption`."""
    spans: tuple[Span, ...]


def blocks_of_html(data: bytes) -> tuple[Block, ...]:
    """The blocks of an HTML document in UTF-8."""
    root = LexborHTMLParser(data[:MAX_BYTES].decode("utf-8", "replace")).body
    if root is None:
        return ()
    writer = _BlockBuilder()
    _walk(root, writer, Span(""), 0)
    writer.end("p")
    return tuple(writer.blocks)


def blocks_of_text(text: str) -> tuple[Block, ...]:
    """One paragraph per line that is not blank."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(Block("p", (Span(line),)) for line in lines if line)[:MAX_BLOCKS]


@dataclass(slots=True)
class _BlockBuilder:
    blocks: list[Block] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    kind: str = "p"

    def end(self, following: str) -> None:
        """Close the block being written; the next one is `following`."""
        spans = tuple(span for span in self.spans if span.text)
        if any(span.text.strip() for span in spans) and len(self.blocks) < MAX_BLOCKS:
            self.blocks.append(Block(self.kind, spans))
        self.spans = []
        self.kind = following


def _walk(node: LexborNode, writer: _BlockBuilder, style: Span, depth: int) -> None:
    for child in _children(node):
        tag = child.tag or ""
        if tag == "-text":
            writer.spans.append(Span(_collapse_spaces(child, writer), style.style, style.href))
        elif tag == "br":
            writer.spans.append(Span("\n", style.style, style.href))
        elif tag in DROPPED or depth > MAX_DEPTH:
            continue
        elif tag in KINDS or tag in BLOCK_ELEMENTS:
            _block(child, tag, writer, style, depth)
        else:
            inner = Span("", STYLES.get(tag, style.style), style.href)
            if tag == "a":
                inner = Span("", style.style, _address(child.attributes.get("href") or ""))
            _walk(child, writer, inner, depth + 1)
            if tag in ("td", "th"):
                writer.spans.append(Span(" · "))


def _block(child: LexborNode, tag: str, writer: _BlockBuilder, style: Span, depth: int) -> None:
    outer = writer.kind
    kind = KINDS.get(tag, outer)
    if (child.attributes.get("class") or "") == "byline":
        kind = "caption"
    keeps = outer in ("quote", "li") and kind == "p"
    writer.end(outer if keeps else kind)
    _walk(child, writer, style, depth + 1)
    writer.end(outer)


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        yield child
        child = child.next


def _address(href: str) -> str:
    """Only addresses of the web; javascript: and the rest are nothing."""
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return ""
    return href.strip()[:8192] if parts.scheme in ("http", "https") and parts.netloc else ""


def _collapse_spaces(node: LexborNode, writer: _BlockBuilder) -> str:
    text = node.text_content or ""
    if writer.kind == "pre":
        return text
    squeezed = " ".join(text.split())
    if not squeezed:
        return " " if text and writer.spans else ""
    head = " " if text[0].isspace() and writer.spans else ""
    return head + squeezed + (" " if text[-1].isspace() else "")
