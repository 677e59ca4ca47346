"""What does the main answer say, as it came over the wire, without a browser? (pure besides PDF)"""

import json

import lxml.etree
from selectolax.lexbor import LexborHTMLParser

from linkshot.model import Capture
from pipelines import charset
from pipelines.kinds import HTML_TYPES, is_text, type_of
from pipelines.limited import run_limited, run_sized
from pipelines.pdf import pdf_text

BLOCKS = (
    "address,article,aside,blockquote,br,dd,div,dl,dt,figcaption,figure,footer,form,h1,h2,h3,h4,"
    "h5,h6,header,hr,legend,li,main,nav,ol,option,p,pre,section,table,td,th,title,tr,ul"
)
BREAK = "\x1e"
"""Stands between blocks while text is collected (RS, record separator)."""


def source_text(capture: Capture) -> str | None:
    """The text of the main answer; "" for what has none, None when it could not be had."""
    kind = type_of(capture)
    if kind == "application/pdf":
        found: str | None = run_limited(pdf_text, capture.body, default=None)
        return found
    if not is_text(kind):
        return ""
    text = charset.decode(capture.body, capture.headers.get("content-type", ""))
    if kind in HTML_TYPES:
        return safe_html_text(text)
    if kind.endswith("xml"):
        return xml_text(text)
    return json_text(text) if kind.endswith("json") else text


def safe_html_text(html: str) -> str | None:
    """html_text(), or None when that takes too long."""
    found: str | None = run_sized(len(html), html_text, html, default=None)
    return found


def html_text(html: str) -> str:
    """Text of HTML without layout: a block a line, scripts and styles left out."""
    if not html:
        return ""
    tree = LexborHTMLParser(html)
    for node in tree.css("script, style, noscript, template"):
        node.decompose()
    for node in tree.css(BLOCKS):
        node.insert_before(BREAK)
        node.insert_after(BREAK)
    root = tree.root
    return _lines(root.text(separator="") if root is not None else "")


def xml_text(text: str) -> str:
    """Text of a feed or another XML document, an element a line; HTML inside counts as HTML."""
    parser = lxml.etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, remove_comments=True,
        encoding="utf-8",
    )  # fmt: skip
    root = lxml.etree.fromstring(text.encode("utf-8", "replace"), parser)
    if root is None:
        return html_text(text)
    pieces = (html_text(piece) if "<" in piece else piece for piece in root.itertext())
    return _lines(BREAK.join(pieces).replace("\n", BREAK))


def json_text(text: str) -> str:
    """JSON as people read it; what is no JSON stays as it is."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    except (ValueError, RecursionError):
        return text


def _lines(raw: str) -> str:
    lines = (" ".join(part.split()) for part in raw.split(BREAK))
    return "\n".join(line for line in lines if line)
