"""Maps the charset labels of files and web pages to Python codecs (pure).

The labels are those of the WHATWG Encoding Standard (§4.2), in which a label stands for the encoding
that browsers use: gb2312 means GB18030, iso-8859-1 means windows-1252.
"""

import codecs

import webencodings

WIDER_CODECS = {"gbk": "gb18030"}
"""Browsers decode GBK with the decoder of GB18030 (Encoding Standard §10.1.1)."""
NOT_TEXT = ("replacement", "x-user-defined")
"""Encodings of the standard without a Python codec; no page needs them."""
VARIANTS = {
    "euc_jis_2004": "euc-jp", "euc_jisx0213": "euc-jp", "shift_jis_2004": "shift_jis",
    "shift_jisx0213": "shift_jis", "cp932": "shift_jis", "cp949": "euc-kr", "johab": "euc-kr",
    "cp950": "big5", "big5hkscs": "big5", "cp874": "windows-874", "iso2022_jp": "iso-2022-jp",
    "mac-roman": "macintosh", "iso8859-16": "iso-8859-16", "utf-16-be": "utf-16be",
    "utf-16-le": "utf-16le",
}  # fmt: skip
"""Python codecs whose names are not labels of the standard, and the label of the same encoding."""


def web_codec(label: str) -> str | None:
    """The name of the Python codec that decodes a label as browsers do; None for an unknown label.

    `utf-16` is little-endian: callers look at the byte order mark first, which overrides any label.

    Also accepts Python's own names of these encodings (`latin_1`, `cp932`), but none of its codecs
    that are not charsets of the web (`utf-7`, `punycode`, `rot13`).
    """
    encoding = webencodings.lookup(label)
    if encoding is None:
        try:
            name = codecs.lookup(label).name
        except (LookupError, ValueError):
            return None
        encoding = webencodings.lookup(VARIANTS.get(name, name.replace("_", "-")))
    if encoding is None or encoding.name in NOT_TEXT:
        return None
    codec: str = encoding.codec_info.name
    return WIDER_CODECS.get(codec, codec)
