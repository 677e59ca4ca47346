"""Files put together from exports in several charsets: no row is garbled, and what is guessed is said."""

from datetime import UTC, datetime
from io import BytesIO

import pytest

from linkshot.importers import charset, field_text, formats
from linkshot.importers.field_text import DecodedText
from linkshot.importers.file_scan import scan_file
from linkshot.importers.row import ImportRow

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HEAD = b'<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">\n<DL><p>\n'
UTF8 = "机器学习入门"
GBK = "国标行的标题"
LATIN = "Größe, Übung, façade naïve"


def read(data: bytes) -> list[ImportRow]:
    seen = scan_file(BytesIO(data))
    name = charset.detect_charset(seen)
    kind = formats.detect_format("auto", seen.head, name)
    return list(formats.read_rows(kind, DecodedText(BytesIO(data), name), NOW))


def told(rows: list[ImportRow]) -> list[tuple[str, tuple[str, ...]]]:
    return [(row.new.title if row.new else row.code or "", row.notices) for row in rows]


def bookmark(title: str, charset: str = "utf-8") -> bytes:
    return f'<DT><A HREF="https://a.example/?q=中文">{title}</A>\n'.encode(charset)


@pytest.mark.parametrize(("whole", "foreign"), [(1, 1), (3, 10), (5, 3), (10, 3), (100, 40)])
def test_rows_in_gbk_inside_a_file_in_utf_8_are_read_with_a_notice(
    whole: int, foreign: int
) -> None:
    rows = read(HEAD + bookmark(UTF8) * whole + bookmark(GBK, "gbk") * foreign)
    expected = [(UTF8, ())] * whole + [(GBK, ("charset.guessed",))] * foreign
    assert told(rows) == expected
    assert {row.new.url for row in rows if row.new} == {"https://a.example/?q=中文"}


@pytest.mark.parametrize(
    "line", ["https://a.example/ {}\n", "https://a.example/,{}\n"], ids=["list", "table"]
)
@pytest.mark.parametrize(("title", "name"), [(GBK, "gbk"), (LATIN, "cp1252")])
def test_lists_and_tables_read_such_rows_too(line: str, title: str, name: str) -> None:
    head = b"url,title\n" if "," in line else b""
    title = title.replace(",", "")
    data = head + line.format(UTF8).encode() * 6 + line.format(title).encode(name) * 5
    assert told(read(data)) == [(UTF8, ())] * 6 + [(title, ("charset.guessed",))] * 5


def test_a_row_that_no_charset_makes_sense_of_is_rejected_and_no_other() -> None:
    data = HEAD + bookmark(UTF8) * 3 + bookmark("機器學習與資料庫", "big5") + bookmark(GBK, "gbk")
    assert told(read(data)) == [
        *[(UTF8, ())] * 3,
        ("import.invalid_bytes", ()),
        (GBK, ("charset.guessed",)),
    ]


def test_the_offset_of_a_broken_byte_counts_the_bytes_of_guessed_lines() -> None:
    bad = b'<DT><A HREF="https://b.example/">He\xfflp</A>\n'
    data = HEAD + bookmark(UTF8) * 3 + bookmark(GBK, "gbk") * 2 + bad
    *_, last = read(data)
    assert str(data.index(b"\xff")) in (last.reason or "")


@pytest.mark.parametrize("size", [1, 2, 3, 64])
def test_the_size_of_the_pieces_read_changes_nothing(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = HEAD + (bookmark(UTF8) + bookmark(GBK, "gbk")) * 3
    monkeypatch.setattr(field_text, "CHUNK", size)
    assert told(read(data)) == [(UTF8, ()), (GBK, ("charset.guessed",))] * 3


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (GBK, "gbk"),
        (LATIN, "cp1252"),
        ("機器學習入門", "big5"),
        ("日本語のページ", "cp932"),
        ("Новости дня", "cp1251"),
    ],
)
def test_a_file_in_one_charset_is_still_read_in_it(text: str, name: str) -> None:
    data = b"".join(f"https://a.example/{n} {text} {n}\n".encode(name) for n in range(30))
    assert told(read(data)) == [(f"{text} {n}", ()) for n in range(30)]
