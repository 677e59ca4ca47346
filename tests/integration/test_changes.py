"""What counts as a change of a page: every later text of it, and never its first snapshot."""

from dataclasses import replace
from datetime import datetime
from io import BytesIO

import sqlalchemy as sa
from catalogue_app import Clock

from indexer.document import documents
from linkshot import query
from linkshot.app import App
from linkshot.catalogue import migrations
from linkshot.catalogue.engine import Catalogue
from linkshot.catalogue.links import links as table
from linkshot.catalogue.tables import metadata
from linkshot.dispatch import outbox, request_publisher
from linkshot.dispatch.results import apply_result
from linkshot.domain.change_key import unchanged_key
from linkshot.domain.manifest import Manifest
from linkshot.domain.messages import REQUESTS, LinkChanged, SnapshotFinished, SnapshotRequested
from linkshot.domain.model import Change, ChangeKind, Link, NewLink, Outcome, Quality, Verdict
from linkshot.domain.storage_layout import manifest_key
from linkshot.journal import batches
from linkshot.maintenance import rebuild
from linkshot.ports import Upsert
from linkshot.use_cases import imports, links, search, snapshots
from linkshot.use_cases.paging import page_request

QUERIES = ("changed:<7d", "changed:>=1970", "-changed:<7d")
ERROR = {"http_status": 500, "quality": Quality(verdict=Verdict.HTTP_ERROR)}


def add(app: App, url: str = "https://a.example/") -> Link:
    return links.add(app, NewLink(url=url)).link


def answers(app: App) -> list[int]:
    """How many links changed in the last week, ever, and not in the last week."""
    return [search.find(app, text).total for text in QUERIES]


def visit(app: App, clock: Clock, link: Link, kind: ChangeKind, **more: object) -> None:
    """A visit that ends now with such a result; its manifest lies in the store."""
    clock.move(hours=1)
    if links.get(app, link.link_id).last:
        snapshots.request(app, [link.link_id])
    request_publisher.publish_due(app, "test")
    subscription = app.queue.subscribe([REQUESTS], "crawl", 10)
    (delivery,) = subscription.take(5)
    subscription.ack(delivery)
    subscription.close()
    asked = SnapshotRequested.decode(delivery.value)
    result = SnapshotFinished(
        request_id=asked.request_id,
        link_id=asked.link_id,
        url=asked.url,
        outcome=Outcome.STORED,
        reason=asked.reason,
        started_at=clock(),
        finished_at=clock(),
        http_status=200,
        text_sha256=f"{clock().hour:064x}",
        change=Change(kind=kind),
        manifest=manifest_key(asked.link_id, asked.request_id),
    )
    result = replace(result, **more)
    app.store.create(str(result.manifest), Manifest(finished=result).encode())
    apply_result(app, result)


def changed_at(app: App, link: Link) -> datetime | None:
    return links.get(app, link.link_id).changed_at


def test_a_first_snapshot_is_no_change(kept: App, clock: Clock) -> None:
    link = add(kept)
    assert answers(kept) == [0, 0, 1]
    visit(kept, clock, link, ChangeKind.FIRST)
    visit(kept, clock, link, ChangeKind.SAME)
    assert (answers(kept), changed_at(kept, link)) == ([0, 0, 1], None)
    visit(kept, clock, link, ChangeKind.MINOR)
    assert (answers(kept), changed_at(kept, link)) == ([1, 1, 0], clock())
    clock.move(days=8)
    assert answers(kept) == [0, 1, 1]


def test_the_first_snapshot_of_the_page_after_an_error_page_is_no_change(
    kept: App, clock: Clock
) -> None:
    link = add(kept)
    visit(kept, clock, link, ChangeKind.FIRST, **ERROR)
    visit(kept, clock, link, ChangeKind.MAJOR)
    assert answers(kept) == [0, 0, 1]
    visit(kept, clock, link, ChangeKind.MAJOR)
    assert answers(kept) == [1, 1, 0]


def by_change(app: App) -> list[str]:
    """The first letters of the hosts, what changed last first, a page at a time."""
    hosts: list[str] = []
    cursor: str | None = None
    while True:
        page = search.find(app, "", page_request(1, "changed"), cursor=cursor)
        hosts += [found.link.host[0] for found in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return hosts


def four(app: App, clock: Clock) -> dict[str, Link]:
    """a, b, c and d, added in this order and visited; then b changed, and then a."""
    made = {name: add(app, f"https://{name}.example/") for name in "abcd"}
    for link in made.values():
        with app.catalogue.write() as conn:
            conn.execute(table.update().values(due_at=None))
            conn.execute(table.update().where(table.c.link_id == link.link_id).values(due_at=0))
            conn.execute(sa.text("UPDATE hosts SET next_due = 0"))
        visit(app, clock, link, ChangeKind.FIRST)
    for name in "ba":
        visit(app, clock, made[name], ChangeKind.MAJOR)
    return made


def test_what_has_not_changed_comes_last_by_when_it_was_added(kept: App, clock: Clock) -> None:
    four(kept, clock)
    assert by_change(kept) == ["a", "b", "d", "c"]


def test_an_earlier_date_moves_a_link_that_has_not_changed(kept: App, clock: Clock) -> None:
    four(kept, clock)
    dated = b"<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><DT><A HREF='https://d.example/' ADD_DATE='900000000'>d</A>"
    imports.run(kept, BytesIO(dated), "old.html", take_dates=True)
    assert by_change(kept) == ["a", "b", "c", "d"]


def as_by_an_older_linkshot(app: App) -> None:
    """Links that never changed with the key they had before: the time they were added."""
    with app.catalogue.write() as conn:
        never = table.update().where(table.c.by_changed < 0)
        conn.execute(never.values(by_changed=table.c.by_added + 2, rev=table.c.rev + 1))


def test_a_catalogue_made_again_from_an_older_journal_knows_what_changed(
    kept: App, clock: Clock
) -> None:
    four(kept, clock)
    as_by_an_older_linkshot(kept)
    batches.write(kept)
    with kept.catalogue.write() as conn:
        for name in ("versions", "snapshots", "links"):
            conn.execute(sa.text(f"DELETE FROM {name}"))
    rebuild.rebuild_catalogue(kept, lambda _what, _count: None)
    assert (answers(kept), by_change(kept)) == ([2, 2, 2], ["a", "b", "d", "c"])


def test_an_older_message_makes_a_document_that_has_not_changed(kept: App, clock: Clock) -> None:
    four(kept, clock)
    as_by_an_older_linkshot(kept)
    with kept.catalogue.read() as conn:
        ids = list(conn.scalars(sa.select(table.c.link_id)))
        told = outbox.change_messages(conn, ids, 50)
    written = LinkChanged.decode(told[0].encode()).by_changed
    assert written == told[0].by_changed > 0
    found = [change.document for one in told for change in documents(one, lambda _key: "")
             if isinstance(change, Upsert) and not change.document.version]  # fmt: skip
    asked = query.parse("changed:>=1970", kept.now())
    assert sum(query.matches(asked, document) for document in found) == 2


OLD_LINKS = (
    "INSERT INTO links (link_id, url_key, url, host, added_at, by_added, changed_at, by_changed, rev,"
    " purged) VALUES"
    " ('never', '', '', '', 100, 100, 100, 100, 1, FALSE), ('once', '', '', '', 200, 200, 900, 901, 2, FALSE),"
    " ('error', '', '', '', 300, 300, 800, 800, 3, FALSE), ('gone', '', '', '', 400, 400, 400, 400, 4, TRUE)",
    "INSERT INTO snapshots (snapshot_id, link_id, outcome, reason, finished_at, change, quality) VALUES"
    """ ('1', 'never', 'stored', 'add', 150, '{"kind": "first", "score": 0.0}', '{"verdict": "good"}'),"""
    """ ('2', 'once', 'stored', 'add', 250, '{"kind": "first"}', '{"verdict": "partial", "reasons": []}'),"""
    """ ('3', 'once', 'stored', 'add', 900, '{"kind":"minor","score":0.1}', '{"verdict":"good"}'),"""
    """ ('4', 'error', 'stored', 'add', 350, '{"kind": "first"}', '{"verdict": "http_error"}'),"""
    """ ('5', 'error', 'stored', 'add', 800, '{"kind": "major"}', '{"verdict": "good"}')""",
)


def test_links_of_an_older_catalogue_have_the_verdict_of_their_snapshot(
    catalogue_url: str,
) -> None:
    catalogue = Catalogue.open(catalogue_url)
    with catalogue.write() as conn:
        metadata.drop_all(conn)
        conn.execute(sa.text("DROP TABLE alembic_version"))
        migrations.upgrade(conn, "0011")
        for statement in OLD_LINKS:
            conn.exec_driver_sql(statement)
        shown = "UPDATE links SET current_snapshot_id = '%s' WHERE link_id = '%s'"
        for one in (("1", "never"), ("2", "once"), ("4", "error")):
            conn.exec_driver_sql(shown % one)
    catalogue.close()
    again = Catalogue.open(catalogue_url)
    with again.read() as conn:
        rows = conn.execute(sa.select(table.c.link_id, table.c.verdict)).all()
    again.close()
    assert {row.link_id: row.verdict for row in rows} == {
        "never": "good", "once": "partial", "error": "http_error", "gone": "",
    }  # fmt: skip


def test_an_older_catalogue_forgets_changes_that_were_none(catalogue_url: str) -> None:
    catalogue = Catalogue.open(catalogue_url)
    with catalogue.write() as conn:
        metadata.drop_all(conn)
        conn.execute(sa.text("DROP TABLE alembic_version"))
        migrations.upgrade(conn, "0008")
        for statement in OLD_LINKS:
            conn.exec_driver_sql(statement)
    catalogue.close()
    again = Catalogue.open(catalogue_url)
    with again.read() as conn:
        rows = conn.execute(sa.select(table.c.link_id, table.c.by_changed)).all()
    again.close()
    assert {row.link_id: row.by_changed for row in rows} == {
        "never": unchanged_key(100),
        "once": 901,
        "error": unchanged_key(300),
        "gone": 400,
    }
