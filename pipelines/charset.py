"""Decodes the bytes of a response: BOM, header, declaration in the page, else detection (pure)."""

import codecs
import re

from linkshot.text.charset_labels import web_codec
from pipelines.mojibake import is_mojibake

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
EAST_ASIAN = ("cp932", "gb18030", "big5hkscs", "cp949")
JAPANESE = ("cp932", "euc_jp")
HIRAGANA = re.compile(r"[\u3041-\u3096]")
HIRAGANA_SHARE = 0.25
"""Of the characters beyond ASCII; other charsets read as Japanese give hardly any."""
WRITING = re.compile(r"[\u3041-\u30fa]{2}|[的一是不了在人有我他的国國日本中]|[\uac00-\ud7a3]{2}")
"""What text of East Asia has somewhere."""
WORD = re.compile(r"[^\W\d_]+")
CYRILLIC_WORD = re.compile(r"[А-ЯЁ]?[а-яё]+|[А-ЯЁ]+")
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
        return _guess(body[:DETECT_BYTES])
    return "utf-8"


def _guess(body: bytes) -> str:
    """The likeliest charset of bytes that are not UTF-8."""
    for codec in JAPANESE:
        text = _decoded(body, codec)
        beyond = sum(not char.isascii() for char in text)
        if beyond and len(HIRAGANA.findall(text)) >= HIRAGANA_SHARE * beyond:
            return codec
    if _is_cyrillic(body.decode("cp1251", "replace")):
        return "cp1251"
    from charset_normalizer import from_bytes  # its tables take a tenth of a second

    best = from_bytes(body).best()
    found = web_codec(best.encoding) if best else None
    if found is not None and found != "utf-8" and (b"\0" in body or not found.startswith("utf-16")):
        return found
    return next((codec for codec in EAST_ASIAN if _is_writing(_decoded(body, codec))), "cp1252")


def _decoded(body: bytes, codec: str) -> str:
    """The text, of which the last character may be cut in two; "" if it is not in this charset."""
    try:
        return codecs.getincrementaldecoder(codec)().decode(body)
    except UnicodeDecodeError:
        return ""


def _is_writing(text: str) -> bool:
    return WRITING.search(text) is not None and not is_mojibake(text)


def _is_cyrillic(text: str) -> bool:
    """Whether all words beyond ASCII are Cyrillic and written as words are, most of them in small letters:
    KOI8-R read as windows-1251 has capitals and small letters exchanged."""
    words = [word for word in WORD.findall(text) if not word.isascii()]
    small = sum(word[1:].islower() for word in words if len(word) > 3)
    return small > len(words) / 4 and all(map(CYRILLIC_WORD.fullmatch, words))
