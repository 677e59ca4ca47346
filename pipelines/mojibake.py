"""Tells text that was decoded with a wrong charset (mojibake) from text (pure).

Four signs: replacement characters, bytes of another charset shown as Latin letters (`ÖÐÎÄ`), UTF-8 read as
GBK (`涓枃`), and East Asian characters whose bytes are text in another charset (mojibake_east_asian.py).
"""

import re

from pipelines.mojibake_east_asian import is_text_of_another_charset

MAX_CHARS = 200_000
"""Characters that are examined."""
REPLACED_SHARE = 0.01
MIN_REPLACED = 5
HIGH_RUN = re.compile(
    r"[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]{4,}"
)
"""Characters of windows-1252 beyond ASCII; no language of Latin letters has four in a row."""
HIGH_LETTERS = re.compile(r"[\u00c0-\u00ff]")
UTF8_AS_LATIN = re.compile(
    r"[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]"
)
"""The first two bytes of a character of UTF-8, each as a character: `Ã©`."""
MIN_SIGNS = 12
HIGH_SHARE = 0.2
"""Of all letters, from which a page is not one that shows an example of mojibake."""
UTF8_SHARE = 0.02
BEYOND_ASCII = re.compile(r"[^\x00-\x7f\ufffd]{3,}")
UTF8_AS_GBK = 0.7
"""Share of the bytes that are UTF-8; the rest are characters cut in two. Of Chinese text it is less than a half."""
UNASSIGNED = re.compile(r"(?<=[\u3041-\u9fff])[\ue000-\uf8ff]+(?=[\u3041-\u9fff])")
"""Inside words only: icon fonts use the same characters."""
UNASSIGNED_SHARE = 0.05
HAN = re.compile(r"[\u3400-\u9fff]")


def is_mojibake(text: str) -> bool:
    """Whether a notable part of the text was decoded with the wrong charset."""
    text = text[:MAX_CHARS]
    if text.isascii():
        return False
    return (
        _is_replaced(text) or _is_latin(text) or _is_han(text) or is_text_of_another_charset(text)
    )


def _is_replaced(text: str) -> bool:
    count = text.count("\ufffd")
    return count >= MIN_REPLACED and count > REPLACED_SHARE * len(text)


def _is_latin(text: str) -> bool:
    """Whether the text is bytes of another charset, each shown as a character of windows-1252."""
    letters = sum(map(str.isalpha, text))
    pairs = len(UTF8_AS_LATIN.findall(text))
    if pairs >= MIN_SIGNS and pairs > UTF8_SHARE * letters and not _has_latin_text(text, pairs):
        return True
    high = sum(len(HIGH_LETTERS.findall(run)) for run in HIGH_RUN.findall(text))
    return high >= MIN_SIGNS and high > HIGH_SHARE * letters


def _has_latin_text(text: str, pairs: int) -> bool:
    """Whether letters with accents stand mostly alone, as in text: `é` before a quotation mark."""
    return len(HIGH_LETTERS.findall(text)) > 3 * pairs


def _is_han(text: str) -> bool:
    """Whether Han characters come from bytes of UTF-8 or of another charset for Chinese."""
    if _is_utf8_as_gbk(text):
        return True
    han = len(HAN.findall(text))
    unassigned = len(UNASSIGNED.findall(text))
    return unassigned >= MIN_SIGNS and unassigned > UNASSIGNED_SHARE * han


def _is_utf8_as_gbk(text: str) -> bool:
    """Whether the characters beyond ASCII are UTF-8 read as GBK, and give Han characters."""
    data = "".join(BEYOND_ASCII.findall(text)).encode("gb18030", "replace")
    decoded = data.decode("utf-8", "ignore")
    return (
        len(decoded.encode()) > UTF8_AS_GBK * len(data) and len(HAN.findall(decoded)) >= MIN_SIGNS
    )
