"""The text of the main answer as it came over the wire, without a browser (pure besides PDF)."""

import json

import lxml.etree
from selectolax.lexbor import LexborHTMLParser

from linkshot.domain.model import Capture
from linkshot.text.line_breaks import reflow
from linkshot.text.text_format import BLOCK_BORDER, join_blocks
from pipelines import charset
from pipelines.media_types import HTML_TYPES, is_text, type_of
from pipelines.pdf import MAX_PAGES, pdf_text
from pipelines.sandbox import run_limited, run_sized

BLOCKS = (
    "address,article,aside,blockquote,dd,div,dl,dt,figcaption,figure,footer,form,h1,h2,h3,h4,"
    "h5,h6,header,hr,legend,li,main,nav,ol,option,p,pre,section,table,td,th,title,tr,ul"
)
BREAK, LINE = "\x1e", "\x1f"
"""Stand between blocks, and for a <br>, while text is collected (RS, US: separators)."""
RECORDS = ("text/csv", "text/tab-separated-values")
"""Types of text in which each line stands for itself."""


def source_text(capture: Capture) -> str | None:
    """The text of the main answer; "" for what has none, None when it could not be had."""
    return source_of(capture)[0]


def source_of(capture: Capture) -> tuple[str | None, str]:
    """The text of the main answer as source_text() has it, and the stable word for what was cut off."""
    if type_of(capture) != "application/pdf":
        return _text_of(capture), ""
    text, pages = run_limited(pdf_text, capture.body, default=(None, 0))
    return text, f"pdf_pages:{pages}" if pages > MAX_PAGES else ""


def _text_of(capture: Capture) -> str | None:
    kind = type_of(capture)
    if not is_text(kind):
        return ""
    text = charset.decode(capture.body, capture.headers.get("content-type", ""))
    if kind in HTML_TYPES:
        return safe_html_text(text)
    if kind.endswith("xml"):
        return xml_text(text)
    if kind in RECORDS:
        return join_blocks(text.splitlines())
    return json_text(text) if kind.endswith("json") else text


def safe_html_text(html: str) -> str | None:
    """html_text(), or None when that takes too long."""
    found: str | None = run_sized(len(html), html_text, html, default=None)
    return found


def html_text(html: str) -> str:
    """Text of HTML without layout as linkshot.text.text_format has it, scripts and styles left out."""
    if not html:
        return ""
    tree = LexborHTMLParser(html)
    for node in tree.css("script, style, noscript, template"):
        node.decompose()
    for node in tree.css(BLOCKS):
        node.insert_before(BREAK)
        node.insert_after(BREAK)
    for node in tree.css("br"):
        node.insert_before(LINE)
    root = tree.root
    return _blocks(root.text(separator="") if root is not None else "")


def xml_text(text: str) -> str:
    """Text of a feed or another XML document, an element a block; HTML inside counts as HTML."""
    parser = lxml.etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, remove_comments=True,
        encoding="utf-8",
    )  # fmt: skip
    root = lxml.etree.fromstring(text.encode("utf-8", "replace"), parser)
    if root is None:
        return html_text(text)
    pieces = (html_text(piece) if "<" in piece else piece for piece in root.itertext())
    return _blocks(BREAK.join(pieces).replace(BLOCK_BORDER, BREAK))


def json_text(text: str) -> str:
    """JSON as people read it; what is no JSON stays as it is."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    except (ValueError, RecursionError):
        return text


def _blocks(raw: str) -> str:
    """What is collected, with the line breaks of the source taken away."""
    return join_blocks(_lines(reflow(block)) for block in raw.split(BREAK))


def _lines(block: str) -> str:
    return "\n".join(" ".join(line.split()) for line in block.split(LINE)).strip("\n")
