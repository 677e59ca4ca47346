"""Keeps views of snapshots that were made later from their archives: a PDF, the mobile view.

Blobs first, then the record in the store, last the row of the snapshot, which lists the files like all others. Killed
anywhere the view can be made again, and `rebuild` restores the row from the record.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue.link_rows import NOT_PURGED
from linkshot.catalogue.links import links
from linkshot.catalogue.snapshots import snapshots
from linkshot.domain.archive_view import ArchiveViewRecord
from linkshot.domain.messages import plain_value
from linkshot.domain.model import Artifact, Role, Snapshot
from linkshot.domain.storage_layout import VIEWS_PREFIX, blob_key, view_key
from linkshot.errors import Damaged, NotFound
from linkshot.use_cases.blobs import list_keys

s = snapshots.c


def archive_of(snapshot: Snapshot) -> Artifact:
    """What its views are made from; NotFound `view.no_archive`."""
    found = snapshot.artifact(Role.WACZ) or snapshot.artifact(Role.WARC)
    if found is None:
        raise NotFound(
            "This snapshot has no web archive to make a view of.", code="view.no_archive"
        )
    return found


def put_blob(app: App, role: Role, name: str, media_type: str, data: bytes) -> Artifact:
    """The artifact of these bytes; they are written also when they are there, since gc may be about to remove them."""
    digest = hashlib.sha256(data).hexdigest()
    key = blob_key(digest)
    app.store.put(key, data, media_type)
    return Artifact(
        role=role, name=name, key=key, media_type=media_type, bytes=len(data), sha256=digest
    )


def keep(app: App, record: ArchiveViewRecord) -> None:
    """Keep this view in place of an older one of its kind. NotFound when the snapshot was purged meanwhile."""
    key = view_key(record.link_id, record.snapshot_id, record.role.value)
    app.store.put(key, record.encode(), "application/json")
    if not list_in_row(app, record):
        app.store.delete([key])
        raise NotFound("There is no such snapshot.", code="snapshot.not_found")


def list_in_row(app: App, record: ArchiveViewRecord) -> bool:
    """List the files of this view in the row of its snapshot; False when there is no such row. Repeatable."""
    with app.catalogue.write() as conn:
        query = (
            sa.select(s.artifacts)
            .join(links, links.c.link_id == s.link_id)
            .where(s.snapshot_id == record.snapshot_id, s.link_id == record.link_id, NOT_PURGED)
        )
        found = conn.execute(query.with_for_update(of=snapshots)).scalar()
        if found is None:
            return False
        others = [one for one in json.loads(found) if one["role"] != record.role.value]
        listed = json.dumps([*others, *map(plain_value, record.artifacts)])
        change = snapshots.update().where(s.snapshot_id == record.snapshot_id)
        conn.execute(change.values(artifacts=listed))
    return True


def record_keys(app: App, damaged: list[str], link_id: str = "") -> Iterator[str]:
    """Keys of the records of a link, or of all; folders that cannot be listed go into `damaged`."""
    prefix = f"{VIEWS_PREFIX}{link_id[:2]}/{link_id}/" if link_id else VIEWS_PREFIX
    yield from list_keys(app.store, prefix, damaged)


def records(app: App, damaged: list[str], link_id: str = "") -> Iterator[ArchiveViewRecord]:
    """The records of a link, or of all; keys of those that cannot be read go into `damaged`."""
    for key in record_keys(app, damaged, link_id):
        try:
            yield ArchiveViewRecord.decode(app.store.read(key))
        except KeyError:
            continue
        except Damaged:
            damaged.append(key)


def restore(app: App, damaged: list[str]) -> int:
    """List the views of all records in the rows of their snapshots again; how many."""
    return sum(list_in_row(app, record) for record in records(app, damaged))


def blobs_of(found: Iterable[ArchiveViewRecord]) -> Iterator[str]:
    """Keys of the blobs that these records name."""
    for record in found:
        yield from (one.key for one in record.artifacts)
