"""Tables with a header, of Pocket, Raindrop, Instapaper and others; and files that are refused whole."""

from datetime import UTC, datetime
from io import BytesIO

import pytest

from linkshot.app import App
from linkshot.domain.model import NewLink
from linkshot.errors import InvalidImport
from linkshot.importers import charset, formats
from linkshot.importers.field_text import DecodedText
from linkshot.importers.file_scan import scan_file
from linkshot.importers.row import ImportRow
from linkshot.use_cases import imports

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = datetime(2021, 3, 21, 14, 39, 19, tzinfo=UTC)
"""1616337559."""


def read(source: str | bytes, kind: str = "auto") -> list[ImportRow]:
    data = source.encode() if isinstance(source, str) else source
    seen = scan_file(BytesIO(data))
    name = charset.detect_charset(seen)
    return list(
        formats.read_rows(
            formats.detect_format(kind, seen.head, name), DecodedText(BytesIO(data), name), NOW
        )
    )


def links(source: str | bytes) -> list[NewLink]:
    return [row.new for row in read(source) if row.new]


POCKET = """\
title,url,time_added,{cursor}tags,status
Paper boats,https://a.example/,1616337559,{n}|one|two words|Ä,unread
"Boats: folding, naming (and ""losing"") them","https://b.example/with,commas",1616337559,{n}|,archive
https://c.example/,https://c.example/,1616337559,{n}|,unread
"Two
lines",https://d.example/,,{n}|x,unread
"""


@pytest.mark.parametrize("cursor", ["", "cursor,"])
def test_an_export_of_pocket(cursor: str) -> None:
    n = "1000," if cursor else ""
    rows = read(POCKET.format(cursor=cursor, n=n).replace(",|", ","))
    assert [row.line for row in rows] == [2, 3, 4, 5]
    assert [row.new for row in rows] == [
        NewLink(url="https://a.example/", title="Paper boats", tags=("one", "two words", "Ä"),
                added_at=DAY, unread=True),
        NewLink(url="https://b.example/with,commas", added_at=DAY,
                title='Boats: folding, naming (and "losing") them'),
        NewLink(url="https://c.example/", added_at=DAY, unread=True),
        NewLink(url="https://d.example/", title="Two lines", tags=("x",), unread=True),
    ]  # fmt: skip
    assert [row.notices for row in rows] == [(), ("archived.dropped",), (), ()]


RAINDROP = {
    "id,title,note,excerpt,url,folder,tags,created,cover,highlights,favorite":
        '7,标题,"a note\nof lines",words,https://a.example/,书签/技术,"dev, php 7.x",2021-03-21T14:39:19.000Z,,"Marked: ""x""",true',
    "title,note,excerpt,url,folder,tags,created":
        '标题,"a note\nof lines",words,https://a.example/,书签 / 技术,"dev, php 7.x",2021-03-21T14:39:19Z',
    "title,description,url,folder,tags,created,cover,highlights":
        '标题,"a note\nof lines",https://a.example/,书签/技术,"dev, php 7.x",1616337559,,',
}  # fmt: skip


@pytest.mark.parametrize(("header", "record"), RAINDROP.items())
def test_an_export_of_raindrop(header: str, record: str) -> None:
    rows = read(f"{header}\r\n{record}\r\n".encode("utf-8-sig"))
    words = "\n\nwords" if "excerpt" in header else ""
    marked = '\n\nMarked: "x"' if "favorite" in header else ""
    assert [row.new for row in rows] == [
        NewLink(url="https://a.example/", title="标题", note=f"a note\nof lines{words}{marked}",
                tags=("书签/技术", "dev", "php 7.x"), added_at=DAY)
    ]  # fmt: skip
    assert rows[0].notices == (("favorite.dropped",) if "favorite" in header else ())


def test_what_is_unsorted_in_raindrop_has_no_folder() -> None:
    header = "id,title,note,excerpt,url,folder,tags,created,cover,highlights,favorite\n"
    (one,) = links(f"{header}7,T,,,https://a.example/,Unsorted,,,,,false")
    assert (one.tags, one.note) == ((), "")


def test_an_export_of_instapaper() -> None:
    rows = read(
        "URL,Title,Selection,Folder,Timestamp,Tags\n"
        'https://a.example/,A,"Some, words",Unread,1616337559,"[""x"", ""y, z""]"\n'
        "https://b.example/,B,,Archive,1616337559,[]\n"
        "https://c.example/,C,,Starred,1616337559,[]\n"
        "https://d.example/,D,,To/Cook,1616337559,[]\n"
    )
    assert [row.new for row in rows] == [
        NewLink(url="https://a.example/", title="A", note="Some, words", tags=("x", "y, z"),
                added_at=DAY, unread=True),
        NewLink(url="https://b.example/", title="B", added_at=DAY),
        NewLink(url="https://c.example/", title="C", added_at=DAY),
        NewLink(url="https://d.example/", title="D", tags=("To∕Cook",), added_at=DAY),
    ]  # fmt: skip
    told = [(), ("archived.dropped",), ("favorite.dropped",), ("tag.slash",)]
    assert [row.notices for row in rows] == told
    old = links("URL,Title,Selection,Folder\nhttps://a.example/,A,,Recipes\n")
    assert old == [NewLink(url="https://a.example/", title="A", tags=("Recipes",))]


ONE = NewLink(url="https://a.example/", title="A, title", tags=("x", "y"), added_at=DAY)
TABLES = {
    "commas": 'Name,Link,Tags,Date\n"A, title",https://a.example/,"x,y",2021-03-21T14:39:19Z\n',
    "semicolons": "Name;Link;Tags;Date\nA, title;https://a.example/;x,y;2021-03-21T14:39:19Z\n",
    "tabs": "Date\tTags\tLink\tName\n2021-03-21T14:39:19Z\tx, y\thttps://a.example/\tA, title\n",
    "chinese": '标题,网址,标签,添加时间\n"A, title",https://a.example/,x、y,2021年3月21日 14:39:19\n',
    "traditional chinese": '標題,網址,標籤,日期\n"A, title",https://a.example/,"x，y",1616337559\n',
    "capitals and blanks": ' TITLE , Url ,TAGS, Created_At \n"A, title",https://a.example/,x|y,1616337559\n',
    "all in quotes": '"title","url","tags","date"\n"A, title","https://a.example/","x,y","1616337559"\n',
    "for excel": "sep=;\ntitle;url;tags;date\nA, title;https://a.example/;x;1616337559\n".replace(";x;", ";x,y;"),
    "after comments": '# mine\ntitle,url,tags,date\n"A, title",https://a.example/,"x,y",1616337559\n'.removeprefix("# mine\n"),
    "unknown columns": 'id,title,cover,url,tags,date\n9,"A, title",c.png,https://a.example/,"x,y",1616337559\n',
    "blank lines": '\n\ntitle,url,tags,date\n\n"A, title",https://a.example/,"x,y",1616337559\n,,,\n\n',
    "cr": '"title",url,tags,date\r"A, title",https://a.example/,"x,y",1616337559\r',
}  # fmt: skip


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_any_table_with_a_column_of_addresses_is_read(table: str) -> None:
    assert links(table) == [ONE]


OTHERS = {
    'url,title,Kommentar\nhttps://a.example/,T,"my words"\n': "Kommentar: my words",
    "url;titel;Note\nhttps://a.example/;Ein Wort;n\n": "n\n\ntitel: Ein Wort",
    "url,title,Body,rating,id\nhttps://a.example/,T,words,5,9\n": "Body: words\nrating: 5",
    "url,title,note,Body\nhttps://a.example/,T,words,words\n": "words",
    ",url,title,\n0,https://a.example/,T,unnamed words\n": "unnamed words",
    "url,title,name\nhttps://a.example/,T,Another\n": "name: Another",
    "url,title,website\nhttps://a.example/,T,The Example\n": "website: The Example",
    "url,title,folder,category\nhttps://a.example/,T,F,F\n": "",
    "url,title,category,folder\nhttps://a.example/,T,C,F\n": "category: C",
    "网址,标题,心得\nhttps://a.example/,T,很好\n": "心得: 很好",
}


@pytest.mark.parametrize(("table", "note"), OTHERS.items())
def test_the_text_of_a_column_without_another_place_is_kept_in_the_note(
    table: str, note: str
) -> None:
    (row,) = read(table)
    assert row.new
    assert (row.new.note, row.notices) == (note, ())


def test_the_tags_of_several_columns_are_all_kept() -> None:
    (one,) = links('url,tags,keywords\nhttps://a.example/,"x,y","y,z"\n')
    assert one.tags == ("x", "y", "z")


@pytest.mark.parametrize("name", ["utf-16", "utf-8-sig", "gb18030"])
def test_a_table_may_be_in_any_charset(name: str) -> None:
    rows = "".join(f"第{n}个网页的标题,https://a.example/{n},数据库\n" for n in range(30))
    found = links(f"标题,网址,标签\n{rows}".encode(name))
    assert [(one.title, one.tags) for one in found[:1]] == [("第0个网页的标题", ("数据库",))]
    assert len(found) == 30


def test_a_quote_that_never_ends_takes_no_other_record_along() -> None:
    rows = [f"T{n},https://{n}.example/\n" for n in range(400)]
    rows[3] = '"T3,https://3.example/\n'
    rows[300] = 'T300,"https://300.example/\n'
    rows[399] = '"T399,https://399.example/\n'
    found = read("title,url\n" + "".join(rows))
    assert [row.new.url for row in found if row.new] == [
        f"https://{n}.example/" for n in range(400)
    ]
    assert [row.line for row in found] == [*range(2, 402)]


def test_a_row_that_does_not_fit_the_header_is_told_and_no_other(kept: App) -> None:
    data = (
        "title,url,tags\n"
        "Folding, naming,https://a.example/,x\n"
        "T,https://b.example/,x,y\n"
        "T,,\n"
        "T,just words,\n"
        "T,example.com/page\n"
        "title,url,tags\n"
        "T,ftp://c.example/,\n"
    )
    report = imports.run(kept, BytesIO(data.encode()), "t.csv")
    rows = imports.rows(kept, report.import_id)
    assert [(row.line, row.outcome, row.code or row.notices) for row in rows] == [
        (2, "rejected", "import.columns"),
        (3, "accepted", ("columns.dropped",)),
        (4, "rejected", "url.required"),
        (5, "rejected", "url.required"),
        (6, "accepted", ("scheme_added",)),
        (8, "rejected", "url.scheme_not_allowed"),
    ]
    assert report.format == "csv"


def test_a_broken_byte_or_a_nul_is_told_of_its_record_only() -> None:
    rows = b"".join(b"T%d,https://a.example/%d\n" % (n, n) for n in range(50))
    rows = rows.replace(b"T7,", b"T\xff7,").replace(b"T9,", b"T\x009,")
    found = read(b"title,url\n" + rows)
    assert [row.row for row in found if row.code == "import.invalid_bytes"] == [8]
    assert found[9].new == NewLink(url="https://a.example/9", title="T\0009")
    assert len(found) == 50


def test_other_ends_of_lines_inside_a_title_end_no_record() -> None:
    (one,) = links("title,url\nOne\u2028two\x0bthree,https://a.example/\n")
    assert one.title == "One two three"


@pytest.mark.parametrize("size", [1, 7, 100])
def test_the_size_of_the_pieces_read_does_not_matter(size: int, monkeypatch) -> None:
    monkeypatch.setattr("linkshot.importers.field_text.CHUNK", size)
    for table in TABLES.values():
        assert links(table) == [ONE]


def test_a_field_beyond_all_measure_ends_no_import() -> None:
    long = "x" * 200_000
    found = read(
        f'title,url\n{long},https://a.example/\n"{long}\n{long}",https://b.example/\nT,https://c.example/\n'
    )
    assert found[0].code == "import.line_too_long"
    assert found[-1].new == NewLink(url="https://c.example/", title="T")


HEADERLESS = {
    "quoted titles": '"One, the first",https://a.example/1,x\n"Two",https://a.example/2,y\n',
    "quoted titles over lines": '"One,\nthe first",https://a.example/1,x\n"Two",https://a.example/2,y\n',
    "semicolons": "One, the first;https://a.example/1;x\nTwo;https://a.example/2;y\n",
    "tabs": "One, the first\thttps://a.example/1\tx\nTwo\thttps://a.example/2\ty\n",
    "addresses first": 'https://a.example/1,"One, the first",x\nhttps://a.example/2,Two,y\n',
    "addresses first, tabs": "https://a.example/1\tOne, the first\tx\r\nhttps://a.example/2\tTwo\ty\r\n",
    "all in quotes": '\ufeff"https://a.example/1","One, the first","x"\n"https://a.example/2","Two","y"\n',
    "numbered": '1,"One, the first",https://a.example/1,x\n2,Two,https://a.example/2,y\n',
    "comments and empty columns": '# mine\n\n"One, the first",,https://a.example/1,x,\nTwo,,https://a.example/2,y,\n',
}  # fmt: skip


@pytest.mark.parametrize("source", HEADERLESS.values(), ids=HEADERLESS)
def test_a_table_without_a_header_is_read_by_what_its_columns_hold(source: str) -> None:
    rows = read(source)
    assert [row.new for row in rows] == [
        NewLink(url="https://a.example/1", title="One, the first", note="x"),
        NewLink(url="https://a.example/2", title="Two", note="y"),
    ]
    assert [row.notices for row in rows] == [(), ()]


def test_dates_and_tags_of_a_table_without_a_header_are_found() -> None:
    (one, _) = links("1616337559,T,https://a.example/\n1616337560,U,https://b.example/\n")
    assert one == NewLink(url="https://a.example/", title="T", added_at=DAY)
    (two, _) = links("https://a.example/;One title;x,y\nhttps://b.example/;Two words;z\n")
    assert two == NewLink(url="https://a.example/", title="One title", tags=("x", "y"))


def test_a_single_word_behind_an_address_may_be_part_of_it_and_the_row_says_so() -> None:
    rows = read("https://a.example/1,one\nhttps://a.example/2,two\n")
    assert [row.new for row in rows] == [
        NewLink(url="https://a.example/1", title="one"),
        NewLink(url="https://a.example/2", title="two"),
    ]
    assert [row.notices for row in rows] == [("address.guessed",)] * 2


def test_a_record_that_does_not_fit_a_table_without_a_header_is_refused(
    kept: App,
) -> None:
    data = "One,https://a.example/\n" * 30 + "just words\nwords,no address\na,b,c\n"
    report = imports.run(kept, BytesIO(data.encode()), "t.csv")
    rows = imports.rows(kept, report.import_id, "rejected")
    assert [(row.line, row.code) for row in rows] == [
        (31, "url.required"), (32, "url.required"), (33, "import.columns"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "https://a.example/0,1518,123,00.html",
        "https://a.example/wiki/Paris,_Texas",
        "https://a.example/@52.1,13.2,15z",
        "https://a.example/x;v=1",
    ],
)
def test_commas_and_semicolons_of_addresses_make_no_table(line: str) -> None:
    assert [one.url for one in links(f"{line}\n{line}\n{line}\n")] == [line] * 3


def test_a_title_with_a_comma_behind_an_address_takes_no_word_into_it() -> None:
    (one, two) = links("https://a.example/2,Two, title\na.example/x,One\n")
    assert (one.url, two.url, two.title) == ("https://a.example/2", "a.example/x", "One")


@pytest.mark.parametrize("line", ['a,"', '"', ',"x"', "'' word", "（）", 'x,"" y'])
def test_lone_quotes_and_brackets_are_words_without_an_address(line: str) -> None:
    assert [row.code for row in read(f"{line}\n", kind="plain")] == ["url.required"]


MARKDOWN = {
    "| Name | Link |\n|---|---|\n| One | [Two](https://a.example/) |\n": [("One", "Two")],
    "| Name | Link | Notes |\n|:--|--:|---|\n| | [Two](https://a.example/) - more | n |\n": [("Two", "n\n\nmore")],
    "Name | Url\n--- | ---\nOne | [Two](https://a.example/) and [Three](https://b.example/)\n":
        [("Two", "One"), ("Three", "One")],
    "| Url | Name |\n|---|---|\n| [a \\| b](https://a.example/) | One |\n| https://b.example/ | B |\n":
        [("a \\| b", "One"), ("B", "")],
    "| One | [Two](https://a.example/) |\n": [("Two", "One")],
    "Title | Kind\n---|---\n[Two](https://a.example/) | words\n": [("Two", "words")],
    "# Head\n\n| 网站 | 说明 |\n|---|---|\n| [二](https://a.example/) | 一 |\n": [("二", "一")],
}  # fmt: skip


@pytest.mark.parametrize("source", MARKDOWN)
def test_every_link_in_a_table_of_markdown_is_a_row(source: str) -> None:
    rows = read(source)
    assert [row.code for row in rows if row.code] == []
    assert [(row.new.title, row.new.note) for row in rows if row.new] == MARKDOWN[source]
    urls = ["https://a.example/", "https://b.example/"]
    assert [row.new.url for row in rows if row.new] == urls[: len(rows)]


def test_words_above_another_line_than_a_rule_are_still_told() -> None:
    rows = read("Words\n---\n| a | b |\nhttps://a.example/\n| c | d |\n", kind="plain")
    assert [row.code for row in rows] == ["url.required"] * 3 + [None, "url.required"]
    assert [row.row for row in rows] == [1, 2, 3, 4, 5]


REFUSED = {
    "json": ('[{"url": "https://a.example/"}]', "JSON"),
    "json lines": ('{"url": "https://a.example/"}\n{"url": "https://b.example/"}\n', "JSON"),
    "chrome": ('{\n   "checksum": "x",\n   "roots": {}}', "Chrome"),
    "firefox": ('{"guid":"root","type":"text/x-moz-place-container"}', "Firefox"),
    "opml": ('<?xml version="1.0"?>\n<opml version="2.0"><body/></opml>', "OPML"),
    "rss": ('<rss version="2.0"><channel><link>https://a.example/</link></channel></rss>', "RSS"),
    "atom": ('<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"></feed>', "Atom"),
    "plist": ('<?xml version="1.0"?><!DOCTYPE plist PUBLIC "x" "y"><plist></plist>', "property list"),
    "xml": ('<?xml version="1.0"?>\n<bookmarks><a href="https://a.example/"/></bookmarks>', "XML"),
    "other columns": ("Titel,Adresse,Stichwort\nEins,https://a.example/,x\nZwei,https://b.example/,y\n", "Adresse"),
    "other columns, lines": ('Nom;Adr\n"a\nb";https://a.example/\nc;https://b.example/\n', "Adr"),
}  # fmt: skip


@pytest.mark.parametrize(("source", "named"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_cannot_be_read_is_refused_whole_with_its_kind(source: str, named: str) -> None:
    with pytest.raises(InvalidImport) as failure:
        read(source)
    assert failure.value.code == "import.format_unknown"
    assert named in failure.value.message
    assert "url" in failure.value.message


def test_a_table_without_a_known_column_is_refused_when_it_is_asked_for() -> None:
    with pytest.raises(InvalidImport) as failure:
        read("a,b\n1,2\n", kind="csv")
    assert failure.value.code == "import.format_unknown"


LISTS = {
    "a heading alone": "url\nhttps://a.example/x,y\nhttps://b.example/\n",
    "words before a list": "Links, collected in spring\nhttps://a.example/x,y\nhttps://b.example/\n",
    "words with commas": "Reading, mostly\n\n- https://a.example/x,y\n- https://b.example/ Title\n",
    "markdown with a tag": "Intro <br> text\n\n- [T](https://a.example/x,y)\n- [U](https://b.example/)\n",
    "markdown that begins with a tag": "<p align=center>Awesome</p>\n\n- [T](https://a.example/x,y)\n- [U](https://b.example/)\n",
    "autolinks": "<https://a.example/x,y>\n<https://b.example/>\n",
    "a markdown table": "| Name | Link |\n|---|---|\n| T | https://a.example/x,y |\n| U | https://b.example/ |\n",
}  # fmt: skip


@pytest.mark.parametrize("source", LISTS.values(), ids=LISTS)
def test_a_list_is_no_table(source: str) -> None:
    assert [one.url for one in links(source)] == ["https://a.example/x,y", "https://b.example/"]


@pytest.mark.parametrize(
    "line", ["Link\thttps://a.example/", "url,https://a.example/", "网址;https://a.example/"]
)
def test_a_line_with_an_address_is_no_header(line: str) -> None:
    assert links(line) == links(f"{line}\n") == [NewLink(url="https://a.example/")]


def test_a_word_of_a_list_is_never_called_a_private_network(kept: App) -> None:
    data = b"Reading list\nhttps://a.example/ One\nsecond heading\nhttps://b.example/, https://c.example/\n"
    report = imports.run(kept, BytesIO(data), "list.txt")
    rows = imports.rows(kept, report.import_id)
    assert [(row.row, row.line, row.code) for row in rows] == [
        (1, 1, "url.required"), (2, 2, None), (3, 3, "url.required"), (4, 4, None), (5, 4, None),
    ]  # fmt: skip
    assert "private" not in (rows[0].reason or "")
