"""Uploads: a page as the user's own browser had it becomes a snapshot of its link, without a visit.

The order is that of a visit (docs/architecture.md §5): the blob first, then one transaction that keeps the
link and the promise; a worker makes the snapshot. Killed in between, an unreferenced blob is left for gc.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import uuid_utils

from linkshot.app import App
from linkshot.catalogue import visits
from linkshot.catalogue.clock import from_us, to_us
from linkshot.catalogue.link_rows import links_by_id
from linkshot.catalogue.snapshots import snapshots
from linkshot.catalogue.uploads import uploads
from linkshot.catalogue.upsert_links import UpsertContext, upsert_links
from linkshot.domain import urls
from linkshot.domain.model import Link, NewLink, Reason, SnapshotId, UploadedFile
from linkshot.domain.storage_layout import blob_key
from linkshot.domain.upload_format import SavedPage, is_of, recognise
from linkshot.errors import InvalidInput
from linkshot.use_cases import link_resolver, links

MAX_BYTES = 64 * 1024 * 1024
"""Of one uploaded page."""

u = uploads.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """An upload that is kept; its snapshot follows, or is there already."""

    link: Link
    snapshot_id: SnapshotId
    existing_link: bool
    """The link was known before."""
    repeated: bool
    """The same file waits already, or is the current snapshot: nothing was added."""


def add(app: App, new: NewLink, data: bytes, *, any_address: bool = False) -> Uploaded:
    """Keep a page for the link with this address, which is added when it is new; it is not visited then.

    InvalidInput when the file is no page, or says that it was saved from another address and not
    `any_address`; InvalidURL, InvalidTag. Committed when this returns.
    """
    saved = _checked(data)
    item, _warnings = links.make_candidate(app, new, scheme_default=True)
    if not any_address:
        _check_address(saved, item.url, _current_url(app, item.url_key))
    upload = _store(app, data, saved, item.url)
    now = to_us(app.now())
    context = UpsertContext(now=now, reason=Reason.UPLOAD)
    with app.catalogue.edit() as conn:
        (kept,) = upsert_links(conn, [item], context)
        if not kept.existing:
            visits.cancel_due(conn, [kept.link_id])
        snapshot_id, repeated = _record(conn, kept.link_id, upload)
        (link,) = links_by_id(conn, [kept.link_id])
    return Uploaded(
        link=link, snapshot_id=snapshot_id, existing_link=kept.existing, repeated=repeated
    )


def add_to(app: App, ref: str, data: bytes, *, any_address: bool = False) -> Uploaded:
    """Keep a page for a known link; NotFound, and as add()."""
    link = links.get(app, ref)
    saved = _checked(data)
    if not any_address:
        _check_address(saved, link.url, _final_url(link))
    upload = _store(app, data, saved, link.url)
    with app.catalogue.edit() as conn:
        link_id = link_resolver.link_id(app, conn, link.link_id)  # it may be in the trash by now
        snapshot_id, repeated = _record(conn, link_id, upload)
        (link,) = links_by_id(conn, [link_id])
    return Uploaded(link=link, snapshot_id=snapshot_id, existing_link=True, repeated=repeated)


def _checked(data: bytes) -> SavedPage:
    if len(data) > MAX_BYTES:
        raise too_large()
    return recognise(data)


def too_large() -> InvalidInput:
    """The refusal of a larger file."""
    said = f"At most {MAX_BYTES // 1024 // 1024} MiB are taken here."
    return InvalidInput(said, code="body.too_large", field="file")


def _check_address(saved: SavedPage, url: str, final_url: str) -> None:
    known = [one for one in (url, final_url) if one]
    if saved.url and not is_of(saved.url, *known):
        raise InvalidInput(
            f"This page was saved from {saved.url[:200]}, not from the address of the link.",
            code="upload.other_address",
            field="file",
        )


def _current_url(app: App, key: str) -> str:
    """Where the current snapshot of the link with this key came from; empty without one."""
    with app.catalogue.read() as conn:
        ids = link_resolver.ids_of_url(conn, key)
        found = links_by_id(conn, ids)
    return _final_url(found[0]) if found else ""


def _final_url(link: Link) -> str:
    return (link.current.final_url or "") if link.current else ""


def _store(app: App, data: bytes, saved: SavedPage, url: str) -> UploadedFile:
    """Puts the blob, always anew: one that is there may be about to be removed by gc."""
    digest = hashlib.sha256(data).hexdigest()
    app.store.put(blob_key(digest), data, saved.media_type)
    address = urls.normalize(saved.url).url if saved.url else url
    return UploadedFile(
        sha256=digest,
        bytes=len(data),
        media_type=saved.media_type,
        url=address,
        received_at=app.now(),
    )


def _record(conn: sa.Connection, link_id: str, upload: UploadedFile) -> tuple[SnapshotId, bool]:
    """The id of the snapshot to come, and whether this file waits or is shown already."""
    same = (u.link_id == link_id) & (u.sha256 == upload.sha256)
    waiting = conn.scalar(sa.select(u.upload_id).where(same).limit(1))
    if waiting is not None:
        return SnapshotId(waiting), True
    s = snapshots.c
    newest = (
        sa.select(s.snapshot_id, s.reason, s.artifacts)
        .where(s.link_id == link_id, s.outcome == "stored")
        .order_by(s.snapshot_id.desc())
        .limit(1)
    )
    row = conn.execute(newest).first()
    if row is not None and row.reason == Reason.UPLOAD.value:
        files = {one["sha256"] for one in json.loads(row.artifacts)}
        if upload.sha256 in files:
            return SnapshotId(row.snapshot_id), True
    upload_id = str(uuid_utils.uuid7())
    values = {
        "upload_id": upload_id,
        "link_id": link_id,
        "sha256": upload.sha256,
        "bytes": upload.bytes,
        "media_type": upload.media_type,
        "url": upload.url,
        "received_at": to_us(upload.received_at),
    }
    conn.execute(uploads.insert().values(**values))
    return SnapshotId(upload_id), False


def to_file(row: Any) -> UploadedFile:
    """The file of a row of the table."""
    return UploadedFile(
        sha256=row.sha256,
        bytes=row.bytes,
        media_type=row.media_type,
        url=row.url,
        received_at=from_us(row.received_at),
    )
