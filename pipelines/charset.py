"""How do the bytes of a response become text? BOM, header, declaration in the page, detection. (pure)"""

import codecs
import re

from charset_normalizer import from_bytes

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?([\w.:-]{2,40})""",
    re.IGNORECASE,
)
WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "ascii": "cp1252",
    "us-ascii": "cp1252",
}
"""Labels stand for the wider encoding browsers use (WHATWG Encoding Standard)."""
LOOKED_AT = 4096
GUESSED_FROM = 200_000


def decode(body: bytes, content_type: str = "") -> str:
    """The text; never raises, bytes that fit nothing become U+FFFD."""
    for bom, encoding in BOMS:
        if body.startswith(bom):
            return body.decode(encoding, "replace")
    for label in (_of_header(content_type), _of_page(body)):
        if label and (name := _known(label)):
            return body.decode(name, "replace")
    return _guess(body)


def _of_header(content_type: str) -> str:
    match = re.search(r"charset\s*=\s*\"?([\w.:-]+)", content_type, re.IGNORECASE)
    return match[1] if match else ""


def _of_page(body: bytes) -> str:
    match = DECLARED.search(body[:LOOKED_AT])
    return match[1].decode("ascii", "replace") if match else ""


def _known(label: str) -> str | None:
    name = WIDER.get(label.lower(), label)
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _guess(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        best = from_bytes(body[:GUESSED_FROM]).best()
        name = _known(best.encoding) if best else None
        return body.decode(name or "utf-8", "replace")
