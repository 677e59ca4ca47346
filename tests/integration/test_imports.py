"""Importing whole files: the ledger, repeating, resuming, and what the catalogue has afterwards."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa

from linkshot import query
from linkshot.app import App
from linkshot.catalogue.links import links as table
from linkshot.domain.model import Link, NewLink
from linkshot.errors import CatalogueUnavailable, InvalidImport, InvalidTag, NotFound
from linkshot.use_cases import import_batches, imports, links, tags, trash
from linkshot.use_cases.paging import page_request
from tests.failing import failing_statement

SAMPLES = Path(__file__).parent.parent / "data" / "imports"


def run(app: App, data: bytes | str, **more: object) -> imports.ImportReport:
    raw = data.encode() if isinstance(data, str) else data
    return imports.run(app, BytesIO(raw), "list.txt", **more)


def counts(report: imports.ImportReport) -> tuple[int, int, int]:
    return report.accepted, report.duplicate, report.rejected


def everything(app: App) -> list[Link]:
    page = page_request(limit=200, sort="newest")
    return list(links.list_links(app, query.All(), page).items)


def many(count: int) -> str:
    return "".join(f"https://example.com/{number}\n" for number in range(count))


def test_a_bad_line_is_one_rejected_row(kept: App) -> None:
    lines = [
        "https://a.example/",
        "https://b.example/",
        "javascript:alert(1)",
        "c.example",
        "d.example",
    ]
    report = run(kept, "\n".join(lines))
    assert counts(report) == (4, 0, 1)
    (row,) = imports.rows(kept, report.import_id, "rejected")
    assert (row.row, row.line, row.code) == (3, 3, "url.scheme_not_allowed")
    assert (row.url, row.raw, row.link_id) == ("javascript:alert(1)", "javascript:alert(1)", None)
    assert row.reason


def test_a_line_without_its_title_is_the_link_alone(kept: App) -> None:
    run(kept, "https://a.example/0 | \nhttps://a.example/1 |\n")
    assert [link.url for link in everything(kept)[::-1]] == [
        "https://a.example/0",
        "https://a.example/1",
    ]


def test_markup_in_a_title_makes_no_bookmark_file_of_a_list(kept: App) -> None:
    text = (
        "# read later\n\nhttps://b.example/0 | How <a href> and <title> work\nhttps://b.example/1\n"
    )
    assert counts(run(kept, text)) == (2, 0, 0)
    assert everything(kept)[-1].title == "How <a href> and <title> work"


def test_the_ledger_has_one_row_for_each_source_row(kept: App) -> None:
    report = run(kept, "https://a.example/\n\n# x\nhttps://A.example:443/#part\nhttp://10.0.0.1/\n")
    rows = imports.rows(kept, report.import_id)
    assert [(row.row, row.line, row.outcome) for row in rows] == [
        (1, 1, "accepted"), (2, 4, "duplicate"), (3, 5, "rejected"),
    ]  # fmt: skip
    assert rows[0].link_id == rows[1].link_id == links.get(kept, "https://a.example/").link_id
    assert report.rows == len(rows) == 3
    assert [row.row for row in imports.rows(kept, report.import_id, after=1, limit=1)] == [2]


def test_imported_links_wait_behind_people(kept: App) -> None:
    run(kept, many(2))
    with kept.catalogue.read() as conn:
        rows = conn.execute(sa.select(table.c.priority, table.c.reason, table.c.due_at)).all()
    assert {tuple(row)[:2] for row in rows} == {(2, "import")}
    assert all(row.due_at is not None for row in rows)


def test_the_same_file_again_brings_nothing_new(kept: App) -> None:
    data = (SAMPLES / "firefox_nested.html").read_bytes()
    first, second = run(kept, data), run(kept, data)
    assert counts(first) == (4, 0, 1)
    assert counts(second) == (0, 4, 1)
    assert first.import_id != second.import_id
    assert len(everything(kept)) == 4


def test_importing_known_links_again_raises_no_revision(kept: App) -> None:
    data = (SAMPLES / "chromium.html").read_bytes()
    run(kept, data)
    before = {link.link_id: link.rev for link in everything(kept)}
    run(kept, data)
    assert {link.link_id: link.rev for link in everything(kept)} == before


def test_duplicates_in_a_file_are_one_link_with_all_tags_and_the_earliest_date(kept: App) -> None:
    report = run(
        kept,
        '<DL><DT><H3>一</H3><DL><DT><A HREF="https://a.example/" ADD_DATE="1616337559">t</A></DL>'
        '<DT><H3>二</H3><DL><DT><A HREF="https://a.example/#x" ADD_DATE="1516337559">u</A>'
        "<DD>note</DL></DL>",
    )
    (link,) = everything(kept)
    assert counts(report) == (1, 1, 0)
    assert sorted(tag.name for tag in link.tags) == ["一", "二"]
    assert link.added_at == datetime.fromtimestamp(1516337559, UTC)
    assert (link.title, link.note) == ("t", "note")


def dated(*rows: tuple[str, int | None]) -> str:
    """A bookmark file of (host, year)."""
    lines = [
        f'<DT><A HREF="https://{host}.example/"'
        + (f' ADD_DATE="{int(datetime(year, 1, 1, tzinfo=UTC).timestamp())}"' if year else "")
        + ">t</A>\n"
        for host, year in rows
    ]
    return f"<DL>{''.join(lines)}</DL>"


def years(app: App) -> dict[str, int]:
    return {link.host[0]: link.added_at.year for link in everything(app)}


def notices(app: App, report: imports.ImportReport) -> list[tuple[str, ...]]:
    return [row.notices for row in imports.rows(app, report.import_id)]


def test_a_link_that_was_known_keeps_its_date_and_the_row_says_so(kept: App) -> None:
    added = links.add(kept, NewLink(url="https://a.example/", title="t", note="mine")).link
    dry = run(kept, dated(("a", 2018)), dry_run=True)
    report = run(kept, dated(("a", 2018)))
    (link,) = everything(kept)
    assert (link.title, link.note, link.added_at) == ("t", "mine", added.added_at)
    assert (link.by_added, link.rev) == (added.by_added, added.rev)
    assert notices(kept, report) == [row.notices for row in dry.preview] == [("date.kept",)]
    assert report.noticed == dry.noticed == {"date.kept": 1}


TWICE = (
    "url,title,note\n"
    "https://a.example/#1,Two,second\n"
    "https://b.example/,B,one\n"
    "https://b.example/#x,C,two\n"
    "https://b.example/,B,one\n"
)


@pytest.mark.parametrize("size", [1, 2, 50])
def test_notes_are_joined_and_what_is_left_out_is_said(kept: App, monkeypatch, size: int) -> None:
    for name in ("FIRST_BATCH", "SMALLEST_BATCH", "LARGEST_BATCH"):
        monkeypatch.setattr(import_batches, name, size)
    links.add(kept, NewLink(url="https://a.example/", title="One", note="first"))
    dry = run(kept, TWICE, dry_run=True)
    report = run(kept, TWICE)
    said = ("fragment.dropped", "title.kept", "note.joined")
    assert notices(kept, report) == [row.notices for row in dry.preview] == [said, (), said, ()]
    found = {link.host[0]: (link.title, link.note) for link in everything(kept)}
    assert found == {"a": ("One", "first\n\nsecond"), "b": ("B", "one\n\ntwo")}
    revisions = [link.rev for link in everything(kept)]
    run(kept, TWICE)
    assert [link.rev for link in everything(kept)] == revisions
    assert found == {link.host[0]: (link.title, link.note) for link in everything(kept)}


def test_a_row_that_brings_a_link_out_of_the_trash_says_so(kept: App) -> None:
    link = links.add(kept, NewLink(url="https://a.example/")).link
    trash.remove(kept, [link.link_id])
    data = "https://a.example/\nhttps://a.example/\n"
    dry = run(kept, data, dry_run=True)
    assert everything(kept) == []
    report = run(kept, data)
    assert notices(kept, report) == [row.notices for row in dry.preview] == [("restored",), ()]
    assert report.noticed == dry.noticed == {"restored": 1}
    assert [found.link_id for found in everything(kept)] == [link.link_id]


def test_links_in_the_trash_stay_there_when_that_is_asked_for(kept: App) -> None:
    link = links.add(kept, NewLink(url="https://a.example/", note="mine")).link
    trash.remove(kept, [link.link_id])
    data = "url,note,tags\nhttps://a.example/,other,x\nhttps://b.example/,b,y\n"
    dry = run(kept, data, dry_run=True, skip_trashed=True)
    report = run(kept, data, skip_trashed=True)
    assert notices(kept, report) == [row.notices for row in dry.preview] == [("trash.kept",), ()]
    assert counts(report) == (1, 1, 0)
    assert [found.host for found in everything(kept)] == ["b.example"]
    trash.restore(kept, [link.link_id])
    back = links.get(kept, link.link_id)
    assert (back.note, back.tags) == ("mine", ())


def test_dates_are_taken_when_they_are_asked_for(kept: App) -> None:
    added = links.add(kept, NewLink(url="https://a.example/")).link
    report = run(kept, dated(("a", 2018), ("a", 2020)), take_dates=True)
    (link,) = everything(kept)
    assert link.added_at.year == 2018
    assert link.by_added < added.by_added
    assert link.rev > added.rev
    assert notices(kept, report) == [(), ()]


def test_a_second_import_with_earlier_dates_changes_none(kept: App) -> None:
    run(kept, dated(("a", 2020), ("b", None)))
    second = run(kept, dated(("a", 2018), ("b", 2019), ("c", 2017), ("a", 2022)))
    assert years(kept) == {"a": 2020, "b": kept.now().year, "c": 2017}
    assert notices(kept, second) == [("date.kept",), ("date.kept",), (), ()]


@pytest.mark.parametrize("size", [1, 2, 50])
def test_inside_one_import_the_earliest_date_counts(kept: App, monkeypatch, size: int) -> None:
    for name in ("FIRST_BATCH", "SMALLEST_BATCH", "LARGEST_BATCH"):
        monkeypatch.setattr(import_batches, name, size)
    links.add(kept, NewLink(url="https://b.example/"))
    rows = [
        ("a", 2022),
        ("b", 2001),
        ("a", None),
        ("a", 2015),
        ("a", 2018),
        ("c", None),
        ("c", 2016),
    ]
    report = run(kept, dated(*rows))
    assert years(kept) == {"a": 2015, "b": kept.now().year, "c": 2016}
    assert notices(kept, report) == [(), ("date.kept",), (), (), (), (), ()]


def test_an_import_that_was_killed_still_knows_its_own_links(kept: App, monkeypatch) -> None:
    for name in ("FIRST_BATCH", "SMALLEST_BATCH", "LARGEST_BATCH"):
        monkeypatch.setattr(import_batches, name, 2)

    def die(_report: imports.ImportReport) -> None:
        raise KeyboardInterrupt

    links.add(kept, NewLink(url="https://b.example/"))
    data = dated(("a", 2022), ("c", 2021), ("a", 2015), ("d", 2014), ("b", 2001), ("c", 2013))
    with pytest.raises(KeyboardInterrupt):
        run(kept, data, on_progress=die)
    links.add(kept, NewLink(url="https://d.example/"))
    report = run(kept, data)
    assert counts(report) == (2, 4, 0)
    now = kept.now().year
    assert years(kept) == {"a": 2015, "b": now, "c": 2013, "d": now}


def test_links_of_one_second_keep_the_order_of_the_file(kept: App) -> None:
    row = '<DT><A HREF="https://a.example/{}" ADD_DATE="1616337559">t</A>\n'
    run(kept, "<DL>" + "".join(row.format(number) for number in range(1200)) + "</DL>")
    newest = [link.url.rpartition("/")[2] for link in everything(kept)]
    assert newest == [str(number) for number in range(1199, 999, -1)]
    assert {link.added_at for link in everything(kept)} == {datetime.fromtimestamp(1616337559, UTC)}


def test_folders_become_tags_below_tags(kept: App) -> None:
    run(kept, (SAMPLES / "chromium.html").read_bytes(), tags=["导入/2026"])
    assert [(tag.name, tag.count) for tag in tags.list_tags(kept)] == [
        ("书签栏", 2), ("书签栏/技术∕编程", 1), ("导入", 3), ("导入/2026", 3),
    ]  # fmt: skip


def test_a_killed_import_goes_on_where_it_was(kept: App, monkeypatch) -> None:
    monkeypatch.setattr(import_batches, "FIRST_BATCH", 50)
    monkeypatch.setattr(import_batches, "LARGEST_BATCH", 50)

    def die(report: imports.ImportReport) -> None:
        if report.rows >= 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(kept, many(230), on_progress=die)
    (half,) = imports.list_imports(kept)
    assert 100 <= half.rows < 230
    assert half.finished_at is None
    report = run(kept, many(230))
    assert report.import_id == half.import_id
    assert counts(report) == (230, 0, 0)
    assert [row.row for row in imports.rows(kept, report.import_id, limit=999)] == [*range(1, 231)]


def test_the_same_file_twice_at_once_counts_every_row_once(kept: App) -> None:
    size = import_batches.FIRST_BATCH * 2
    beside: list[imports.ImportReport] = []

    def once_more(_: imports.ImportReport) -> None:
        if not beside:
            beside.append(run(kept, many(size)))

    report = run(kept, many(size), on_progress=once_more)
    assert report.import_id == beside[0].import_id
    assert counts(report) == counts(beside[0]) == (size, 0, 0)
    assert len(imports.rows(kept, report.import_id, limit=size * 2)) == size


def test_other_options_are_another_import(kept: App) -> None:
    def die(_report: imports.ImportReport) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(kept, many(3), on_progress=die)
    report = run(kept, many(3), tags=["x"])
    assert len(imports.list_imports(kept)) == 2
    assert counts(report) == (0, 3, 0)
    assert [tag.count for tag in tags.list_tags(kept)] == [3]


def test_a_catalogue_that_fails_leaves_whole_batches(kept: App, monkeypatch) -> None:
    monkeypatch.setattr(import_batches, "FIRST_BATCH", 20)
    with (
        failing_statement(kept, "UPDATE imports SET last_row", CatalogueUnavailable(), nth=2),
        pytest.raises(CatalogueUnavailable),
    ):
        run(kept, many(600))
    (report,) = imports.list_imports(kept)
    assert links.counts(kept)["all"] == report.accepted == report.rows == 20


def test_a_dry_run_tells_the_same_and_changes_nothing(kept: App) -> None:
    links.add(kept, NewLink(url="https://example.com/1"))
    data = many(3) + "https://example.com/2#again\nftp://x/\n"
    dry = run(kept, data, dry_run=True)
    assert (dry.import_id, counts(dry)) == ("", (2, 2, 1))
    assert [row.outcome for row in dry.preview] == [
        "accepted", "duplicate", "accepted", "duplicate", "rejected",
    ]  # fmt: skip
    assert (links.counts(kept)["all"], imports.list_imports(kept)) == (1, [])
    assert counts(run(kept, data)) == counts(dry)


def test_progress_is_told_with_bytes(kept: App) -> None:
    told: list[imports.ImportReport] = []
    report = run(kept, many(1500), on_progress=told.append)
    assert [item.rows for item in told] == sorted(item.rows for item in told)
    assert told[-1].rows == 1500
    assert report.bytes_read == report.bytes_total == len(many(1500))
    assert report.finished_at == kept.now()


def test_bad_dates_keep_the_link_with_a_notice(kept: App) -> None:
    report = run(kept, (SAMPLES / "odd.html").read_bytes())
    rows = imports.rows(kept, report.import_id)
    assert [row.notices for row in rows[2:6]] == [
        ("date.invalid",), ("date.invalid",), ("date.invalid",), ("date.invalid",),
    ]  # fmt: skip
    assert [row.code for row in rows if row.code] == ["url.required", "url.required"] + [
        "url.scheme_not_allowed"
    ] * 2
    assert report.notices == 4


def test_what_is_too_long_is_cut_with_a_notice(kept: App) -> None:
    names = ",".join(f"t{number}" for number in range(150))
    html = f'<DL><DT><A HREF="https://a.example/" TAGS="{names}">{"题" * 3000}</A></DL>'
    report = run(kept, html)
    (row,) = imports.rows(kept, report.import_id)
    (link,) = everything(kept)
    assert (len(link.title), len(link.tags)) == (1000, 100)
    assert row.notices == ("title.cut", "tags.cut")


def test_a_nul_cleans_or_rejects_its_row_only(kept: App) -> None:
    row = '<DT><A HREF="https://{}.example/" TAGS="{}">{}</A>\n<DD>{}\n'
    lines = [row.format(f"n{number}", "x", "t", "n") for number in range(200)]
    lines[7] = row.format("n7", "a\0b", "ti\0tle", "no\0te")
    lines[9] = row.format("n\x009", "x", "t", "n")
    report = run(kept, f"<DL>{''.join(lines)}</DL>")
    assert counts(report) == (199, 0, 1)
    link = links.get(kept, "https://n7.example/")
    assert (link.title, link.note, [tag.name for tag in link.tags]) == ("title", "note", ["ab"])
    assert report.noticed == {"nul.removed": 1}
    (bad,) = imports.rows(kept, report.import_id, "rejected")
    assert (bad.row, bad.code) == (10, "url.unparseable")


def test_passwords_in_links_are_removed_with_a_notice(kept: App) -> None:
    report = run(kept, "https://u:p@a.example/")
    (row,) = imports.rows(kept, report.import_id)
    assert (row.url, row.notices) == ("https://a.example/", ("credentials_removed",))


@pytest.mark.parametrize("data", ["", "# only\n# comments\n", "\ufeff", "<DL><p></DL>"])
def test_a_file_without_links_leaves_no_import(kept: App, data: str) -> None:
    with pytest.raises(InvalidImport) as failure:
        run(kept, data)
    assert failure.value.code == "import.empty"
    assert imports.list_imports(kept) == []


def test_a_bad_tag_for_all_is_refused_before_anything_happens(kept: App) -> None:
    with pytest.raises(InvalidTag):
        run(kept, many(1), tags=[""])
    assert links.counts(kept)["all"] == 0


def test_names_of_files_are_only_shown(kept: App) -> None:
    report = imports.run(kept, BytesIO(many(1).encode()), "../../etc/passwd\r\nX: y" + "z" * 4000)
    assert imports.get(kept, report.import_id).name.startswith("../../etc/passwd\r\nX: y")
    with pytest.raises(NotFound):
        imports.get(kept, "nowhere")


def test_a_link_from_the_trash_comes_back(kept: App) -> None:
    link = links.add(kept, NewLink(url="https://example.com/0")).link
    trash.remove(kept, [link.link_id])
    assert counts(run(kept, many(1))) == (0, 1, 0)
    assert [item.link_id for item in everything(kept)] == [link.link_id]


def test_the_same_links_in_another_order_are_all_known(kept: App) -> None:
    lines = many(30).splitlines()
    run(kept, "\n".join(lines))
    assert counts(run(kept, "\n".join(reversed(lines)))) == (0, 30, 0)
