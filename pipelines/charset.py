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
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030",
    "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "x-x-big5": "big5hkscs",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932",
    "windows-31j": "cp932", "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "x-euc-jp": "euc_jp",
    "euc_jis_2004": "euc_jp", "euc_jisx0213": "euc_jp", "cp950": "big5hkscs", "johab": "cp949",
    "shift_jis_2004": "cp932", "shift_jisx0213": "cp932", "latin_1": "cp1252",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "ascii": "cp1252",
    "us-ascii": "cp1252", "iso-8859-9": "cp1254", "tis-620": "cp874", "iso-8859-11": "cp874",
}  # fmt: skip
"""Labels stand for the wider encoding browsers use (WHATWG Encoding Standard §4.2)."""
KNOWN = re.compile(
    r"utf-8|utf-16(-[lb]e)?|gb18030|big5hkscs|cp932|cp949|euc_jp|iso2022_jp|cp8(66|74)|cp125\d"
    r"|iso8859-\d+|koi8-[ru]|mac-roman"
)
"""Python's names of the encodings of web pages; it has others that are no charsets at all."""
PRESCAN_BYTES = 4096
DETECT_BYTES = 200_000


def decode(body: bytes, content_type: str = "") -> str:
    """The text; never raises, bytes that fit nothing become U+FFFD."""
    for bom, encoding in BOMS:
        if body.startswith(bom):
            return body.decode(encoding, "replace")
    for label in (_of_header(content_type), _of_page(body)):
        if label and (name := _known(label)):
            return body.decode(name, "replace")
    return body.decode(_guess(body), "replace")


def _of_header(content_type: str) -> str:
    match = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", content_type, re.IGNORECASE)
    return match[1] if match else ""


def _of_page(body: bytes) -> str:
    """A page that says UTF-16 in ASCII bytes is UTF-8 (HTML Standard, prescan)."""
    match = DECLARED.search(body[:PRESCAN_BYTES])
    label = match[1].decode("ascii", "replace") if match else ""
    return "utf-8" if label.lower().startswith("utf-16") else label


def _known(label: str) -> str | None:
    try:
        name = codecs.lookup(WIDER.get(label.lower(), label)).name
    except LookupError:
        return None
    return name if KNOWN.fullmatch(name) else None


def _guess(body: bytes) -> str:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(body)
    except UnicodeDecodeError:
        best = from_bytes(body[:DETECT_BYTES]).best()
        name = best.encoding if best else ""
        return _known(WIDER.get(name, name)) or "utf-8"
    return "utf-8"
