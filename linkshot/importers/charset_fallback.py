"""Reads a line that is not UTF-8, inside a file that is, in the likely other charset (pure).

Files put together from two exports have such lines. Two charsets are tried, GB18030 and Windows-1252,
and a line is read in one of them only when the result looks like writing; field_text.py leaves its bytes
marked as broken otherwise, so that the row is rejected instead of garbled.
"""

import re

HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
MIN_HAN = 2
"""Fewer characters may as well be the rest of a broken sequence."""
LAST_HANGUL = 0xC8
"""The syllables of EUC-KR begin with 0xB0 to 0xC8; of Chinese characters every other one lies behind."""
UTF8_PAIR = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")
"""A sequence of UTF-8, whole or cut; in Western European words hardly ever."""
CAPITALS = "À-ÖØ-ÞŠŽŒ"
SMALL = "ß-öø-þšžœ"
WESTERN = re.compile(
    rf"(?<![a-z{SMALL}])[{CAPITALS}](?=[A-Za-z'’])|(?<=[A-Z])[{CAPITALS}](?![a-z{SMALL}])"
    rf"|(?<=[A-Za-z'’])[{SMALL}]{{1,2}}|[{SMALL}]{{1,2}}(?=[A-Za-z])|(?<![^\s(])[ÀÉàåèéíóöú](?=\s)"
    r"|(?<=[0-9nN])[°º]|[‘’“”„–—…•™€£§©®\xa0«»¿¡]"
)
"""A letter beyond ASCII where one stands in Western European words, and the usual signs."""


def decode_line(line: bytes) -> str | None:
    """Its text in GB18030 or Windows-1252; None when neither looks like writing."""
    return _chinese(line) or _western(line)


def _chinese(line: bytes) -> str | None:
    """Three of four Han characters must be among the 3,755 common ones of GB 2312, and signs in it;
    what may as well be Korean is not read."""
    try:
        text = line.decode("gb18030")
    except UnicodeDecodeError:
        return None
    lead = [_gb2312_lead(char) for char in text if HAN.match(char)]
    common = sum(0xB0 <= one <= 0xD7 for one in lead)
    signs = (_gb2312_lead(char) for char in text if not char.isascii() and not HAN.match(char))
    likely = len(lead) >= MIN_HAN and common * 4 >= len(lead) * 3 and max(lead) > LAST_HANGUL
    return text if likely and all(signs) else None


def _gb2312_lead(char: str) -> int:
    """The first byte of the character in GB 2312, 0 when it is not in it."""
    return char.encode("gb2312", "ignore")[:1].ljust(1, b"\0")[0]


def _western(line: bytes) -> str | None:
    if UTF8_PAIR.search(line):
        return None
    try:
        text = line.decode("cp1252")
    except UnicodeDecodeError:
        return None
    return text if WESTERN.sub("", text).isascii() else None
