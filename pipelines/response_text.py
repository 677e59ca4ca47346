"""Extracts the text of the main response as it was sent, without a browser (pure except PDF)."""

import json

import lxml.etree
from selectolax.lexbor import LexborHTMLParser

from linkshot.domain.media_sniffing import HTML_TYPES
from linkshot.domain.model import Capture
from linkshot.text.line_breaks import reflow
from linkshot.text.text_format import BLOCK_BORDER, join_blocks
from pipelines import charset
from pipelines.media_types import is_text, media_type_of
from pipelines.pdf import MAX_PAGES, pdf_text
from pipelines.sandbox import TIMEOUT_S, run_sandboxed, run_sandboxed_if_large
from pipelines.shadow_roots import open_shadow_roots

BLOCK_TAGS = (
    "address,article,aside,blockquote,dd,div,dl,dt,figcaption,figure,footer,form,h1,h2,h3,h4,"
    "h5,h6,header,hr,legend,li,main,nav,ol,option,p,pre,section,table,td,th,title,tr,ul"
)
BLOCK_SEPARATOR, LINE_SEPARATOR = "\x1e", "\x1f"
"""Mark block borders and <br> while text is collected (RS, US: separators)."""
RECORD_TYPES = ("text/csv", "text/tab-separated-values")
"""Text types in which every line is a record."""


def response_text(capture: Capture) -> str | None:
    """The text of the main response; "" if it has none, None if extraction failed."""
    return read_response(capture)[0]


def read_response(capture: Capture) -> tuple[str | None, str]:
    """The text of the main answer as response_text() has it, and the stable word for what was cut off."""
    if media_type_of(capture) != "application/pdf":
        return _text_of(capture), ""
    text, pages = run_sandboxed(pdf_text, capture.body, default=(None, 0))
    return text, f"pdf_pages:{pages}" if pages > MAX_PAGES else ""


def _text_of(capture: Capture) -> str | None:
    kind = media_type_of(capture)
    if not is_text(kind):
        return ""
    text = charset.decode(capture.body, capture.headers.get("content-type", ""))
    if kind in HTML_TYPES:
        return safe_html_text(text)
    if kind.endswith("xml"):
        return xml_text(text)
    if kind in RECORD_TYPES:
        return join_blocks(text.splitlines())
    return json_text(text) if kind.endswith("json") else text


def safe_html_text(html: str) -> str | None:
    """html_text(), or None if that takes too long."""
    found: str | None = run_sandboxed_if_large(
        len(html), html_text, html, default=None, timeout_s=TIMEOUT_S
    )
    return found


def html_text(html: str) -> str:
    """Text of HTML without layout, in the format of linkshot.text.text_format."""
    if not html:
        return ""
    tree = LexborHTMLParser(open_shadow_roots(html))
    for node in tree.css("script, style, noscript, template"):
        node.decompose()
    for node in tree.css(BLOCK_TAGS):
        node.insert_before(BLOCK_SEPARATOR)
        node.insert_after(BLOCK_SEPARATOR)
    for node in tree.css("br"):
        node.insert_before(LINE_SEPARATOR)
    root = tree.root
    return _blocks(root.text(separator="") if root is not None else "")


def xml_text(text: str) -> str:
    """Text of a feed or other XML document, one block per element; HTML in text is parsed as HTML."""
    parser = lxml.etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, remove_comments=True,
        encoding="utf-8",
    )  # fmt: skip
    root = lxml.etree.fromstring(text.encode("utf-8", "replace"), parser)
    if root is None:
        return html_text(text)
    pieces = (html_text(piece) if "<" in piece else piece for piece in root.itertext())
    return _blocks(BLOCK_SEPARATOR.join(pieces).replace(BLOCK_BORDER, BLOCK_SEPARATOR))


def json_text(text: str) -> str:
    """JSON indented for reading; invalid JSON is returned unchanged."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    except (ValueError, RecursionError):
        return text


def _blocks(raw: str) -> str:
    """Joins the collected blocks; line breaks of the source are not kept."""
    blocks = []
    for block in raw.split(BLOCK_SEPARATOR):
        lines = (" ".join(line.split()) for line in reflow(block).split(LINE_SEPARATOR))
        blocks.append("\n".join(lines).strip("\n"))
    return join_blocks(blocks)
