"""Lists and bookmark files that are odd or huge (rows I6, I12, I14, I15, I19): every link ends somewhere."""

import io
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from linkshot.app import App
from linkshot.importers import formats
from linkshot.importers.field_text import DecodedText
from linkshot.importers.file_scan import scan_file
from linkshot.use_cases import imports, links

NOW = datetime(2026, 11, 24, tzinfo=UTC)

TREES = {
    "lower case": '<dl><dt><a href="{0}" tags="t">x</a></dl>',
    "mixed case": '<Dl><dT><A hReF="{0}" TaGs="t">x</a></dL>',
    "no doctype, no list": '<DT><A HREF="{0}" TAGS="t">x</A>',
    "lists that never end": '<DL><DT><H3></H3><DL><DT><A HREF="{0}" TAGS="t">x</A>',
    "lists that end too often": '</DL></DL><DL><DT><A HREF="{0}" TAGS="t">x</A></DL></DL></DL>',
    "an anchor that never ends": '<DL><DT><A HREF="{0}" TAGS="t">x<DT><HR></DL>',
    "folders without a name": '<DL><DT><H3> </H3><DL><DT><H3></H3><DL><DT><A HREF="{0}" TAGS="t">x</A>',
    "empty tags": '<DL><DT><A HREF="{0}" TAGS=",t,, ,">x</A></DL>',
    "the same tag twice": '<DL><DT><A HREF="{0}" TAGS="t,T,t">x</A></DL>',
    "single quotes": "<DL><DT><A HREF='{0}' TAGS='t'>x</A></DL>",
    "no quotes": "<DL><DT><A HREF={0} TAGS=t>x</A></DL>",
    "blanks around the equals sign": '<DL><DT><A HREF = "{0}" TAGS\n=\n"t">x</A></DL>',
    "an attribute twice": '<DL><DT><A HREF="{0}" HREF="https://b.example/" TAGS="t">x</A></DL>',
    "a comment in the title": '<DL><DT><A HREF="{0}" TAGS="t"><!-- y -->x</A></DL>',
    "a script in between": '<DL><script>"<DT><A HREF=https://b.example/>"</script><DT><A HREF="{0}" TAGS="t">x</A></DL>',
}  # fmt: skip


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES)
def test_a_bookmark_is_found_in_every_kind_of_tree(app: App, tree: str) -> None:
    data = tree.replace("{0}", "https://a.example/?x=1&amp;y=2").encode()
    report = imports.run(app, io.BytesIO(data), "bookmarks.html", format="netscape")
    assert (report.accepted, report.rejected) == (1, 0)
    link = links.get(app, "https://a.example/?x=1&y=2")
    assert (link.title, [tag.name for tag in link.tags]) == ("x", ["t"])


ENTITIES = {
    "&amp;": "&", "&#x1F600;": "😀", "&#20013;": "中", "&notanentity;": "¬anentity;",
    "&amp;lt;": "&lt;", "&": "&", "&#0;": "\ufffd", "&#xD800;": "\ufffd", "&#x110000;": "\ufffd",
    "&nbsp;&copy;": "©",
}  # fmt: skip


@pytest.mark.parametrize(("source", "title"), ENTITIES.items())
def test_entities_are_decoded_once(app: App, source: str, title: str) -> None:
    data = f'<DL><DT><A HREF="https://a.example/">{source}</A></DL>'.encode()
    imports.run(app, io.BytesIO(data), "bookmarks.html")
    assert links.get(app, "https://a.example/").title == title


UNESCAPED = [
    "?a=1&timestamp=5", "?a=1&region=eu", "?x=2&section=3", "?x=2&currency=EUR", "?a=1&param=x",
    "?a=1&copy=2", "?a=1&notify=1", "?a=1&lte=5", "?a=1&micro=1&amp=2",
]  # fmt: skip


def test_addresses_and_tags_that_were_written_unescaped_come_in_as_they_are(app: App) -> None:
    row = '<DT><A HREF="https://a.example/{0}" TAGS="r&region,a&amp;b">x</A>\n'
    data = f"<DL>{''.join(row.format(query) for query in UNESCAPED)}</DL>".encode()
    report = imports.run(app, io.BytesIO(data), "bookmarks.html")
    kept = imports.rows(app, report.import_id, "accepted")
    assert [row.url for row in kept] == [f"https://a.example/{query}" for query in UNESCAPED]
    tags = links.get(app, f"https://a.example/{UNESCAPED[0]}").tags
    assert [tag.name for tag in tags] == ["a&b", "r&region"]


def test_a_number_that_no_character_has_stops_nothing(app: App) -> None:
    rows = [f'<DT><A HREF="https://{n}.example/">&#{n * 5000};</A>\n' for n in ("1", "9")]
    report = imports.run(app, io.BytesIO(f"<DL>{''.join(rows)}</DL>".encode()), "bookmarks.html")
    assert (report.accepted, report.rejected) == (2, 0)


NOT_PAGES = [
    "javascript:alert(1)", "JAVASCRIPT:void(0)", "place:sort=8", "chrome://flags/", "about:config",
    "file:///etc/passwd", "data:text/html,x", "mailto:a@b.example", "edge://settings", "feed:x",
]  # fmt: skip


def test_entries_that_are_no_pages_are_rejected_one_by_one(app: App) -> None:
    rows = [f'<DT><A HREF="{url}">x</A>\n' for url in [*NOT_PAGES, "https://a.example/"]]
    data = f"<DL>{''.join(rows)}</DL>".encode()
    for _ in range(2):
        report = imports.run(app, io.BytesIO(data), "bookmarks.html")
        rejected = imports.rows(app, report.import_id, "rejected")
        assert [row.url for row in rejected] == NOT_PAGES
        assert {row.code for row in rejected} == {"url.scheme_not_allowed"}
        assert [row.line for row in rejected] == list(range(1, len(NOT_PAGES) + 1))
    assert (report.accepted, report.duplicate) == (0, 1)


class Endless(io.RawIOBase):
    """So many bytes of one line after the other, made while they are read."""

    def __init__(self, line: bytes, count: int) -> None:
        self._line = line
        self._left = count

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        lines = min(self._left, max(size // len(self._line), 1))
        self._left -= lines
        return self._line * lines


def test_a_million_lines_are_read_without_holding_them() -> None:
    line = b"https://a.example/" + b"x" * 180 + b"\n"
    tracemalloc.start()
    assert scan_file(Endless(line, 1_000_000)).size == 200 * 1_000_000 - 1_000_000
    rows: Iterator[object] = formats.read_rows(
        "plain", DecodedText(Endless(line, 50_000), "utf-8"), NOW
    )
    assert sum(1 for _ in rows) == 50_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_a_picture_of_any_size_in_a_bookmark_is_read_without_holding_it() -> None:
    icon = b"A" * 10_000_000
    data = io.BytesIO(b'<DL><DT><A HREF="https://a.example/" ICON="%s" TAGS="x">t</A>' % icon)
    tracemalloc.start()
    (row,) = formats.read_rows("netscape", DecodedText(data, "utf-8"), NOW)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert row.new
    assert (row.new.title, row.new.tags) == ("t", ("x",))
    assert peak < 5_000_000
