"""Adding, finding, editing, listing and removing links."""

import contextlib
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from catalogue_app import Clock, counted

from linkshot import query
from linkshot.app import App
from linkshot.catalogue.clock import to_us
from linkshot.catalogue.links import hosts
from linkshot.catalogue.links import links as table
from linkshot.catalogue.meta import set_meta
from linkshot.domain.link_merge import MAX_NOTE
from linkshot.domain.model import LinkState, NewLink, Reason
from linkshot.errors import (
    Conflict,
    InvalidInput,
    InvalidTag,
    InvalidURL,
    LinkshotError,
    NotFound,
)
from linkshot.use_cases import links, snapshots, tags, trash
from linkshot.use_cases.paging import page_request

URL = "https://example.com/中文?b=2&a=1"


def add(app: App, url: str = URL, *names: str, note: str = "") -> links.AddedLink:
    return links.add(app, NewLink(url=url, tags=names, note=note))


def row_of(app: App, link_id: str) -> sa.RowMapping:
    with app.catalogue.read() as conn:
        return conn.execute(sa.select(table).where(table.c.link_id == link_id)).mappings().one()


def found(app: App, text: str = "", **page: object) -> list[str]:
    answer = links.list_links(app, query.parse(text, app.now()), page_request(**page))
    return [link.url for link in answer.items]


def test_an_added_link_is_kept_and_due_at_once(kept: App) -> None:
    link = add(kept, URL, "阅读/编译器").link
    row = row_of(kept, link.link_id)
    assert (link.state, link.activity, link.due_at) == (LinkState.NEW, "due", kept.now())
    assert [tag.name for tag in link.tags] == ["阅读/编译器"]
    assert (row["priority"], row["reason"], row["url_given"]) == (0, "add", URL)
    assert row["rev"] > row["announced_rev"]


def test_its_host_is_due_in_the_same_transaction(kept: App) -> None:
    add(kept)
    with kept.catalogue.read() as conn:
        host = conn.execute(sa.select(hosts)).mappings().one()
    assert (host["host"], host["next_due"]) == ("example.com", to_us(kept.now()))


def test_the_same_normal_form_is_one_link_with_all_tags_and_notes(kept: App) -> None:
    first = add(kept, "https://example.com/a", "x", note="mine")
    again = add(kept, "HTTPS://EXAMPLE.com:443/a?utm_source=n#part", "y", note="other")
    assert (first.existing, again.existing) == (False, True)
    assert again.link.link_id == first.link.link_id
    assert [tag.name for tag in again.link.tags] == ["x", "y"]
    assert again.link.note == "mine\n\nother"
    assert again.warnings == ("fragment.dropped", "note.joined")


def test_a_note_is_added_once_however_often_it_is_given(kept: App) -> None:
    add(kept, URL, note="one\n\ntwo")
    joined = add(kept, URL, note="three").link
    for note in ("one\n\ntwo", "three", "two", " three\n", ""):
        again = add(kept, URL, note=note)
        assert (again.link.note, again.warnings) == ("one\n\ntwo\n\nthree", ())
        assert again.link.rev == joined.rev


def test_a_note_that_would_be_too_long_with_the_one_that_is_there_is_left_out(kept: App) -> None:
    add(kept, URL, note="x" * MAX_NOTE)
    again = add(kept, URL, note="more")
    assert (len(again.link.note), again.warnings) == (MAX_NOTE, ("note.dropped",))


def test_another_title_does_not_replace_the_given_one_and_that_is_said(kept: App) -> None:
    links.add(kept, NewLink(url=URL, title="一"))
    again = links.add(kept, NewLink(url=URL, title="二"))
    assert (again.link.title, again.warnings) == ("一", ("title.kept",))
    assert links.add(kept, NewLink(url=URL, title="一")).warnings == ()


@pytest.mark.parametrize(
    ("first", "again", "codes"),
    [
        ("#inbox/A", "#inbox/B", ("fragment.dropped",)),
        ("", "#gid=5", ("fragment.dropped",)),
        ("#gid=5", "#gid=5", ()),
        ("#gid=5", "", ()),
        ("", "#/", ()),
        ("#/a", "#/a", ()),
    ],
)
def test_a_place_in_the_page_that_is_not_kept_is_said(
    kept: App, first: str, again: str, codes: tuple[str, ...]
) -> None:
    known = add(kept, URL + first)
    added = add(kept, URL + again)
    assert (added.existing, added.warnings) == (True, codes)
    assert added.link.url == known.link.url


def test_adding_a_known_link_without_news_raises_no_revision(kept: App) -> None:
    first = add(kept, URL, "x")
    assert add(kept, URL, "x").link.rev == first.link.rev


def test_links_added_at_the_same_instant_are_one_link(kept: App) -> None:
    assert links.counts(kept)["all"] == 0
    answers: list[links.AddedLink] = []
    threads = [threading.Thread(target=lambda: answers.append(add(kept))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answer.existing for answer in answers) == [False] + [True] * 7
    assert len({answer.link.link_id for answer in answers}) == 1


def test_keys_are_unique_although_the_clock_stands_still(kept: App) -> None:
    added = [add(kept, f"https://example.com/{n}").link for n in range(5)]
    assert len({link.by_added for link in added}) == 5
    assert len({link.by_changed for link in added}) == 5


def test_an_id_that_is_taken_by_another_url_is_minted_anew(kept: App) -> None:
    link = add(kept).link
    trash.remove(kept, [link.link_id])
    trash.purge(kept, [link.link_id])
    again = add(kept).link
    assert again.link_id != link.link_id
    assert len(again.link_id) == 32


def test_credentials_are_never_stored(kept: App) -> None:
    added = add(kept, "https://user:s3cret@example.com/")
    row = row_of(kept, added.link.link_id)
    assert "s3cret" not in str(dict(row))
    assert added.warnings == ("credentials_removed",)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "url.required"),
        ("example.com", "url.scheme_missing"),
        ("javascript:alert(1)", "url.scheme_not_allowed"),
        ("http://10.0.0.1/", "url.address_blocked"),
        ("https://example.com/" + "x" * 9000, "url.too_long"),
    ],
)
def test_a_url_that_cannot_be_kept_is_refused_with_a_code(kept: App, url: str, code: str) -> None:
    with pytest.raises(InvalidURL) as failure:
        add(kept, url)
    assert failure.value.code == code
    assert links.counts(kept)["all"] == 0


def test_the_command_line_may_leave_out_https(kept: App) -> None:
    added = links.add(kept, NewLink(url="example.com"), scheme_default=True)
    assert added.link.url == "https://example.com/"


@pytest.mark.parametrize(
    "text",
    [
        "\u202e", "=cmd|' /C calc'!A0", "{{7*7}}", "${jndi:ldap://x}", "'; DROP TABLE links;--",
        "<svg onload=alert(1)>", "\x1b[31mred", "%s%n", "田中さんにあげて下さい", "Ω≈ç√∫˜µ≤≥÷", "🏳️‍🌈",
        "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮", "null", "undefined", "1E+02", "../../../etc/passwd", "\u200b", "\x07",
    ],
)  # fmt: skip
def test_nasty_texts_are_stored_as_they_are(kept: App, text: str) -> None:
    link = links.add(kept, NewLink(url=URL, title=text, note=text)).link
    assert (link.title, link.note) == (text, text)
    with contextlib.suppress(InvalidInput):
        links.add(kept, NewLink(url=text, tags=(text,)))


def test_nul_and_half_characters_become_the_replacement_character(kept: App) -> None:
    link = links.add(kept, NewLink(url=URL, title="a\0b", note="c\ud800d")).link
    assert (link.title, link.note) == ("a\ufffdb", "c\ufffdd")


def test_the_same_idempotency_key_gives_the_same_answer(kept: App) -> None:
    def once(url: str) -> links.AddedLink:
        return links.add(kept, NewLink(url=url), idempotency_key="k1")

    first, second = once(URL), once(URL)
    assert (second.link.link_id, second.existing) == (first.link.link_id, False)
    with pytest.raises(Conflict) as failure:
        once("https://example.com/other")
    assert failure.value.code == "idempotency.conflict"


def test_the_same_idempotency_key_gives_the_warnings_again(kept: App) -> None:
    links.add(kept, NewLink(url=URL, title="t", note="n"))
    other = NewLink(url=URL.replace("://", "://me:pw@"), title="u", note="m")
    first, again = (links.add(kept, other, idempotency_key="k1") for _ in range(2))
    assert first.warnings == ("credentials_removed", "title.kept", "note.joined")
    assert again == first


def test_a_link_is_found_by_id_prefix_and_url(kept: App) -> None:
    link = add(kept).link
    refs = (
        link.link_id,
        link.link_id[:6],
        URL,
        link.url,
        URL + "#part",
        "example.com/中文?b=2&a=1",
    )
    assert {links.get(kept, ref).link_id for ref in refs} == {link.link_id}


@pytest.mark.parametrize("ref", ["", "abc", "0" * 32, "ffffff", "https://nowhere.example/", "\0"])
def test_what_names_no_link_is_not_found(kept: App, ref: str) -> None:
    add(kept)
    with pytest.raises(NotFound) as failure:
        links.get(kept, ref)
    assert failure.value.code == "link.not_found"


@pytest.mark.parametrize("how", ["id", "beginning", "address"])
def test_a_link_on_the_other_side_of_the_trash_is_said_to_be_there(kept: App, how: str) -> None:
    link = add(kept).link
    ref = {"id": link.link_id, "beginning": link.link_id[:8], "address": URL}[how]
    with pytest.raises(NotFound, match="is not in the trash") as live:
        trash.restore(kept, [ref])
    trash.remove(kept, [ref])
    with pytest.raises(NotFound, match=f"in the trash; .*restore {link.link_id[:10]}") as trashed:
        links.get(kept, ref)
    assert (live.value.code, trashed.value.code) == ("link.not_trashed", "link.trashed")
    trash.purge(kept, [ref])
    with pytest.raises(NotFound, match="There is no link"):
        links.get(kept, ref)


def test_a_prefix_of_several_links_is_ambiguous(kept: App) -> None:
    with kept.catalogue.write() as conn:
        for number, link_id in enumerate(("abcdef" + "0" * 26, "abcdef" + "1" * 26)):
            values = {
                "url_key": "",
                "url": "",
                "host": "",
                "added_at": 1,
                "changed_at": 1,
                "rev": 1,
            }
            keys = {"link_id": link_id, "by_added": number, "by_changed": number}
            conn.execute(table.insert().values(**values, **keys))
    with pytest.raises(Conflict) as failure:
        links.get(kept, "abcdef")
    assert failure.value.code == "link.ambiguous"


def test_an_edit_raises_the_revision_and_shows_at_once(kept: App, clock: Clock) -> None:
    link = add(kept).link
    clock.move(hours=1)
    edited = links.edit(kept, link.link_id, title="题目", note="笔记", unread=True)
    assert (edited.title, edited.note, edited.unread) == ("题目", "笔记", True)
    assert edited.rev > link.rev
    assert row_of(kept, link.link_id)["announce_class"] == 0


def test_an_empty_title_shows_the_pages_own(kept: App) -> None:
    link = links.add(kept, NewLink(url=URL, title="mine")).link
    with kept.catalogue.write() as conn:
        conn.execute(table.update().values(title="the page's"))
    assert links.edit(kept, link.link_id, title="").title == "the page's"


@pytest.mark.parametrize("field", ["title", "note"])
def test_a_text_that_is_too_long_is_refused(kept: App, field: str) -> None:
    link = add(kept).link
    with pytest.raises(InvalidInput) as failure:
        links.edit(kept, link.link_id, **{field: "x" * 100_001})
    assert failure.value.code == f"{field}.too_long"


def test_tags_are_set_added_and_taken_off(kept: App) -> None:
    link = add(kept, URL, "a", "b").link
    names = [
        tag.name for tag in tags.add_to(kept, [link.link_id], ["b", "c/d"], replace=True)[0].tags
    ]
    assert names == ["b", "c/d"]
    (link,) = tags.add_to(kept, [link.link_id], ["e"])
    (link,) = tags.remove_from(kept, [link.link_id], ["b", "never seen"])
    assert [tag.name for tag in link.tags] == ["c/d", "e"]


def test_a_link_carries_at_most_a_hundred_tags(kept: App) -> None:
    link = add(kept, URL, *[f"t{n}" for n in range(100)]).link
    with pytest.raises(InvalidTag) as failure:
        tags.add_to(kept, [link.link_id], ["one more"])
    assert failure.value.code == "tags.too_many"
    with pytest.raises(InvalidTag):
        links.add(kept, NewLink(url=URL, tags=tuple(f"t{n}" for n in range(101))))


def test_newest_oldest_and_changed_order(kept: App, clock: Clock) -> None:
    for name in "abc":
        add(kept, f"https://example.com/{name}")
        clock.move(seconds=1)
    newest = [f"https://example.com/{name}" for name in "cba"]
    assert found(kept, sort="newest") == found(kept) == found(kept, sort="changed") == newest
    assert found(kept, sort="oldest") == newest[::-1]


@pytest.mark.parametrize("sort", ["newest", "oldest", "changed"])
def test_pages_follow_each_other_without_gaps(kept: App, sort: str) -> None:
    for number in range(7):
        add(kept, f"https://example.com/{number}")
    seen, cursor = [], None
    while True:
        page = page_request(limit=3, sort=sort)
        answer = links.list_links(kept, query.All(), page, cursor=cursor, of="q")
        seen += [link.url for link in answer.items]
        cursor = answer.next_cursor
        assert answer.total == 7
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: page_request(limit=0), "limit.invalid"),
        (lambda: page_request(limit=201), "limit.invalid"),
        (lambda: page_request(limit=-1), "limit.invalid"),
        (lambda: page_request(sort="password"), "sort.unknown"),
        (lambda: page_request(sort="a;DROP"), "sort.unknown"),
    ],
)
def test_pages_that_cannot_be_had_are_refused(call: Callable[[], object], code: str) -> None:
    with pytest.raises(InvalidInput) as failure:
        call()
    assert failure.value.code == code


def test_a_cursor_of_another_query_or_a_changed_one_is_refused(kept: App) -> None:
    for number in range(3):
        add(kept, f"https://example.com/{number}")
    page = page_request(limit=1, sort="newest")
    cursor = links.list_links(kept, query.All(), page, of="q").next_cursor
    assert cursor
    codes = []
    for bad, of in ((cursor, "other"), (cursor[:-2] + "AA", "q"), ("!!", "q"), ("", "q")):
        with pytest.raises(InvalidInput) as failure:
            links.list_links(kept, query.All(), page, cursor=bad, of=of)
        codes.append(failure.value.code)
    assert codes == ["cursor.other_query"] + ["cursor.invalid"] * 3


def test_facets_count_all_that_is_found_not_only_the_page(kept: App) -> None:
    for number in range(5):
        add(kept, f"https://{'a' if number < 3 else 'b'}.example/{number}", "x", f"y/{number % 2}")
    answer = links.list_links(kept, query.All(), page_request(limit=1))
    shown = {name: [(v.value, v.count) for v in values] for name, values in answer.facets.items()}
    assert shown["site"] == [("a.example", 3), ("b.example", 2)]
    assert shown["tag"] == [("x", 5), ("y", 5), ("y/0", 3), ("y/1", 2)]
    assert shown["year"] == [("2026", 5)]
    assert shown["state"] == [("new", 5)]
    assert shown["language"] == shown["status"] == []


def test_a_list_takes_the_same_number_of_queries_for_one_link_and_for_many(kept: App) -> None:
    def statements() -> int:
        with counted(kept) as seen:
            links.list_links(kept, query.parse("#x"), page_request(limit=200))
        return len(seen)

    add(kept, "https://example.com/0", "x")
    few = statements()
    for number in range(1, 40):
        add(kept, f"https://example.com/{number}", "x", f"y{number}")
    assert statements() == few <= 14


def test_removed_links_are_invisible_and_come_back(kept: App) -> None:
    link = add(kept, URL, "x").link
    (gone,) = trash.remove(kept, [link.link_id])
    assert gone.deleted_at is not None
    assert gone.rev > link.rev
    assert found(kept) == []
    assert [item.link_id for item in trash.list_trash(kept)] == [link.link_id]
    with pytest.raises(NotFound):
        links.get(kept, link.link_id)
    (back,) = trash.restore(kept, [link.link_id])
    assert (back.deleted_at, back.activity, back.rev > gone.rev) == (None, "due", True)


def test_adding_a_link_from_the_trash_brings_it_back(kept: App) -> None:
    link = add(kept, URL, "x", note="mine").link
    trash.remove(kept, [link.link_id])
    back = add(kept, URL)
    assert (back.existing, back.link.link_id, back.link.note) == (True, link.link_id, "mine")
    assert back.warnings == ("restored",)
    assert found(kept) == [link.url]


def test_a_purged_link_leaves_a_tombstone_without_its_words(kept: App) -> None:
    link = links.add(kept, NewLink(url=URL, title="secret", note="secret", tags=("x",))).link
    trash.remove(kept, [link.link_id])
    assert trash.purge(kept, [link.link_id]) == 1
    row = row_of(kept, link.link_id)
    assert "secret" not in str(dict(row))
    assert "example.com" not in str(dict(row))
    assert row["purged"]
    assert row["rev"] > row["announced_rev"]
    assert trash.list_trash(kept) == []


def test_purging_deletes_the_manifests_of_the_link_only(kept: App) -> None:
    link, other = add(kept).link, add(kept, "https://example.com/other").link
    for one in (link, other):
        kept.store.put(_manifest(one.link_id), b"{}", "application/json")
        _keep_snapshot(kept, one.link_id)
    trash.remove(kept, [link.link_id])
    trash.purge(kept, [link.link_id])
    assert kept.store.stat(_manifest(link.link_id)) is None
    assert kept.store.stat(_manifest(other.link_id)) is not None
    assert len(snapshots.history(kept, other.link_id)) == 1


def _manifest(link_id: str) -> str:
    return f"snapshots/{link_id[:2]}/{link_id}/0193.json"


def _keep_snapshot(app: App, link_id: str) -> None:
    from linkshot.catalogue.snapshots import snapshots as rows

    values = {"outcome": "stored", "reason": "add", "finished_at": 1, "link_id": link_id}
    with app.catalogue.write() as conn:
        conn.execute(rows.insert().values(snapshot_id=f"s{link_id[:8]}", **values))


def test_only_what_lay_long_enough_in_the_trash_is_purged_by_age(kept: App, clock: Clock) -> None:
    old, new = add(kept).link, add(kept, "https://example.com/new").link
    trash.remove(kept, [old.link_id])
    clock.move(days=29)
    trash.remove(kept, [new.link_id])
    clock.move(days=1)
    assert trash.purge(kept) == 1
    assert [link.link_id for link in trash.list_trash(kept)] == [new.link_id]


def test_a_visible_link_cannot_be_purged(kept: App) -> None:
    link = add(kept).link
    with pytest.raises(NotFound):
        trash.purge(kept, [link.link_id])


def test_links_by_ids_keep_the_order_and_leave_out_what_is_not_there(kept: App) -> None:
    a, b = add(kept, "https://example.com/a").link, add(kept, "https://example.com/b").link
    trash.remove(kept, [add(kept, "https://example.com/c").link.link_id])
    ids = [b.link_id, "0" * 32, a.link_id]
    assert [link.link_id for link in links.by_ids(kept, ids)] == [b.link_id, a.link_id]


def test_counts_tell_states_trash_and_work(kept: App, clock: Clock) -> None:
    for number in range(3):
        add(kept, f"https://example.com/{number}")
    trash.remove(kept, ["https://example.com/0"])
    with kept.catalogue.write() as conn:
        one = table.c.url == "https://example.com/1"
        conn.execute(table.update().where(one).values(state="failing", due_at=None))
    counts = links.counts(kept)
    assert {name: n for name, n in counts.items() if n} == {
        "all": 2, "new": 1, "failing": 1, "trash": 1, "working": 1,
    }  # fmt: skip


def test_a_date_in_the_future_becomes_now(kept: App) -> None:
    later = kept.now() + timedelta(days=400)
    assert links.add(kept, NewLink(url=URL, added_at=later)).link.added_at == kept.now()


def test_an_import_is_served_after_people(kept: App) -> None:
    links.add(kept, NewLink(url=URL), reason=Reason.IMPORT)
    row = row_of(kept, links.get(kept, URL).link_id)
    assert (row["priority"], row["announce_class"], row["reason"]) == (2, 2, "import")


def test_errors_leave_nothing_half_written(kept: App) -> None:
    with pytest.raises(LinkshotError):
        tags.add_to(kept, [URL], ["x"])
    assert tags.list_tags(kept) == []
    with kept.catalogue.write() as conn:
        set_meta(conn, "still", "works")


def test_edits_of_one_link_at_once_are_all_kept(kept: App) -> None:
    link = add(kept).link
    failures: list[Exception] = []

    def tag(number: int) -> None:
        try:
            for step in range(3):
                tags.add_to(kept, [link.link_id], [f"t{number}/{step}"])
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=tag, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert len(links.get(kept, link.link_id).tags) == 12


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"])
def test_our_own_address_is_no_link(kept: App, name: str) -> None:
    with pytest.raises(InvalidURL) as refused:
        links.add(kept, NewLink(url=f"http://{name}:{kept.settings.port}/links/1"))
    assert refused.value.code == "url.self"
