"""Rebuilds the index from catalogue and blobs, and the catalogue from journal and manifests."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue import visits
from linkshot.catalogue.clock import to_us, unique_us
from linkshot.catalogue.keys import unused_hashes
from linkshot.catalogue.links import PEOPLE, links
from linkshot.catalogue.schema import insert_into
from linkshot.catalogue.tags import attach_tags, tags
from linkshot.catalogue.upsert_links import key_hash
from linkshot.catalogue.watches import watches
from linkshot.dispatch.outbox import change_messages
from linkshot.dispatch.results import apply_result
from linkshot.domain import urls
from linkshot.domain.change_key import unchanged_key, upgraded_key
from linkshot.domain.manifest import Manifest
from linkshot.domain.messages import LinkChanged, SnapshotFinished
from linkshot.domain.model import Reason
from linkshot.domain.storage_layout import SNAPSHOTS_PREFIX
from linkshot.domain.tag_paths import tag_path
from linkshot.domain.url_admission import admit
from linkshot.errors import Damaged, InvalidURL
from linkshot.journal import batches
from linkshot.ports import IndexChange
from linkshot.use_cases import blobs
from linkshot.use_cases.blobs import list_keys
from linkshot.use_cases.damaged_objects import CheckedObject, TextReader, record_checked

Documents = Callable[[LinkChanged, Callable[[str], str]], list[IndexChange]]
"""indexer.document.documents: the one place that knows what the index holds of a link."""
Progress = Callable[[str, int], None]
"""Called now and then with what is being made and how many are done."""
BATCH_SIZE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildReport:
    """What a rebuild made."""

    links: int = 0
    tags: int = 0
    snapshots: int = 0
    documents: int = 0
    damaged: tuple[str, ...] = ()
    """Keys of manifests and journal batches that could not be read; nothing was made of them."""


def rebuild_index(app: App, documents: Documents, on_progress: Progress) -> RebuildReport:
    """A new index from catalogue and blobs, switched to at once; the old one serves until then."""
    count = 0

    def counted() -> Iterator[IndexChange]:
        nonlocal count
        for change in _changes(app, documents):
            count += 1
            if count % BATCH_SIZE == 0:
                on_progress("index", count)
            yield change

    app.index.replace(counted())
    on_progress("index", count)
    return RebuildReport(documents=count)


def rebuild_catalogue(app: App, on_progress: Progress) -> RebuildReport:
    """Links, tags, watches and snapshot rows from journal and manifests; what is newer stays.

    Accounts, tokens and import ledgers are not in the store and are not made again.
    """
    damaged: list[str] = []
    newest = batches.compact(batches.read(app, damaged))
    made_tags = _restore_tags(app, newest)
    made_links = _restore_links(app, newest)
    on_progress("links", made_links)
    restored = _restore_snapshots(app, damaged, on_progress)
    with app.catalogue.write() as conn:
        unique_us(conn, "rev")  # nothing that was counted before counts any more
        _make_unvisited_due(app, conn)
        conn.execute(links.update().values(announced_rev=0))
    return RebuildReport(
        links=made_links, tags=made_tags, snapshots=restored, damaged=tuple(damaged)
    )


def _changes(app: App, documents: Documents) -> Iterator[IndexChange]:
    after = ""
    while True:
        with app.catalogue.read() as conn:
            ids = list(
                conn.scalars(
                    sa.select(links.c.link_id)
                    .where(links.c.link_id > after)
                    .order_by(links.c.link_id)
                    .limit(BATCH_SIZE)
                )
            )
            messages = change_messages(conn, ids, app.settings.versions_per_link)
        if not ids:
            return
        seen: list[CheckedObject] = []
        for message in messages:
            read = TextReader(message.link_id, lambda key: _text(app, key))
            yield from documents(message, read)
            seen += read.seen
        record_checked(app, seen, indexed=True)
        after = ids[-1]


def _text(app: App, key: str) -> str:
    return blobs.read(app.store, key.rpartition("/")[2]).decode("utf-8", "replace")


def _restore_tags(app: App, newest: dict[tuple[str, str], batches.JournalRecord]) -> int:
    found = [r for (noun, _), r in newest.items() if noun == "tag" and r.value is not None]
    with app.catalogue.write() as conn:
        for record in sorted(found, key=lambda r: (r.value or {})["name"].count("/")):
            value = record.value or {}
            row = {
                "tag_id": record.id,
                "name": value["name"],
                "key": tag_path(value["name"]).key,
                "parent_id": value["parent_id"],
                "created_at": value["created_at"],
                "rev": record.rev,
                "journalled_rev": record.rev,
            }
            conn.execute(insert_into(conn, tags).values(**row).on_conflict_do_nothing())
    return len(found)


def _restore_links(app: App, newest: dict[tuple[str, str], batches.JournalRecord]) -> int:
    records = [r for (noun, _), r in newest.items() if noun == "link"]
    for start in range(0, len(records), BATCH_SIZE):
        with app.catalogue.write() as conn:
            part = records[start : start + BATCH_SIZE]
            attach_tags(conn, {record.id: _restore_link(conn, record) for record in part})
    return sum(r.value is not None for r in records)


def _restore_link(conn: sa.Connection, record: batches.JournalRecord) -> Sequence[str]:
    """Ids of the tags it carries; none for a tombstone and for a link that is there already."""
    value = dict(record.value or {})
    carried: Sequence[str] = value.pop("tags", ())
    every = value.pop("watch", None)
    made = _insert_link(conn, _link_row(record, value))
    if not made or record.value is None:
        return ()
    if every:
        _restore_watch(conn, record.id, every, value["changed_at"])
    return carried


def _insert_link(conn: sa.Connection, row: dict[str, object]) -> bool:
    """Adds the row unless the link is there; where another link has its key, it stays without one."""
    if row["url_key"] and not unused_hashes(conn, [str(row["key_hash"])]):
        row |= {"key_hash": None}
    fresh = insert_into(conn, links).values(**row).on_conflict_do_nothing()
    return conn.execute(fresh.returning(links.c.link_id)).first() is not None


def _link_row(record: batches.JournalRecord, value: dict[str, object]) -> dict[str, object]:
    """The row of a record, with its key under the current rule, whichever the journal was written by."""
    base = {"link_id": record.id, "rev": record.rev, "journalled_rev": record.rev}
    if record.value is None:
        gone = {"purged": True, "deleted_at": record.rev, "added_at": 0, "changed_at": 0}
        keys = {"by_added": -record.rev, "by_changed": -record.rev}
        return base | gone | keys | {"url": "", "url_key": "", "host": ""}
    times = {
        "by_changed": upgraded_key(cast(int, value["by_changed"]), cast(int, value["by_added"]))
    }
    return base | value | times | _key(urls.identity(str(value["url"])))


def _key(url_key: str) -> dict[str, object]:
    names = {"url_key": url_key, "key_hash": key_hash(url_key)}
    return names | {"key_version": urls.KEY_VERSION}


def _restore_watch(conn: sa.Connection, link_id: str, every: str, since: int) -> None:
    from linkshot.domain.schedules import parse_every

    step = int(parse_every(every).total_seconds())
    row = {"link_id": link_id, "every": every, "every_s": step, "next_at": since + step * 1_000_000}
    fresh = insert_into(conn, watches).values(**row, created_at=since)
    conn.execute(fresh.on_conflict_do_nothing())


def _restore_snapshots(app: App, damaged: list[str], on_progress: Progress) -> int:
    """Apply every manifest's result again, oldest first for each link."""
    made = 0
    for key in list_keys(app.store, SNAPSHOTS_PREFIX, damaged):
        try:
            finished = Manifest.decode(app.store.open(key)).finished
        except (Damaged, KeyError):
            damaged.append(key)
            continue
        _ensure_link(app, finished)
        apply_result(app, finished)
        made += 1
        if made % BATCH_SIZE == 0:
            on_progress("snapshots", made)
    return made


def _ensure_link(app: App, finished: SnapshotFinished) -> None:
    """A link whose last edits did not reach the journal is made again from its snapshot."""
    with app.catalogue.write() as conn:
        known = sa.select(links.c.link_id).where(links.c.link_id == finished.link_id)
        if conn.execute(known).first() is not None:
            return
        try:
            normal = admit(urls.normalize(finished.url), allow_networks=app.settings.allow_networks)
        except InvalidURL:
            return
        added = unique_us(conn, "added", now=int(finished.started_at.timestamp() * 1_000_000))
        row = {
            "link_id": finished.link_id, "url": normal.url, "host": normal.host,
            "added_at": added, "by_added": added, "changed_at": added, "by_changed": unchanged_key(added),
            "rev": unique_us(conn, "rev"),
        }  # fmt: skip
        _insert_link(conn, row | _key(normal.key))


def _make_unvisited_due(app: App, conn: sa.Connection) -> None:
    """Links that never had a visit are visited now."""
    c = links.c
    unvisited = c.last_snapshot_id.is_(None) & c.due_at.is_(None) & c.deleted_at.is_(None)
    visits.make_due(conn, unvisited, to_us(app.now()), priority=PEOPLE, reason=Reason.ADD)
