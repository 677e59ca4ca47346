"""What the importers read out of files of every dialect, kind or broken."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from linkshot.errors import InvalidImport
from linkshot.importers import charset, formats
from linkshot.importers.dates import parse_date
from linkshot.importers.field_text import DecodedText
from linkshot.importers.file_scan import make_rewindable, scan_file
from linkshot.importers.row import ImportRow

SAMPLES = Path(__file__).parent.parent / "data" / "imports"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = datetime(2021, 3, 21, 14, 39, 19, tzinfo=UTC)
"""1616337559, which most samples use."""


def read(data: bytes, given: str | None = None, kind: str = "auto") -> list[ImportRow]:
    seen = scan_file(BytesIO(data), wide=bool(given))
    name = charset.detect_charset(seen, given)
    text = DecodedText(BytesIO(data), name)
    return list(formats.read_rows(formats.detect_format(kind, seen.head, name), text, NOW))


def sample(name: str) -> list[ImportRow]:
    return read((SAMPLES / name).read_bytes())


def short(row: ImportRow) -> tuple[str, str, tuple[str, ...], str]:
    assert row.new is not None
    return row.new.url, row.new.title, row.new.tags, row.new.note


def dates(name: str) -> list[datetime | None]:
    return [row.new.added_at for row in sample(name) if row.new]


CONTENTS = {
    "chromium.html": [
        ("https://example.com/zh", "中文页面 & more", ("书签栏",), ""),
        ("https://example.com/rust?a=1&b=2", "Rust <book>", ("书签栏/技术∕编程",), ""),
        ("javascript:(function(){alert(1)})()", "bookmarklet", ("书签栏/技术∕编程",), ""),
        ("chrome://settings/", "Settings", (), ""),
        ("https://example.com/last", "last", (), ""),
    ],
    "firefox_nested.html": [
        ("place:sort=8&maxResults=10", "Most Visited", (), ""),
        ("https://example.org/help", "Help", ("Mozilla Firefox",), ""),
        (
            "https://example.org/deep",
            "Deep",
            ("Mozilla Firefox/Deeper", "one", "two words"),
            "First line\nsecond line with bold & an anchor\nthird line",
        ),
        ("https://example.org/in-a-note", "an anchor", ("Mozilla Firefox/Deeper",), ""),
        ("https://example.org/after", "After", ("Mozilla Firefox",), ""),
    ],
    "ie11.html": [("http://example.com/bing", "Großartig", ("Bing",), "")],
    "safari.html": [
        ("https://example.com/apple", "Apple", ("Favoriten",), ""),
        ("https://example.com/日本", "日本語", ("Favoriten",), ""),
        ("https://example.com/root", "Root", (), ""),
    ],
    "google.html": [
        ("https://example.com/g1", "Micro", ("한국어 폴더",), 'A note, with an "entity"'),
        ("https://example.com/g2", "Second", (), ""),
    ],
    "delicious.html": [
        ("https://example.com/d1", "Fonts", ("@font-face", "os", "css"), "note one"),
        ("https://example.com/d2", "No tags", (), ""),
    ],
    "scuttle.html": [
        (
            "https://example.com/s1",
            "Scuttle one",
            ("dev", "php dev", "php 7.x"),
            "The note & more",
        ),
        ("https://example.com/s2", "Scuttle two", (), ""),
    ],
    "shaarli_old.html": [
        ("https://example.com/sh1", "Old", ("secret", "stuff"), "**Markdown** stays"),
        ("?lY47tw", "A note without a link", (), ""),
        ("https://example.com/sh2", "New", ("one", "two"), ""),
    ],
    "shaarli_stray.html": [("https://example.com/only", "Only", ("a",), "")],
    "linkding.html": [
        ("https://example.com/l1", "One", ("阅读", "archived"), "The description\nThe *notes*"),
        ("https://example.com/l2", "Two", (), "never closed"),
    ],
    "unclosed.html": [
        ("https://example.com/u1", "first", ("Folder",), ""),
        ("https://example.com/u2", "second, never closed", ("Folder",), ""),
    ],
    "odd.html": [
        ("https://example.com/o1", "milliseconds", ("a", "b"), ""),
        ("https://example.com/o2", "microseconds", (), ""),
        ("https://example.com/o3", "negative", (), ""),
        ("https://example.com/o4", "zero", (), ""),
        ("https://example.com/o5", "text", (), ""),
        ("https://example.com/o6", "year 9999", (), ""),
        ("", "without an address", (), ""),
        ("", "empty address", (), ""),
        ("https://example.com/o7", "over several lines 😀 ¬anentity; &amp;", (), ""),
        ("file:///etc/passwd", "file", (), ""),
        ("data:text/html,x", "data", (), ""),
        ("https://example.com/o8", "quoted end", (), ""),
    ],
    "gbk_undeclared.html": [
        ("https://example.com/gbk", "中文标题：链接快照平台的使用说明", ("读书笔记",), ""),
        ("https://example.com/gbk2", "第二个网页，讲的是数据库和搜索引擎", ("读书笔记",), ""),
    ],
    "empty.html": [],
}


@pytest.mark.parametrize("name", CONTENTS)
def test_each_dialect_gives_its_links_folders_tags_and_notes(name: str) -> None:
    assert [short(row) for row in sample(name)] == CONTENTS[name]


def test_every_sample_has_its_expectation() -> None:
    assert {path.name for path in SAMPLES.glob("*.html")} == set(CONTENTS)


@pytest.mark.parametrize("size", [1, 7, 100])
def test_the_size_of_the_pieces_read_does_not_matter(size: int, monkeypatch) -> None:
    monkeypatch.setattr("linkshot.importers.field_text.CHUNK", size)
    assert {name: [short(row) for row in sample(name)] for name in CONTENTS} == CONTENTS


def test_dates_are_told_apart_by_their_size() -> None:
    assert dates("odd.html")[:2] == [DAY, DAY]
    assert dates("google.html")[0] == datetime(2008, 8, 29, 8, 53, 20, 123456, tzinfo=UTC)
    assert dates("safari.html") == [None] * 3


@pytest.mark.parametrize(
    ("raw", "date", "notices"),
    [
        ("1616337559", DAY, ()),
        ("1616337559000", DAY, ()),
        ("1616337559000000", DAY, ()),
        ("1616337559000000000", DAY, ()),
        ("473385600", None, ("date.invalid",)),
        ("473385600000", None, ("date.invalid",)),
        ("473385600000000", None, ("date.invalid",)),
        ("473385600000000000", None, ("date.invalid",)),
        ("13118850929335823", None, ("date.invalid",)),
        ("2021-03-21T14:39:19Z", DAY, ()),
        ("2021-03-21T15:39:19+0100", DAY, ()),
        ("2021-03-21 14:39:19", DAY, ()),
        ("631152000", datetime(1990, 1, 1, tzinfo=UTC), ()),
        ("", None, ()),
        (None, None, ()),
        ("0", None, ("date.invalid",)),
        ("-1616337559", None, ("date.invalid",)),
        ("abc", None, ("date.invalid",)),
        ("invaliddate", None, ("date.invalid",)),
        ("253402300799", None, ("date.invalid",)),
        ("99999999999999999999", None, ("date.invalid",)),
        ("9999-12-31", NOW, ("date.clamped",)),
        ("1795608000", NOW, ("date.clamped",)),
        ("1795608000000", NOW, ("date.clamped",)),
        ("4102444799000000", NOW, ("date.clamped",)),
        ("Sun, 21 Mar 2021 15:39:19 +0100", DAY, ()),
        ("21 Mar 2021 14:39:19 GMT", DAY, ()),
        ("Sunday, 21-Mar-21 14:39:19 GMT", DAY, ()),
        ("Sun Mar 21 14:39:19 2021", DAY, ()),
        ("21/Mar/2021:07:39:19 -0700", DAY, ()),
        ("2021/3/21 14:39:19", DAY, ()),
        ("2021-03-21 15:39:19 +0100", DAY, ()),
        ("2021-03-21 14:39:19 UTC", DAY, ()),
        ("2021年3月21日 14:39:19", DAY, ()),
        ("99 Foo 2021", None, ("date.invalid",)),
    ],
)
def test_a_date_is_read_dropped_or_clamped(raw: str, date: datetime, notices: object) -> None:
    assert parse_date(raw, NOW) == (date, notices)


@pytest.mark.parametrize(
    ("given", "date", "notices"),
    [
        ('LAST_MODIFIED="1616337559"', DAY, ()),
        ('ADD_DATE="" LAST_MODIFIED="1616337559"', DAY, ()),
        ('ADD_DATE="1616337559" LAST_MODIFIED="1700000000"', DAY, ()),
        ('ADD_DATE="0" LAST_MODIFIED="1616337559"', DAY, ()),
        ('ADD_DATE="x" LAST_MODIFIED="y"', None, ("date.invalid",)),
        ('TIME_ADDED="1616337559"', DAY, ()),
    ],
)
def test_a_bookmark_without_its_date_has_that_of_its_last_change(
    given: str, date: datetime, notices: tuple[str, ...]
) -> None:
    (row,) = read(f'<DL><DT><A HREF="https://a.example/" {given}>t</A></DL>'.encode())
    assert row.new
    assert (row.new.added_at, row.notices) == (date, notices)


@pytest.mark.parametrize("value", ["1", "true", "TRUE", "yes"])
def test_to_read_is_written_in_several_ways(value: str) -> None:
    (row,) = read(f'<DL><DT><A HREF="https://a.example/" TOREAD="{value}">t</A></DL>'.encode())
    assert row.new
    assert row.new.unread


NOTES = {
    "a<br>third": "a\nthird",
    "a<br/>b<BR />c": "a\nb\nc",
    "a<br><br>b": "a\n\nb",
    "<ul><li>a</li><li>b</li></ul>c": "a\nb\nc",
    "<p>a</p><p>b</p>": "a\nb",
    "<div>a</div>b": "a\nb",
    "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>": "a b\nc",
    "a<b>b</b>c": "abc",
    "one\n  two": "one\n  two",
    "a\n<DD>b\n<DD>\n<DD>c": "a\nb\nc",
}  # fmt: skip


@pytest.mark.parametrize(("source", "note"), NOTES.items())
def test_words_of_a_note_stay_apart(source: str, note: str) -> None:
    data = f'<DL><DT><A HREF="https://a.example/">t</A>\n<DD>{source}\n</DL>'
    (row,) = read(data.encode())
    assert short(row)[3] == note


STRAY_QUOTES = {
    'TAGS="a,b"c",d"': ("a", 'b"c"', "d"),
    'TAGS="a,b" c",d" PRIVATE="0"': ("a", 'b" c"', "d"),
    'TAGS="say "hi",b" TOREAD': ('say "hi"', "b"),
    'TAGS="说"你好",b"ADD_DATE="1616337559"': ('说"你好"', "b"),
    "TAGS='a,it's,d'": ("a", "it's", "d"),
    'TAGS="he wrote "x=y",b" X="1"': ('he wrote "x=y"', "b"),
    'TAGS="a,b c': ("a", "b c"),
    "TAGS=a, b, c": ("a", "b", "c"),
    'TAGS="a" ADD_DATE="1616337559" TAGS="b"': ("a", "b"),
    'TAGS="a,"><b,c"': ("a",),
}


@pytest.mark.parametrize(("given", "tags"), STRAY_QUOTES.items())
def test_no_tag_is_lost_behind_a_stray_quote(given: str, tags: tuple[str, ...]) -> None:
    data = f'<DL><DT><A HREF="https://a.example/" {given}>t</A>\n<DT><A HREF="https://b.example/">u</A></DL>'
    rows = read(data.encode())
    assert [row.new.tags for row in rows if row.new] == [tags, ()]
    assert [row.notices for row in rows] == [("tags.guessed",), ()]


@pytest.mark.parametrize(
    "given", ['TAGS = "a>b, c"', "tags='a>b,c' private", 'TAGS="a>b,c" X="1"', 'TAGS="a>b,c"ID="2"']
)
def test_tags_with_quotes_that_fit_carry_no_notice(given: str) -> None:
    (row,) = read(f'<DL><DT><A HREF="https://a.example/" {given}>t</A></DL>'.encode())
    assert (short(row)[2], row.notices) == (("a>b", "c"), ())


def test_an_address_with_a_quote_in_it_is_read_as_a_browser_does_and_told() -> None:
    (row,) = read(b'<DL><DT><A HREF="https://a.example/?q="x"" ADD_DATE="1616337559">t</A></DL>')
    assert (short(row)[0], row.notices) == ("https://a.example/?q=", ("address.guessed",))


@pytest.mark.parametrize(
    "inside",
    [" " * 10**6, '" a="b" c=' * 10**5, " a='\"" * 10**5, ' b="' * 10**5, ' tags="a"' * 10**5],
)
def test_a_hostile_tag_of_quotes_takes_no_quadratic_time(inside: str) -> None:
    (row,) = read(f'<DL><DT><A HREF="https://a.example/" TAGS="x{inside}y>t</A></DL>'.encode())
    assert row.new


def test_a_note_may_stand_in_an_attribute() -> None:
    row = '<DT><A HREF="https://a.example/" {}>t</A>\n'
    rows = [row.format(text) for text in ('note="n"', 'DESCRIPTION="d &amp; <e>\nf"', 'NOTE=""')]
    assert [short(row)[3] for row in read(f"<DL>{''.join(rows)}</DL>".encode())] == [
        "n", "d & <e>\nf", "",
    ]  # fmt: skip


NOTES = {
    'note="mine" description="theirs">t</A>\n<DD>dd': "mine\n\ndd\n\ntheirs",
    'note="mine" description="theirs">t</A>': "mine\n\ntheirs",
    'description="theirs">t</A>\n<DD>dd': "dd\n\ntheirs",
    'note="a &amp; b" description="one two">t</A>\n<DD>one\ntwo': "a & b\n\none\ntwo",
    'note="" description=" ">t</A>\n<DD>': "",
}


@pytest.mark.parametrize(("written", "note"), NOTES.items())
def test_notes_in_several_places_are_all_kept_each_once(written: str, note: str) -> None:
    (row,) = read(f'<DL>\n<DT><A HREF="https://a.example/" {written}\n</DL>'.encode())
    assert short(row)[3] == note


POCKET = """<!DOCTYPE html>
<html><head><meta charset="UTF-8"><title>Pocket Export</title></head><body>
<h1>Unread</h1>
<ul>
<li><a href="https://a.example/" time_added="1616337559" tags="一,two words">A</a></li>
<li><a href="https://b.example/" time_added="1616337559" tags="">https://b.example/</a></li>
</ul>
<h1>Read Archive</h1>
<ul>
<li><a href="https://c.example/" time_added="1616337559" tags="">C</a></li>
</ul></body></html>"""


def test_an_export_of_pocket_has_its_dates_tags_and_states() -> None:
    rows = read(POCKET.encode())
    assert [short(row)[:3] for row in rows] == [
        ("https://a.example/", "A", ("一", "two words")),
        ("https://b.example/", "", ()),
        ("https://c.example/", "C", ()),
    ]
    assert [(row.new.added_at, row.new.unread) for row in rows if row.new] == [
        (DAY, True), (DAY, True), (DAY, False),
    ]  # fmt: skip
    assert [row.notices for row in rows] == [(), (), ("archived.dropped",)]


def test_a_row_knows_its_line_and_its_source_without_pictures() -> None:
    first = sample("chromium.html")[0]
    assert first.line == 9
    assert 'ICON="…"' in first.raw or len(first.raw) < 250
    assert sample("odd.html")[8].line == 16


def test_to_read_is_kept() -> None:
    assert [row.new.unread for row in sample("linkding.html") if row.new] == [True, False]


def test_an_icon_of_a_megabyte_is_passed_over() -> None:
    icon = b"A" * 1_000_000
    data = b'<DL><DT><A HREF="https://a.example/" ICON="data:image/png;base64,' + icon + b'">t</A>'
    (row,) = read(data)
    assert short(row)[:2] == ("https://a.example/", "t")
    assert len(row.raw) <= 2000


def test_an_icon_of_three_megabytes_is_passed_over_too() -> None:
    icon = b"data:image/png;base64," + b"A" * 3_000_000
    for quote in (b'"', b"'", b""):
        row = b'<DT><A HREF="https://a.example/" ICON=%s%s%s TAGS="x">t</A>\n' % (
            quote,
            icon,
            quote,
        )
        found = read(b"<DL><p>\n" + row * 2)
        assert [short(row)[:3] for row in found] == [("https://a.example/", "t", ("x",))] * 2
        assert [row.line for row in found] == [2, 3]


def test_an_unclosed_comment_hides_nothing() -> None:
    rows = "".join(f'<DT><A HREF="https://{n}.example/">t</A>\n' for n in range(3))
    assert len(read(f"<DL><!-- stray\n{rows}</DL>".encode())) == 3


def test_a_quote_that_never_ends_loses_no_other_link() -> None:
    data = (
        b'<DL><DT><A HREF="https://a.example/>one</A>\n<DT><A HREF="https://b.example/">two</A>\n'
    )
    assert [row.new.title for row in read(data) if row.new] == ["one", "two"]


def test_ten_thousand_nested_folders_are_cut_at_fifty_levels() -> None:
    data = "<DL>" + "<DT><H3>f</H3><DL>" * 10_000 + '<DT><A HREF="https://a.example/">t</A>'
    (row,) = read(data.encode())
    assert row.new is not None
    assert row.new.tags[0].count("/") == 49
    assert row.notices == ("tag.too_deep",)


def test_leaving_deep_folders_comes_back_to_the_right_one() -> None:
    deep = "<DL>" + "<DT><H3>f</H3><DL>" * 60 + "</DL>" * 59
    (row,) = read((deep + '<DT><A HREF="https://a.example/">t</A>').encode())
    assert short(row)[2] == ("f",)


def test_a_hostile_file_of_open_tags_takes_no_quadratic_time() -> None:
    data = b'<DL><DT><A HREF="' + b"<a >'\"" * 40_000
    assert len(read(data)) >= 0


PLAIN = ["https://a.example/", "https://b.example/", "https://c.example/"]


@pytest.mark.parametrize(
    "end", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\f", "\v", "\x85", "\n\n", "\n\r"], ids=ascii
)
def test_lines_may_end_in_every_way(end: str) -> None:
    for text in (end.join(PLAIN), end.join(PLAIN) + end):
        rows = read(text.encode())
        assert [row.new.url for row in rows if row.new] == PLAIN
        assert [row.row for row in rows] == [1, 2, 3]


def test_mixed_ends_comments_and_blank_lines() -> None:
    rows = read(b"# mine\r\nhttps://a.example/\n\n  \rhttps://b.example/ | The title\r\n")
    assert [(row.row, row.line, short(row)[:2]) for row in rows] == [
        (1, 2, ("https://a.example/", "")),
        (2, 5, ("https://b.example/", "The title")),
    ]


def test_a_line_without_https_is_still_a_link() -> None:
    (row,) = read(b"example.com/page")
    assert row.scheme_default


def test_a_line_of_twenty_megabytes_is_one_rejected_row() -> None:
    data = b"https://a.example/\n" + b"x" * 20_000_000 + b"\nhttps://b.example/\n"
    first, long, last = read(data)
    assert (long.code, long.new, len(long.raw)) == ("import.line_too_long", None, 2000)
    assert [first.new.url, last.new.url, last.line] == [
        "https://a.example/",
        "https://b.example/",
        3,
    ]


def test_one_broken_byte_rejects_its_row_and_names_the_offset() -> None:
    lines = ["https://a.example/中", "https://b.example/", "https://c.example/"]
    data = "\n".join(lines).encode().replace(b"b.ex", b"b\xff.ex")
    rows = read(data)
    assert [row.code for row in rows] == [None, "import.invalid_bytes", None]
    assert str(data.index(b"\xff")) in (rows[1].reason or "")


def test_a_broken_byte_in_a_title_rejects_that_bookmark_only() -> None:
    data = (SAMPLES / "firefox_nested.html").read_bytes().replace(b">Help<", b">He\xfflp<")
    rows = sample("firefox_nested.html")
    broken = read(data)
    assert [row.code for row in broken] == [None, "import.invalid_bytes", None, None, None]
    assert str(data.index(b"\xff")) in (broken[1].reason or "")
    assert len(broken) == len(rows)


def test_one_sequence_that_was_cut_rejects_its_row_only() -> None:
    data = b"https://a.example/ | x\xe4\xb8 y\n" + b"https://b.example/\n" * 9
    assert [row.code for row in read(data)] == ["import.invalid_bytes"] + [None] * 9


def test_a_bookmark_file_in_utf_16_without_a_mark_is_read() -> None:
    tree = '<DL><p>\n<DT><A HREF="https://a.example/" TAGS="读">书签</A>\n</DL>'
    for name in ("utf-16-le", "utf-16-be"):
        (row,) = read(tree.encode(name))
        assert short(row)[:3] == ("https://a.example/", "书签", ("读",))


CHINESE = "https://example.com/书签\nhttps://example.com/读书笔记和数据库的搜索\n" * 20
TRADITIONAL = "https://example.com/書籤\nhttps://example.com/讀書筆記和資料庫的搜尋\n" * 20


@pytest.mark.parametrize(
    ("data", "given"),
    [
        (CHINESE.encode("utf-8-sig"), None),
        (CHINESE.encode("utf-16"), None),
        ("\ufeff".encode("utf-16-be") + CHINESE.encode("utf-16-be"), None),
        (CHINESE.encode("gb18030"), None),
        (CHINESE.encode("gb18030"), "gbk"),
        (TRADITIONAL.encode("big5"), "big5"),
        (CHINESE.encode("utf-16-le"), "utf-16-le"),
        (CHINESE.encode("utf-16-le"), "utf-16"),
        ("\ufeff".encode("utf-16-be") + CHINESE.encode("utf-16-be"), "utf-16"),
        (CHINESE.encode("utf-16-le"), None),
        (CHINESE.encode("utf-16-be"), None),
        (CHINESE.encode("utf-16-le") + b"h", None),
        (CHINESE.encode("utf-32"), None),
    ],
    ids=["utf-8 bom", "utf-16le bom", "utf-16be bom", "gb18030", "gbk given", "big5 given", "utf-16le given", "utf-16 given", "utf-16 given, be bom", "utf-16le", "utf-16be", "utf-16le cut", "utf-32 bom"],
)  # fmt: skip
def test_text_is_decoded_by_bom_name_or_detection(data: bytes, given: str | None) -> None:
    rows = read(data, given)
    assert len([row for row in rows if row.new]) == 40
    assert {row.new.url[20] for row in rows if row.new} <= set("书读書讀")


def test_latin_1_titles_are_detected() -> None:
    text = "".join(
        f"https://a.example/{n} | Größe, Übung, façade, naïve, élève\n" for n in range(20)
    )
    rows = read(text.encode("latin-1"))
    assert {row.new.title for row in rows if row.new} == {"Größe, Übung, façade, naïve, élève"}


def test_a_declared_charset_is_used() -> None:
    head = '<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=Shift_JIS">'
    data = f'{head}<DL><DT><A HREF="https://a.example/">日本語のページ</A>'.encode("cp932")
    assert [row.new.title for row in read(data) if row.new] == ["日本語のページ"]


def test_a_false_declaration_of_utf_8_is_seen_through() -> None:
    head = '<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">'
    title = "中文标题：链接快照平台的使用说明"
    data = f'{head}<DL><DT><A HREF="https://a.example/">{title}</A>'.encode("gb18030")
    assert [row.new.title for row in read(data) if row.new] == [title]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "import.empty"),
        (b"\xef\xbb\xbf", "import.empty"),
        (b" \n\n\t", "import.empty"),
        (b"\xff\xfe", "import.empty"),
        (b"a\0b", "import.not_text"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 100, "import.not_text"),
        (b"PK\x03\x04" + b"x" * 100, "import.not_text"),
        (b"%PDF-1.7\n" + b"x" * 100, "import.not_text"),
        (bytes(range(1, 32)) * 20, "import.not_text"),
        (b"SQLite format 3\0" + bytes(999), "import.not_text"),
        (b"https://a.example/\n" + bytes(range(256)) * 9, "import.not_text"),
        (b'[{"url": "https://a.example/"}]', "import.format_unknown"),
    ],
)
def test_what_holds_no_links_is_refused_as_a_whole(data: bytes, code: str) -> None:
    with pytest.raises(InvalidImport) as failure:
        read(data)
    assert failure.value.code == code


@pytest.mark.parametrize("name", ["no-such", "hex", "rot13", "a" * 500, "../etc"])
def test_a_charset_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(InvalidImport) as failure:
        read(b"https://a.example/", name)
    assert failure.value.code == "import.charset_unknown"


def test_a_format_nobody_knows_is_refused() -> None:
    with pytest.raises(InvalidImport) as failure:
        read(b"https://a.example/", kind="xlsx")
    assert failure.value.code == "import.format_unknown"


def test_a_stream_that_cannot_go_back_is_kept_aside() -> None:
    class OneWay(BytesIO):
        def seekable(self) -> bool:
            return False

    with make_rewindable(OneWay(b"abc")) as source:
        assert (source.read(), source.seek(0), source.read()) == (b"abc", 0, b"abc")
