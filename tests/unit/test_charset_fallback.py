"""Lines that are not UTF-8, read in the likely other charset or not at all."""

import pytest

from linkshot.importers.charset_fallback import decode_line


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://a.example/ 国标行的标题", "gbk"),
        ("“双减”政策：解读（一）", "gbk"),
        ("Größe, Übung und Maße – „neu“", "cp1252"),
        ("L’été à Genève, c'est l'École", "cp1252"),
        ("El niño: ¿qué pasó? São Paulo 20° €", "cp1252"),
        ("CAFÉ MÜNCHEN", "cp1252"),
    ],
)
def test_a_line_that_looks_like_writing_is_read(text: str, name: str) -> None:
    assert decode_line(text.encode(name)) == text


@pytest.mark.parametrize(
    "line",
    [
        "机器学习入门".encode()[:-1],
        "机器学习".encode() + b"\xff",
        b"x\xe4\xb8 y",
        b"He\xfflp",
        b"caf\xc3 du",
        b"it\xe2\x80s",
        "書籤與資料庫".encode("big5"),
        "日本語のページ".encode("cp932"),
        "Новости дня".encode("cp1251"),
        "한국어 제목".encode("cp949"),
        "书".encode("gbk"),
        "机器".encode() + "国标行".encode("gbk"),
    ],
    ids=["cut", "bad byte", "cut in Latin", "yuml", "cut letter", "cut sign", "big5", "sjis", "cyrillic", "korean", "one Han", "two in one line"],
)  # fmt: skip
def test_a_line_that_does_not_is_left_alone(line: bytes) -> None:
    assert decode_line(line) is None
