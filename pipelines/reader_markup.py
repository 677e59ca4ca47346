"""What may stand in the reader view? Text elements and http(s) links; as HTML, Markdown, text. (pure)"""

import re
from collections.abc import Iterator
from copy import deepcopy

import lxml.html
from lxml.html import HtmlElement

KEPT = frozenset((
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote",
    "pre", "code", "em", "strong", "b", "i", "u", "s", "sub", "sup", "a", "br", "hr", "table",
    "thead", "tbody", "tfoot", "tr", "th", "td", "caption", "figure", "figcaption", "q", "cite",
    "abbr", "time", "ruby", "rt", "rp", "del", "ins", "mark", "small",
))  # fmt: skip
DROPPED = frozenset((
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed",
    "form", "button", "input", "select", "textarea", "head", "title",
))  # fmt: skip
BLOCKS = frozenset((
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "blockquote", "pre", "tr",
    "caption", "figcaption", "div", "section", "article", "main", "header", "footer", "ul",
    "ol", "dl", "table", "figure", "hr",
))  # fmt: skip
MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*", "code": "`", "del": "~~", "s": "~~"}
MAX_DEPTH = 100
"""Deeper elements lose their form, not their text."""


def cleaned(node: HtmlElement) -> HtmlElement:
    """A <div> with what may be kept of this element's content; `node` stays as it was."""
    root = deepcopy(node)
    root.tag, root.tail = "div", None
    root.attrib.clear()
    for element in list(root.iterdescendants()):
        if not isinstance(element.tag, str) or element.tag in DROPPED:
            element.drop_tree()
        elif element.tag not in KEPT:
            _unwrap(element)
        else:
            _strip(element)
    return root


def html_of(root: HtmlElement) -> str:
    """The content of a cleaned element."""
    inner = (lxml.html.tostring(child, encoding="unicode") for child in root)
    return _escaped(root.text or "") + "".join(inner)


def text_of(root: HtmlElement) -> str:
    """Its text, a block a line."""
    parts: list[str] = []
    for element, begins in _walk(root):
        if element.tag in BLOCKS or element.tag == "br":
            parts.append("\n")
        parts.append((element.text if begins else element.tail) or "")
    return "\n".join(_squeezed("".join(parts)))


def markdown_of(root: HtmlElement) -> str:
    """Its text in Markdown (CommonMark): headings, lists, quotes, links, emphasis, code."""
    blocks = [_spaced(root.text or "")]
    for child in root:
        blocks.append(_block(child, 0))
        blocks.append(_spaced(child.tail or ""))
    return "\n\n".join(block for block in (one.strip("\n") for one in blocks) if block.strip())


def _unwrap(element: HtmlElement) -> None:
    """A block that goes leaves a paragraph, so that its neighbours do not run together."""
    if element.tag in BLOCKS and not any(child.tag in BLOCKS for child in element):
        element.tag = "p"
        element.attrib.clear()
    else:
        element.drop_tag()


def _strip(element: HtmlElement) -> None:
    href = element.get("href", "").strip()
    element.attrib.clear()
    if element.tag == "a" and re.match(r"https?://", href, re.IGNORECASE):
        element.set("href", href)


def _walk(root: HtmlElement) -> Iterator[tuple[HtmlElement, bool]]:
    """Every element twice: when it begins and, besides the root, when it has ended."""
    yield root, True
    for event, element in lxml.etree.iterwalk(root, events=("start", "end")):
        if element is not root:
            yield element, event == "start"


def _block(element: HtmlElement, depth: int) -> str:
    tag = element.tag
    if depth > MAX_DEPTH:
        return text_of(element)
    if re.fullmatch(r"h[1-6]", tag):
        return f"{'#' * int(tag[1])} {_inline(element, depth)}"
    if tag in ("ul", "ol"):
        return _list(element, depth)
    if tag == "pre":
        return f"```\n{element.text_content().strip(chr(10))}\n```"
    if tag == "blockquote":
        inside = markdown_of(element) if len(element) else _inline(element, depth)
        return "\n".join(f"> {line}".rstrip() for line in inside.splitlines())
    if tag == "table":
        return "\n".join(_row(row, depth) for row in element.iter("tr"))
    return "---" if tag == "hr" else _inline(element, depth)


def _list(element: HtmlElement, depth: int) -> str:
    lines = []
    for number, item in enumerate(element.findall("li"), 1):
        sign = f"{number}." if element.tag == "ol" else "-"
        lines.append(f"{sign} {_inline(item, depth, skip=('ul', 'ol'))}")
        for inner in [child for child in item if child.tag in ("ul", "ol")]:
            nested = _list(inner, depth + 1) if depth < MAX_DEPTH else text_of(inner)
            lines += [f"  {line}" for line in nested.splitlines()]
    return "\n".join(lines)


def _row(row: HtmlElement, depth: int) -> str:
    cells = [_inline(cell, depth).replace("|", "\\|") for cell in row if cell.tag in ("td", "th")]
    return f"| {' | '.join(cells)} |"


def _inline(element: HtmlElement, depth: int, skip: tuple[str, ...] = ()) -> str:
    """A run of text in one paragraph."""
    parts = [_spaced(element.text or "")]
    for child in element:
        if child.tag not in skip:
            parts.append(_span(child, depth + 1))
        parts.append(_spaced(child.tail or ""))
    return "".join(parts).strip(" ")


def _span(child: HtmlElement, depth: int) -> str:
    if child.tag == "br":
        return "\\\n"
    inside = _inline(child, depth) if depth <= MAX_DEPTH else _spaced(child.text_content())
    if not inside:
        return ""
    if child.tag == "a" and (href := child.get("href")):
        return f"[{inside}](<{href}>)"
    mark = MARKS.get(child.tag, "")
    return f"{mark}{inside}{mark}"


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _squeezed(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        if clean := " ".join(line.split()):
            yield clean


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
