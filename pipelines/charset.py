"""Decodes the bytes of a response: BOM, header, declaration in the page, else detection (pure)."""

import codecs
import re

from charset_normalizer import from_bytes

from linkshot.text.charset_labels import web_codec

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?([\w.:-]{2,40})""",
    re.IGNORECASE,
)
HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
PRESCAN_BYTES = 4096
DETECT_BYTES = 200_000


def decode(body: bytes, content_type: str = "") -> str:
    """The text; never raises, undecodable bytes become U+FFFD."""
    for bom, encoding in BOMS:
        if body.startswith(bom):
            return body.decode(encoding, "replace")
    in_header = HEADER_CHARSET.search(content_type)
    in_page = DECLARED.search(body[:PRESCAN_BYTES])
    page_label = in_page[1].decode("ascii", "replace") if in_page else ""
    if page_label.lower().startswith("utf-16"):
        page_label = "utf-8"  # a label that was found as ASCII is not in UTF-16 (HTML Standard)
    for label in (in_header[1] if in_header else "", page_label):
        if codec := web_codec(label):
            return body.decode(codec, "replace")
    return decode_undeclared(body)


def decode_undeclared(body: bytes) -> str:
    """The text by what the bytes look like, whatever is declared."""
    return body.decode(_detect(body), "replace")


def _detect(body: bytes) -> str:
    try:
        # an incremental decoder does not mind a character that is cut off at the end
        codecs.getincrementaldecoder("utf-8")().decode(body)
    except UnicodeDecodeError:
        best = from_bytes(body[:DETECT_BYTES]).best()
        return (web_codec(best.encoding) if best else None) or "utf-8"
    return "utf-8"
