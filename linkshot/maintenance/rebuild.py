"""Rebuilds the index from catalogue and blobs, and the catalogue from journal and manifests."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue import visits
from linkshot.catalogue.clock import to_us, unique_us
from linkshot.catalogue.links import PEOPLE, links
from linkshot.catalogue.schema import chunks
from linkshot.dispatch.outbox import change_messages
from linkshot.dispatch.results import apply_result
from linkshot.domain import urls
from linkshot.domain.change_key import unchanged_key
from linkshot.domain.manifest import Manifest
from linkshot.domain.messages import LinkChanged, SnapshotFinished
from linkshot.domain.model import Reason
from linkshot.domain.storage_layout import SNAPSHOTS_PREFIX
from linkshot.domain.url_admission import admit
from linkshot.errors import Damaged, InvalidURL
from linkshot.journal import batches
from linkshot.journal.nouns import NOUNS, JournalRecord, Noun, insert_link, key_columns
from linkshot.ports import IndexChange
from linkshot.use_cases import archive_views, blobs
from linkshot.use_cases.blobs import list_keys
from linkshot.use_cases.damaged_objects import CheckedObject, TextReader, record_checked

Documents = Callable[[LinkChanged, Callable[[str], str]], list[IndexChange]]
"""indexer.document.documents: the one place that knows what the index holds of a link."""
Progress = Callable[[str, int], None]
"""Called now and then with what is being made and how many are done."""
BATCH_SIZE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildReport:
    """What a rebuild of the catalogue made."""

    counts: dict[str, int]
    """What was made → how many: the nouns of the journal by their labels, `snapshots`, and `views` if there are any."""
    damaged: tuple[str, ...] = ()
    """Keys of manifests and journal batches that could not be read; nothing was made of them."""


def rebuild_index(app: App, documents: Documents, on_progress: Progress) -> int:
    """A new index from catalogue and blobs, switched to at once; the old one serves until then. How many
    documents."""
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
    return count


def rebuild_catalogue(app: App, on_progress: Progress) -> RebuildReport:
    """Links, tags, watches and snapshot rows from journal and manifests; what is newer stays.

    Import ledgers, dead letters, web sessions and Idempotency-Keys are not in the store and are not
    made again.
    """
    damaged: list[str] = []
    newest = batches.compact(batches.read(app, damaged))
    made: dict[str, int] = {}
    for noun in NOUNS:
        made[noun.label] = _restore(app, noun, newest.values())
        on_progress(noun.label, made[noun.label])
    # what refers to others is restored after them and named before them
    made = dict(reversed(made.items()))
    made["snapshots"] = _restore_snapshots(app, damaged, on_progress)
    if views := archive_views.restore(app, damaged):
        made["views"] = views
    with app.catalogue.write() as conn:
        unique_us(conn, "rev")  # nothing that was counted before counts any more
        c = links.c
        unvisited = c.last_snapshot_id.is_(None) & c.due_at.is_(None) & c.deleted_at.is_(None)
        visits.make_due(conn, unvisited, to_us(app.now()), priority=PEOPLE, reason=Reason.ADD)
        conn.execute(links.update().values(announced_rev=0))
    return RebuildReport(counts=made, damaged=tuple(damaged))


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
        after = ids[-1]  # by id, because links may be added and removed meanwhile


def _text(app: App, key: str) -> str:
    return blobs.read(app.store, key.rpartition("/")[2]).decode("utf-8", "replace")


def _restore(app: App, noun: Noun, newest: Iterable[JournalRecord]) -> int:
    """Rows of a noun from its newest records; how many are not removed."""
    records = sorted((one for one in newest if one.noun == noun.name), key=noun.order)
    for part in chunks(records, BATCH_SIZE):
        with app.catalogue.write() as conn:
            noun.restore(conn, part)
    return sum(one.value is not None for one in records)


def _restore_snapshots(app: App, damaged: list[str], on_progress: Progress) -> int:
    """Apply every manifest's result again, oldest first for each link."""
    made = 0
    for key in list_keys(app.store, SNAPSHOTS_PREFIX, damaged):
        try:
            data = app.store.read(key)
            finished = Manifest.decode(data).finished
        except (Damaged, KeyError):
            damaged.append(key)
            continue
        _ensure_link(app, finished)
        apply_result(app, replace(finished, manifest_sha256=sha256(data).hexdigest()))
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
        insert_link(conn, row | key_columns(normal.key))
