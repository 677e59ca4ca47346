"""A charset label means the same to web pages and imported files: what browsers make of it."""

import pytest

from linkshot.importers import charset as import_charset
from linkshot.text.charset_labels import web_codec

LABELS = {
    "a Chinese label is the widest Chinese encoding": ("gb2312", "gb18030"),
    "GBK": ("GBK", "gb18030"),
    "the old name of GB 2312": ("gb_2312-80", "gb18030"),
    "Big5 has the characters of Hong Kong": ("big5", "big5hkscs"),
    "the old name of Big5": ("x-x-big5", "big5hkscs"),
    "Shift_JIS has the characters of Windows": ("shift_jis", "cp932"),
    "a name of Windows": ("windows-31j", "cp932"),
    "Korean": ("ks_c_5601-1987", "cp949"),
    "Latin 1 is that of Windows": ("iso-8859-1", "cp1252"),
    "ASCII as well": ("us-ascii", "cp1252"),
    "Turkish": ("iso-8859-9", "cp1254"),
    "Thai": ("tis-620", "cp874"),
    "blanks around a label": (" utf8 ", "utf-8"),
    "UTF-16 is little-endian": ("utf-16", "utf-16-le"),
    "UTF-16 the other way round": ("utf-16be", "utf-16-be"),
    "a Python name of Latin 1": ("latin_1", "cp1252"),
    "a Python name of Shift_JIS": ("cp932", "cp932"),
    "a Python name of Japanese mail": ("iso2022_jp", "iso2022_jp"),
    "a Python name with a number": ("iso8859_16", "iso8859-16"),
    "a Python name of the Macintosh": ("mac_roman", "mac-roman"),
    "what a detector says of Korean": ("johab", "cp949"),
    "what a detector says of Japanese": ("euc_jis_2004", "euc_jp"),
}


@pytest.mark.parametrize(("label", "codec"), LABELS.values(), ids=LABELS)
def test_a_label_means_what_browsers_make_of_it(label: str, codec: str) -> None:
    assert web_codec(label) == codec
    assert "文".encode().decode(codec, "replace")
    assert import_charset._known(label) == codec


@pytest.mark.parametrize(
    "label",
    ["", "utf-7", "punycode", "idna", "rot13", "base64", "unicode_escape", "nothing", "a\0",
     "x-user-defined", "replacement", "hz-gb-2312", "cp437"],
)  # fmt: skip
def test_what_is_no_charset_of_the_web_is_unknown(label: str) -> None:
    assert web_codec(label) is None
