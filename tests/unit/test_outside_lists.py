"""Lists and tables of other programs: wiki markup, unfinished quotes, several addresses, odd dates. (pure)"""

from datetime import UTC, datetime
from io import BytesIO

import pytest

from linkshot.errors import InvalidImport
from linkshot.importers import formats
from linkshot.importers.dates import parse_date
from linkshot.importers.field_text import DecodedText
from linkshot.importers.file_scan import SAMPLE
from linkshot.importers.row import ImportRow

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
A, B = "https://a.example/1", "https://b.example/2"
GUESSED = ("address.guessed",)


def rows(source: str) -> list[ImportRow]:
    data = source.encode()
    kind = formats.detect_format("auto", data[:SAMPLE], "utf-8")
    return list(formats.read_rows(kind, DecodedText(BytesIO(data), "utf-8"), NOW))


def told(source: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Address, title and notices of each row."""
    return [
        (row.new.url, row.new.title, row.notices) if row.new else (row.code or "", "", ())
        for row in rows(source)
    ]


@pytest.mark.parametrize(
    ("line", "title"),
    [
        (f"[[{A}][Title]]", "Title"),
        (f"[[{A}|Title]]", "Title"),
        (f"[[{A}]]", ""),
        (f"{{{{{A}|Title}}}}", "Title"),
        (f"[{A} Title]", "Title"),
        (f"[ ] {A}", ""),
        (f"[] {A}", ""),
        (f"[1] {A}", "1"),
        (f'["Hello" world]({A})', '"Hello" world'),
        (f"[[Draft] Title]({A})", "[Draft] Title"),
        (f"|{A}|Title|", "Title"),
        (f"| {A} | Title |", "Title"),
        (f"| Title | {A} |", "Title"),
        (f"[url={A}]Title[/url]", "Title"),
        (f'[URL="{A}"]Title[/URL]', "Title"),
        (f"[url]{A}[/url]", ""),
        (f"{A} \u200b\ufeff", ""),
        (f"{A}<br>Title<br/>", "Title"),
    ],
)
def test_a_first_line_with_markup_is_a_list(line: str, title: str) -> None:
    assert told(line) == [(A, title, ())]
    assert told(f"{line}\n{B}\n") == [(A, title, ()), (B, "", ())]


@pytest.mark.parametrize(
    "text",
    [
        f'{{"url": "{A}"}}',
        f'[\n {{ "url": "{A}"',
        "{}",
        f'["{A}", "{B}"]\n',
        f'[[1, "{A}"],\n [2, "{B}"]]',
        '["' + A * SAMPLE,
        "[" * SAMPLE,
    ],
)
def test_json_is_told(text: str) -> None:
    with pytest.raises(InvalidImport, match="JSON"):
        rows(text)


@pytest.mark.parametrize(
    "line",
    [
        f"{A} | Title | {B}",
        f"{A} | {B}",
    ],
)
def test_an_address_in_the_title_of_a_saved_tab_is_told(line: str) -> None:
    assert [(url, notices) for url, _, notices in told(line)] == [(A, GUESSED)]


@pytest.mark.parametrize(
    ("line", "titles"),
    [
        (f"标题{A}标题二{B}", ("标题", "标题二")),
        (f"{A}→{B}", ("", "")),
        (f"{A}{B}", ("", "")),
    ],
)
def test_an_address_glued_to_another_is_a_row(line: str, titles: tuple[str, str]) -> None:
    assert told(line) == [(A, titles[0], GUESSED), (B, titles[1], ())]


@pytest.mark.parametrize(
    "address",
    [
        f"https://web.archive.example/web/2020/{A}",
        f"https://a.example/?to={A}&also={B}",
        f"https://a.example/?to%3D{A}",
        f"https://a.example/#{A}",
    ],
)
def test_an_address_that_holds_another_is_one(address: str) -> None:
    assert told(address) == [(address, "", ())]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (f'{A},"unclosed', [(A, "unclosed", ("quote.unclosed",))]),
        (f'"{A},unclosed', [(A, "unclosed", ("quote.unclosed",))]),
        (f'"{A} {B}",T', [(A, "T", ()), (B, "T", ())]),
        (f'"{A}\n{B}",T', [(A, "T", ()), (B, "T", ())]),
        (f'"{A}, {B}",T', [(A, "T", ()), (B, "T", ())]),
        (f"{A} (old),T", [(A, "T", GUESSED)]),
        (f"{A},\u200b", [(A, "", ())]),
    ],
)
def test_a_record_loses_no_address(record: str, expected: list[object]) -> None:
    behind = "https://c.example/3,T3\nhttps://d.example/4,T4\n"
    last = [("https://c.example/3", "T3", ()), ("https://d.example/4", "T4", ())]
    assert told(f"url,title\n{record}\n{behind}") == [*expected, *last]
    assert [row.row for row in rows(f"url,title\n{record}\n{behind}")] == list(
        range(1, len(expected) + 3)
    )


def test_a_quote_that_ends_in_another_record_takes_none_along() -> None:
    source = f'url,title\n{A},"unclosed\n{B},"T"\n'
    assert told(source) == [(A, "unclosed", ("quote.unclosed",)), (B, "T", ())]


@pytest.mark.parametrize(
    "before",
    ["# made by hand\n", "\n\n", "\ufeff\n", "sep=;\n", "\ufeff# x\nsep=;\n\n", "# x\n" * 30],
)
def test_lines_before_a_header_are_skipped(before: str) -> None:
    assert told(f"{before}url;title\n{A};T\n") == [(A, "T", ())]


def test_a_column_called_by_the_sign_of_comments_is_a_column() -> None:
    assert told(f"#,Title,URL\n1,T,{A}\n") == [(A, "T", ())]


def test_a_path_beyond_ascii_stays_before_a_glued_address() -> None:
    path = "https://a.example/wiki/搜索"
    assert told(path + B) == [(path, "", GUESSED), (B, "", ())]


def test_the_rule_of_a_markdown_table_is_no_record() -> None:
    assert told(f"| Name | Link |\n|---|:--|\n| T | {A} |\n") == [(A, "T", ())]


def test_a_second_column_of_addresses_has_its_rows() -> None:
    source = f"url,title,url\n{A},T,{B}\n{A},T,{A}\n{A},T,\n"
    assert told(source) == [(A, "T", ()), (B, "T", ()), (A, "T", ()), (A, "T", ())]


def test_a_table_of_pinboard() -> None:
    source = (
        f"href,description,extended,time,tags,toread\n{A},Title,Note,2023-01-02T00:00:00Z,x y,yes\n"
    )
    (row,) = rows(source)
    assert row.new
    assert (row.new.title, row.new.note, row.new.tags) == ("Title", "Note", ("x", "y"))
    assert row.new.unread
    assert row.new.added_at == datetime(2023, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cells", "note"), [("n,s", "n\n\ns"), ("n,n", "n"), ("n,", "n"), (",s", "s")]
)
@pytest.mark.parametrize("name", ["excerpt", "summary", "description"])
def test_a_note_and_what_the_page_says_of_itself_are_kept(cells: str, note: str, name: str) -> None:
    (row,) = rows(f"url,title,note,{name}\n{A},T,{cells}\n")
    assert row.new
    assert row.new.note == note


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("20230102", datetime(2023, 1, 2, tzinfo=UTC)),
        ("20230102030405", datetime(2023, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("1672617845", datetime(2023, 1, 2, 0, 4, 5, tzinfo=UTC)),
        ("44927", None),
        ("5", None),
        ("0", None),
        ("-5", None),
        ("20231345", None),
    ],
)
def test_digits_are_a_date_or_none(text: str, day: datetime | None) -> None:
    assert parse_date(text, NOW) == (day, () if day else ("date.invalid",))


TREE = "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n"
LINK_A, LINK_B = f'<DT><A HREF="{A}">A</A>', f'<DT><A HREF="{B}">B'


@pytest.mark.parametrize(
    ("described", "notices"),
    [("<DD>words\n", ("folder_note.dropped",)), ("<DD>\n", ()), ("", ())],
)
def test_a_description_of_a_folder_is_told_once(described: str, notices: tuple[str, ...]) -> None:
    folder = f"<DT><H3>F</H3>\n{described}<DL><p>\n{LINK_A}\n{LINK_B}</A>\n</DL></DL>"
    assert told(TREE + folder) == [(A, "A", notices), (B, "B", ())]


@pytest.mark.parametrize("end", ["</body></html>", "\n</BODY >\n</html>\n", "", "</A></body>"])
def test_the_end_of_a_file_is_no_title(end: str) -> None:
    assert told(f"{TREE}{LINK_A}\n{LINK_B}{end}") == [(A, "A", ()), (B, "B", ())]


def test_the_end_of_a_file_is_no_note() -> None:
    (row,) = rows(f"{TREE}{LINK_A}\n<DD>note\n</body></html>")
    assert row.new
    assert row.new.note == "note"


@pytest.mark.parametrize("code", ['document.write("x")', "\nf()\n", "<a href='/x'>\n"])
@pytest.mark.parametrize("name", ["script", "style"])
def test_the_words_behind_a_script_belong_to_the_note(code: str, name: str) -> None:
    noted = f"<DD>note <{name}>{code}</{name}> tail words"
    first, last = rows(f"{TREE}{LINK_A}\n{noted}\n{LINK_B}</A>\n</DL>")
    assert first.new
    assert last.new
    assert first.new.note.startswith("note <")
    assert first.new.note.endswith(f"</{name}> tail words")
    assert last.new.title == "B"
