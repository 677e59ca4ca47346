"""Reduces markup to text elements and http(s) links, and writes it as HTML, Markdown or text (pure)."""

import html
import re
from copy import deepcopy

import lxml.etree
import lxml.html
from lxml.html import HtmlElement

ALLOWED_TAGS = frozenset((
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote",
    "pre", "code", "em", "strong", "b", "i", "u", "s", "sub", "sup", "a", "br", "hr", "table",
    "thead", "tbody", "tfoot", "tr", "th", "td", "caption", "figure", "figcaption", "q", "cite",
    "abbr", "time", "ruby", "rt", "rp", "del", "ins", "mark", "small",
))  # fmt: skip
DROPPED_TAGS = frozenset((
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed",
    "form", "button", "input", "select", "textarea", "head", "title",
))  # fmt: skip
BLOCK_TAGS = frozenset((
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "blockquote", "pre", "tr",
    "caption", "figcaption", "div", "section", "article", "main", "header", "footer", "ul",
    "ol", "dl", "table", "figure", "hr",
))  # fmt: skip
LIST_BLOCKS = ("ul", "ol", "pre", "table", "blockquote", "dl")
"""Blocks that stand below the text of a list item."""
EMPHASIS = {"strong": "**", "b": "**", "em": "*", "i": "*", "code": "`", "del": "~~", "s": "~~"}
PRONUNCIATION = frozenset(("rt", "rp"))
LINE_SEPARATOR = "\x1e"
"""Marks a line while text is collected; a line feed is only a line break of the source (RS)."""
EMPTY_TAGS = BLOCK_TAGS - {"hr"}
"""Elements that are left out when they have no text."""
UNWRAPPED = "unwrapped"
"""Tag of elements whose content stays without them."""
MAX_DEPTH = 100
"""Deeper elements become plain text."""


def clean(node: HtmlElement) -> HtmlElement:
    """A <div> with the allowed part of the content; `node` is not changed."""
    root = deepcopy(node)
    root.tag, root.tail = "div", None
    root.attrib.clear()
    for element in list(root.iterdescendants()):
        if not isinstance(element.tag, str) or element.tag in DROPPED_TAGS:
            element.drop_tree()
        elif element.tag not in ALLOWED_TAGS:
            _unwrap(element)
        else:
            href, start = element.get("href", "").strip(), element.get("start", "")
            element.attrib.clear()
            if element.tag == "a" and re.match(r"https?://", href, re.IGNORECASE):
                element.set("href", href)
            if element.tag == "ol" and re.fullmatch(r"-?\d{1,9}", start):
                element.set("start", start)
    lxml.etree.strip_tags(root, UNWRAPPED)  # all at once: one by one takes quadratic time
    _drop_empty(root)
    for element in [root, *root.iter("blockquote")]:
        _wrap_loose_text(element)
    return root


def to_html(root: HtmlElement) -> str:
    """The content of a cleaned element as HTML."""
    inner = (lxml.html.tostring(child, encoding="unicode") for child in root)
    return html.escape(root.text or "", quote=False) + "".join(inner)


def to_text(root: HtmlElement) -> str:
    """The text of a cleaned element, one line per block or line of code, without pronunciation."""
    parts: list[str] = []
    pre = aside = 0
    for event, element in lxml.etree.iterwalk(root, events=("start", "end")):
        begins = event == "start"
        if element is root and not begins:
            break  # what follows the root is not part of it
        if element.tag in BLOCK_TAGS or element.tag == "br":
            parts.append(LINE_SEPARATOR)
        pre += (1 if begins else -1) if element.tag == "pre" else 0
        aside += (1 if begins else -1) if element.tag in PRONUNCIATION else 0
        text = (element.text if begins else element.tail) or ""
        if not aside:
            parts.append(text.replace("\n", LINE_SEPARATOR) if pre else text)
    lines = (" ".join(line.split()) for line in "".join(parts).split(LINE_SEPARATOR))
    return "\n".join(line for line in lines if line)


def to_markdown(root: HtmlElement) -> str:
    """The content in Markdown (CommonMark): headings, lists, quotes, links, emphasis, code."""
    blocks = [_collapse_whitespace(root.text or "")]
    for child in root:
        blocks.append(_block(child, 0))
        blocks.append(_collapse_whitespace(child.tail or ""))
    return "\n\n".join(block for block in (one.strip("\n") for one in blocks) if block.strip())


def _drop_empty(root: HtmlElement) -> None:
    """Removes blocks without text, from the inside outwards."""
    for element in reversed(list(root.iterdescendants())):
        if element.tag in EMPTY_TAGS and not len(element) and not (element.text or "").strip():
            element.drop_tree()


def _wrap_loose_text(container: HtmlElement) -> None:
    """Puts text that stands between blocks into paragraphs of its own."""
    if not any(child.tag in BLOCK_TAGS for child in container):
        return
    run: HtmlElement | None = None
    children = list(container)
    if (container.text or "").strip():
        run = lxml.html.Element("p")
        run.text, container.text = container.text, None
        container.insert(0, run)
    for child in children:
        if child.tag not in BLOCK_TAGS:
            if run is None:
                run = lxml.html.Element("p")
                child.addprevious(run)
            run.append(child)
            continue
        run = None
        if (child.tail or "").strip():
            run = lxml.html.Element("p")
            run.text, child.tail = child.tail, None
            child.addnext(run)
    _drop_empty(container)


def _unwrap(element: HtmlElement) -> None:
    """Marks the tag, not the content, for removal. A block becomes a paragraph, so that words do not run together."""
    if element.tag in BLOCK_TAGS and not any(child.tag in BLOCK_TAGS for child in element):
        element.tag = "p"
        element.attrib.clear()
    else:
        element.tag = UNWRAPPED


def _block(element: HtmlElement, depth: int) -> str:
    tag = element.tag
    if depth > MAX_DEPTH:
        return to_text(element)
    if re.fullmatch(r"h[1-6]", tag):
        return f"{'#' * int(tag[1])} {_inline(element, depth)}"
    if tag in ("ul", "ol"):
        return _list(element, depth)
    if tag == "pre":
        return f"```\n{element.text_content().strip(chr(10))}\n```"
    if tag == "blockquote":
        inside = to_markdown(element) if len(element) else _inline(element, depth)
        return "\n".join(f"> {line}".rstrip() for line in inside.splitlines())
    if tag == "table":
        # a bar would end the cell (GitHub Flavored Markdown 4.10)
        rows = [
            [_cell(cell).replace("|", "\\|") for cell in row if cell.tag in ("td", "th")]
            for row in element.iter("tr")
        ]
        lines = [f"| {' | '.join(cells)} |" for cells in rows if cells]
        if len(lines) > 1:
            lines.insert(1, f"|{' --- |' * max(map(len, rows))}")
        return "\n".join(lines)
    if tag == "dl":
        return "\n\n".join(filter(None, (_block(child, depth + 1) for child in element)))
    return "---" if tag == "hr" else _inline(element, depth)


def _cell(cell: HtmlElement) -> str:
    """The content of a cell on one line; its blocks and lines are parted by `<br>`."""
    return "<br>".join(html.escape(line, quote=False) for line in to_text(cell).splitlines())


def _list(element: HtmlElement, depth: int) -> str:
    lines = []
    for number, item in enumerate(element.findall("li"), int(element.get("start") or 1)):
        sign = f"{number}." if element.tag == "ol" else "-"
        lines.append(f"{sign} {_inline(item, depth, skip=LIST_BLOCKS)}".rstrip())
        for inner in [child for child in item if child.tag in LIST_BLOCKS]:
            nested = _block(inner, depth + 1) if depth < MAX_DEPTH else to_text(inner)
            if inner.tag not in ("ul", "ol"):
                lines.append("")
            # what belongs to an item stands below its text (CommonMark 5.2)
            lines += [f"{' ' * (len(sign) + 1)}{line}".rstrip() for line in nested.splitlines()]
    return "\n".join(lines)


def _inline(element: HtmlElement, depth: int, skip: tuple[str, ...] = ()) -> str:
    """A run of text in one paragraph."""
    parts = [_collapse_whitespace(element.text or "")]
    for child in element:
        if child.tag not in skip:
            parts.append(_span(child, depth + 1))
        parts.append(_collapse_whitespace(child.tail or ""))
    return "".join(parts).strip(" ")


def _span(child: HtmlElement, depth: int) -> str:
    if child.tag == "br":
        return "\\\n"
    inside = (
        _inline(child, depth) if depth <= MAX_DEPTH else _collapse_whitespace(child.text_content())
    )
    if not inside:
        return ""
    if child.tag == "a" and (href := child.get("href")):
        return f"[{inside}](<{href}>)"
    if child.tag == "rt":
        return f"（{inside}）"
    if child.tag == "rp":
        return ""
    mark = EMPHASIS.get(child.tag, "")
    return f"{mark}{inside}{mark}"


def _collapse_whitespace(text: str) -> str:
    return re.sub(r"\s+", " ", text)
