"""Raw markup in bookmark files, as exporters write it: every bookmark has its row."""

import random
from datetime import UTC, datetime
from io import BytesIO
from time import process_time

import pytest

from linkshot.importers import charset, formats
from linkshot.importers.field_text import DecodedText
from linkshot.importers.file_scan import scan_file
from linkshot.importers.row import ImportRow

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def read(source: str) -> list[ImportRow]:
    data = source.encode()
    seen = scan_file(BytesIO(data))
    name = charset.detect_charset(seen)
    return list(formats.read_rows("netscape", DecodedText(BytesIO(data), name), NOW))


def urls(source: str) -> list[str]:
    return [row.new.url if row.new else "" for row in read(source)]


def one(source: str) -> tuple[str, str, str]:
    row = read(source)[0]
    assert row.new
    return row.new.url, row.new.title, row.new.note


RAW = [
    "<script>", "<style>", "<textarea>", "<title>", "<noscript>", "<xmp>", "<iframe>", "<plaintext>",
    "<noembed>", "<noframes>", "<template>", "<svg>", "<math>", "<select>", "<![CDATA[", "<!--", "<!",
    "<!DOCTYPE html>", "<?php", "<%", "<a href=x>", '<a href="x', "<dl>", "</dl>x", "<dt> and",
    "<dd>", "<h1>", "<h3>", "<hr>", "<b>", "</a>", "<", "<<", "&lt;", "<script", "<a", "<!-", "<SCRIPT SRC=x>",
    "<script>a</style>", "-->", "]]>", '"', "'", '="', "='", "<p", "<li>", "<table>", "<object>",
]  # fmt: skip
PLACES = {
    "title": "<DT><A HREF={q}https://{n}.example/{q}>use {raw} in code</A>\n",
    "note": "<DT><A HREF={q}https://{n}.example/{q}>t</A>\n<DD>use {raw} in code\n",
    "second line of a note": "<DT><A HREF={q}https://{n}.example/{q}>t</A>\n<DD>one\ntwo {raw} three\n",
    "behind": "<DT><A HREF={q}https://{n}.example/{q}>t</A> {raw}\n",
    "folder": "<DT><H3>use {raw} in code</H3>\n<DL><p>\n<DT><A HREF={q}https://{n}.example/{q}>t</A>\n</DL><p>\n",
    "title without end": "<DT><A HREF={q}https://{n}.example/{q}>use {raw} in code\n",
}  # fmt: skip
PLAIN = '<DT><A HREF="https://{n}.example/">plain</A>\n'


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("raw", RAW)
def test_raw_markup_swallows_no_bookmark(raw: str, place: str) -> None:
    rows = [(PLACES[place] if n in (2, 5, 6) else PLAIN) for n in range(1, 7)]
    for quote in ('"', "'"):
        source = "<DL><p>\n" + "".join(
            row.format(n=n, raw=raw, q=quote) for n, row in enumerate(rows, 1)
        )
        found = [url for url in urls(f"{source}</DL>\n") if ".example/" in url]
        assert found == [f"https://{n}.example/" for n in range(1, 7)]


@pytest.mark.parametrize("end", ["</script>", "</style>", "</textarea>", "</title>", "]]>", "-->"])
@pytest.mark.parametrize(
    "begin", ["<script>", "<style>", "<textarea>", "<title>", "<![CDATA[", "<!--"]
)
def test_bookmarks_between_two_notes_about_tags_are_all_there(begin: str, end: str) -> None:
    rows = [f'<DT><A HREF="https://{n}.example/">t</A>\n<DD>use {n}\n' for n in range(6)]
    rows[1] = rows[1].replace("use", begin)
    rows[4] = rows[4].replace("use", end)
    assert len(urls("<DL><p>\n" + "".join(rows) + "</DL>")) == 6


def test_the_words_of_titles_and_notes_stay() -> None:
    source = (
        '<DL><DT><A HREF="https://a.example/">The <script> tag, <boatXML/></A>'
        "<DD>use <b> or <b>this</b>, <a href=\"x\">not that</a>, never <a href=y> and <dl>\n"
        "<textarea>too</textarea>\n</DL>"
    )  # fmt: skip
    assert one(source)[1:] == (
        "The <script> tag, <boatXML/>",
        "use <b> or this, not that, never <a href=y> and <dl>\n<textarea>too</textarea>",
    )


def test_a_list_inside_a_note_does_not_move_what_follows() -> None:
    source = """<DL><p>
    <DT><H3>F</H3>
    <DL><p>
        <DT><A HREF="https://a.example/">a</A>
        <DD>words: <dl><dt>term</dt><dd>meaning</dd></dl> and a stray <dl>
        <DT><A HREF="https://b.example/">b</A>
    </DL><p>
    <DT><A HREF="https://c.example/">c</A>
    </DL>"""
    rows = read(source)
    assert [row.new.tags for row in rows if row.new] == [("F",), ("F",), ()]
    assert "meaning" in one(source)[2]
    assert "stray" in one(source)[2]


COMMENTS = {
    "of one line": '<!-- <DT><A HREF="https://x.example/">x</A> -->\n',
    "of lines": '<!--\n<DT><A HREF="https://x.example/">x</A>\n<DD>y\n-->\n',
    "with a quote": '<!-- <DT><A HREF="https://x.example/>x</A> -->\n',
    "behind a DT": '<DT><!-- <A HREF="https://x.example/">x</A> -->',
    "around a folder": "<!-- <DT><H3>F</H3><DL> -->\n",
    "of much text": f'<!-- {"y" * 300_000} <DT><A HREF="https://x.example/">x</A> -->\n',
}


@pytest.mark.parametrize("comment", COMMENTS.values(), ids=COMMENTS)
def test_a_bookmark_inside_a_comment_is_none(comment: str) -> None:
    before, after = (f'<DT><A HREF="https://{n}.example/">{n}</A>\n' for n in "ab")
    rows = read(f"<DL><p>\n{before}{comment}{after}</DL>")
    assert [(row.new.url, row.new.tags) for row in rows if row.new] == [
        ("https://a.example/", ()),
        ("https://b.example/", ()),
    ]


def test_a_comment_inside_a_note_is_no_part_of_it() -> None:
    source = '<DL><DT><A HREF="https://a.example/">t</A><DD>a <!-- <DT><A HREF="y">y</A> --> b</DL>'
    assert (len(read(source)), one(source)[2]) == (1, "a  b")


def test_after_an_empty_comment_everything_is_there() -> None:
    rows = "".join(
        f'{c}<DT><A HREF="https://a.example/">t</A>\n' for c in ("<!-->", "<!--->", "<!---->")
    )
    assert len(urls(f"<DL>{rows}</DL>")) == 3


QUOTES = {
    "before a line": '<DT><A HREF="https://1.example/>t</A>\n<DT><A HREF="https://2.example/">t</A>',
    "on one line": '<DT><A HREF="https://1.example/>t</A><DT><A HREF="https://2.example/">t</A>',
    "without DT": '<A HREF="https://1.example/>t</A>\n<A HREF="https://2.example/">t</A>',
    "without DT on one line": '<A HREF="https://1.example/>t</A> <A HREF="https://2.example/">t</A>',
    "without an end of the tag": '<DT><A HREF="https://1.example/\n<DT><A HREF="https://2.example/">t</A>',
    "single": "<DT><A HREF='https://1.example/>t</A>\n<DT><A HREF='https://2.example/'>t</A>",
    "of another attribute": '<DT><A HREF="https://1.example/" TITLE="x>t</A>\n<DT><A HREF="https://2.example/">t</A>',
    "at the end of the file": '<DT><A HREF="https://1.example/">t</A>\n<DT><A HREF="https://2.example/',
    "far before": '<DT><A HREF="https://1.example/" ICON="' + "A" * 3_000_000 + '\n<DT><A HREF="https://2.example/">t</A>',
}  # fmt: skip


@pytest.mark.parametrize("source", QUOTES.values(), ids=QUOTES)
def test_a_quote_without_end_takes_no_bookmark_along(source: str) -> None:
    assert urls(f"<DL><p>\n{source}") == ["https://1.example/", "https://2.example/"]


def test_markup_inside_a_value_ends_nothing() -> None:
    source = (
        '<DL><DT><A HREF="https://a.example/" NOTE="see <a href> > and <dl>" TAGS="x">t</A>\n</DL>'
    )
    (row,) = read(source)
    assert row.new
    assert (row.new.title, row.new.tags) == ("t", ("x",))


def test_a_script_that_no_text_holds_is_passed_over() -> None:
    script = "<script>\nvar a = '<DT><A HREF=\"https://x.example/\">x</A>';\n</script>\n"
    rows = '<DT><A HREF="https://a.example/">t</A>\n'
    assert urls(f"<DL><p>\n{script}{rows}</DL><p>\n{script}") == ["https://a.example/"]


LIST_ENDS = {
    "one</A>\n<DD>closing </dl> in a note, more": ("one", "closing </dl> in a note, more", "F"),
    '</A>\n<DD>see </dl> <a href="x">y</a>': ("", "see </dl> y", "F"),
    "about </dl> tags</A>": ("about </dl> tags", "", "F"),
    "about </DL></A>": ("about </DL>", "", "F"),
    "one</A>\n<DD>a\n</dl> b": ("one", "a\n\nb", ""),
    "one</A>\n<DD>a\n</dl>\nb\nc": ("one", "a\n\nb\nc", ""),
}


@pytest.mark.parametrize(("source", "wanted"), LIST_ENDS.items())
def test_the_end_of_a_list_inside_words_loses_none_of_them(
    source: str, wanted: tuple[str, str, str]
) -> None:
    data = (
        f'<DL>\n<DT><H3>F</H3>\n<DL>\n<DT><A HREF="https://a.example/">{source}\n'
        '<DT><A HREF="https://b.example/">next</A>\n</DL>\n</DL>'
    )
    first, second = read(data)
    assert first.new
    assert second.new
    assert (first.new.title, first.new.note, "".join(second.new.tags)) == wanted
    assert (first.notices, second.notices) == (("folder_end.guessed",), ())


@pytest.mark.parametrize(
    "end", ["</DL>", "</DL><p>\n", "\n</DL>\n", "</DL></body></html>", "\n</DL>\nmade by X"]
)
def test_the_end_of_a_list_behind_a_note_is_no_word_of_it(end: str) -> None:
    (row,) = read(f'<DL><DT><A HREF="https://a.example/">t</A>\n<DD>n{end}')
    assert row.new
    assert (row.new.note, row.notices) == ("n", ())


def test_words_behind_a_bookmark_that_are_no_note_are_told() -> None:
    rows = read(
        '<DL><DT><A HREF="https://a.example/">t</A> lost\n<DT><A HREF="https://b.example/">u</A></li></DL>'
    )
    assert [row.notices for row in rows] == [("words.dropped",), ()]


HOSTILE = {
    "comments on one line": "<!-- " * 60_000,
    "comments on long lines": ("<!-- " * 3_000 + "\n") * 20,
    "links": "".join(f'<a href="https://b.example/{n}">x</a> ' for n in range(6_000)),
}


@pytest.mark.parametrize("inside", HOSTILE.values(), ids=HOSTILE)
def test_much_markup_in_a_note_takes_no_quadratic_time(inside: str) -> None:
    begun = process_time()
    rows = read(f'<DL><DT><A HREF="https://a.example/">t</A>\n<DD>{inside}\n</DL>')
    assert process_time() - begun < 5
    assert rows[0].new
    assert rows[0].new.title == "t"


def test_many_blanks_at_the_end_of_a_file_take_no_quadratic_time() -> None:
    blanks = " " * 150_000
    (row,) = read(
        f'<DL><DT><A HREF="https://a.example/">t</A><DD>n{blanks}</BODY>{blanks}</html >{blanks}'
    )
    assert row.new
    assert row.new.note == "n"


TEXT_COMMENTS = {
    "note": ("two</A>\n<DD>hide it with <!-- in HTML", ("two", "hide it with <!-- in HTML")),
    "beginning of a note": ("two</A>\n<DD><!-- in HTML", ("two", "<!-- in HTML")),
    "title": ("use <!-- in HTML</A>", ("use <!-- in HTML", "")),
    "beginning of a title": ("<!-- in HTML</A>\n<DD>note", ("<!-- in HTML", "note")),
    "title, and an arrow behind it": ("use <!-- in</A>\n<DD>a --> b", ("use <!-- in", "a --> b")),
}


@pytest.mark.parametrize(
    "end", ["<!-- exported by X -->", '<DT><A HREF="https://x.example/">a --> b</A>']
)
@pytest.mark.parametrize("place", TEXT_COMMENTS)
def test_a_comment_that_begins_within_a_text_and_does_not_end_there_is_text(
    place: str, end: str
) -> None:
    text, wanted = TEXT_COMMENTS[place]
    source = (
        "<DL><p>\n<DT><H3>Folder</H3>\n<DL><p>\n"
        f'<DT><A HREF="https://1.example/">{text}\n'
        '<DT><A HREF="https://2.example/">b</A>\n<DD>note two\n</DL><p>\n'
        '<DT><H3>Second</H3>\n<DL><p>\n<DT><A HREF="https://3.example/">c</A>\n'
        f"{end}\n</DL>\n</DL>\n"
    )
    found = [row.new for row in read(source) if row.new][:3]
    assert [(new.title, new.note) for new in found] == [wanted, ("b", "note two"), ("c", "")]
    assert [new.tags for new in found] == [("Folder",), ("Folder",), ("Second",)]


def test_a_comment_behind_a_text_that_holds_one_is_still_none() -> None:
    source = (
        '<DL>\n<DT><A HREF="https://a.example/">hide with <!-- in HTML</A>\n'
        '<!--\n<DT><A HREF="https://x.example/">x</A>\n-->\n<DT><A HREF="https://b.example/">b</A>\n'
        '<DL><p> <!-- <DT><A HREF="https://y.example/">y</A>\n--></DL>\n</DL>'
    )
    assert urls(source) == ["https://a.example/", "https://b.example/"]


def test_a_comment_that_is_left_out_is_told() -> None:
    rows = read(
        '<DL>\n<DT><A HREF="https://1.example/">t</A>\n<DD>a <!-- hidden --> b\n'
        '<DT><A HREF="https://2.example/">t</A>\n<!--\n<DT><A HREF="https://x.example/">x</A>\n-->\n'
        '<DT><A HREF="https://3.example/">t</A>\n</DL>'
    )
    assert [row.notices for row in rows] == [("comment.dropped",), ("comment.dropped",), ()]


def test_a_comment_in_the_name_of_a_folder_is_part_of_it() -> None:
    source = (
        "<DL><DT><H3>use <!-- x --> and y</H3> <!-- left out -->\n<!-- and this -->\n"
        '<DL><DT><A HREF="https://a.example/">t</A></DL></DL>'
    )
    assert [row.new.tags for row in read(source) if row.new] == [("use <!-- x --> and y",)]


@pytest.mark.parametrize("size", [1, 7, 64])
def test_comments_read_in_small_pieces_are_the_same(size: int, monkeypatch) -> None:
    pieces = ["<!--", "-->", " ", "\n", "<DD>", "w", "<DT>", '<A HREF="https://a.example/">', "</A>",
              "<DL><p>", "</DL>", "<DT><H3>F</H3>", '"', "<!-->", "\r\n", "\r"]  # fmt: skip
    chance = random.Random(size)
    for _ in range(150):
        source = "<DL>\n" + "".join(chance.choices(pieces, k=40))
        monkeypatch.setattr("linkshot.importers.field_text.CHUNK", 1 << 17)
        whole = read(source)
        monkeypatch.setattr("linkshot.importers.field_text.CHUNK", size)
        assert read(source) == whole, source


def test_a_link_inside_a_note_is_a_row_and_the_note_keeps_its_words() -> None:
    source = (
        '<DL>\n<DT><H3>F</H3>\n<DL>\n<DT><A HREF="https://a.example/">t</A>\n'
        '<DD>see <A HREF="https://b.example/?x=1&amp;y">this <b>page</b></A>,\n<a href="mailto:me@a.example">me</a>, '
        '<a href="https://a.example/">here</a> and <a href="https://c.example/">the rest\n'
        '<DT><A HREF="https://d.example/">u</A>\n</DL>\n</DL>'
    )
    found = [row.new for row in read(source) if row.new]
    assert [(new.url, new.title) for new in found] == [
        ("https://a.example/", "t"),
        ("https://b.example/?x=1&y", "this page"),
        ("mailto:me@a.example", "me"),
        ("https://c.example/", ""),
        ("https://d.example/", "u"),
    ]
    assert [new.tags for new in found] == [("F",)] * 5
    assert "see this page,\nme, here and" in found[0].note
    assert [new.note for new in found[1:]] == [""] * 4
    assert [row.line for row in read(source)] == [4, 5, 6, 6, 7]


def test_a_link_inside_the_description_of_a_folder_is_a_row() -> None:
    rows = read(
        '<DL>\n<DT><H3>F</H3>\n<DD>from <A HREF="https://a.example/">there</A>\n<DL>\n'
        '<DT><A HREF="https://b.example/">t</A>\n</DL>\n</DL>'
    )
    assert [(row.new.url, row.new.title, row.new.tags) for row in rows if row.new] == [
        ("https://a.example/", "there", ()),
        ("https://b.example/", "t", ("F",)),
    ]
    assert [row.notices for row in rows] == [(), ("folder_note.dropped",)]
