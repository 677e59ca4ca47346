"""Uploads: a page as the user's own browser had it becomes a snapshot of its link, without a visit.

The order is that of a visit (docs/architecture.md §5): the blob first, then one transaction that keeps the
link and the promise; a worker makes the snapshot. Killed in between, an unreferenced blob is left for gc.
"""

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
import uuid_utils

from linkshot.app import App
from linkshot.archives import page_choice
from linkshot.archives.web_archive import PageInArchive, WebArchive
from linkshot.catalogue import visits
from linkshot.catalogue.clock import from_us, to_us
from linkshot.catalogue.link_rows import links_by_id
from linkshot.catalogue.snapshots import snapshots
from linkshot.catalogue.uploads import uploads
from linkshot.catalogue.upsert_links import Candidate, UpsertContext, upsert_links
from linkshot.domain import urls
from linkshot.domain.model import Link, NewLink, Reason, SnapshotId, UploadedFile
from linkshot.domain.storage_layout import blob_key
from linkshot.domain.upload_format import ARCHIVES, SavedPage, is_of, recognise
from linkshot.errors import Damaged, InvalidInput, PageNotChosen
from linkshot.use_cases import link_resolver, links

MAX_BYTES = 64 * 1024 * 1024
"""Of one uploaded file."""
MAX_PAGES = 1000
"""Of an archive of which all pages are kept at once."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class AllUploaded:
    """What became of all pages of an archive."""

    kept: tuple[Uploaded, ...]
    refused: tuple[tuple[str, str, str], ...]
    """Address, code and sentence of each page that cannot be kept."""


def add(app: App, new: NewLink, data: bytes, *, any_address: bool = False) -> Uploaded:
    """Keep a page for the link with this address, which is added when it is new; it is not visited then.

    Without an address it is the one that the file says. InvalidInput when the file is no page, says no
    address, or says that it was saved from another address and not `any_address`; PageNotChosen when
    the page is not in the archive, or it is not clear which one is meant; InvalidURL, InvalidTag.
    Committed when this returns.
    """
    saved = _checked(data)
    if not new.url:
        saved = _of_itself(saved, data)
        item, _ = links.make_candidate(app, replace(new, url=saved.url))
    else:
        item, _ = links.make_candidate(app, new, scheme_default=True)
        known = (item.url, _current_url(app, item.url_key))
        saved = _chosen(saved, data, known, any_address=any_address)
    return _add(app, item, _store(app, data, saved, item.url))


def _add(app: App, item: Candidate, upload: UploadedFile) -> Uploaded:
    context = UpsertContext(now=to_us(app.now()), reason=Reason.UPLOAD)
    with app.catalogue.edit() as conn:
        (kept,) = upsert_links(conn, [item], context)
        if not kept.existing:
            visits.cancel_due(conn, [kept.link_id])
        snapshot_id, repeated = _record(conn, kept.link_id, upload)
        (link,) = links_by_id(conn, [kept.link_id])
    return Uploaded(
        link=link, snapshot_id=snapshot_id, existing_link=kept.existing, repeated=repeated
    )


def add_all_pages(app: App, data: bytes, tags: tuple[str, ...] = ()) -> AllUploaded:
    """Keep every page of a web archive, each for the link with its address; InvalidInput as in add().

    A page whose address cannot be kept is refused, the others are kept.
    """
    saved = _checked(data)
    if saved.media_type not in ARCHIVES:
        return AllUploaded(kept=(add(app, NewLink(url="", tags=tags), data),), refused=())
    with _open(data, saved.media_type) as archive:
        pages = page_choice.pages_of(archive)
    if len(pages) > MAX_PAGES:
        said = f"This archive has {len(pages)} pages; at most {MAX_PAGES} are taken at once."
        raise InvalidInput(said, code="upload.too_many_pages", field="file")
    kept, refused = list[Uploaded](), list[tuple[str, str, str]]()
    stored: UploadedFile | None = None
    for page in pages:
        try:
            item, _ = links.make_candidate(app, NewLink(url=page.url, tags=tags, title=""))
        except InvalidInput as exc:
            refused.append((page.url, exc.code, exc.message))
            continue
        stored = stored or _store(app, data, saved, page.url)
        kept.append(_add(app, item, replace(stored, url=page.url)))
    return AllUploaded(kept=tuple(kept), refused=tuple(refused))


def add_to(app: App, ref: str, data: bytes, *, any_address: bool = False) -> Uploaded:
    """Keep a page for a known link; NotFound, and as add()."""
    link = links.get(app, ref)
    known = (link.url, _final_url(link))
    saved = _chosen(_checked(data), data, known, any_address=any_address)
    upload = _store(app, data, saved, link.url)
    with app.catalogue.edit() as conn:
        link_id = link_resolver.link_id(app, conn, link.link_id)  # it may be in the trash by now
        snapshot_id, repeated = _record(conn, link_id, upload)
        (link,) = links_by_id(conn, [link_id])
    return Uploaded(link=link, snapshot_id=snapshot_id, existing_link=True, repeated=repeated)


def _of_itself(saved: SavedPage, data: bytes) -> SavedPage:
    """With the address that the file says."""
    if saved.media_type in ARCHIVES:
        with _open(data, saved.media_type) as archive:
            return _at(saved, page_choice.only_page(archive))
    if not saved.url:
        raise InvalidInput(
            "This file does not say where it was saved from; name the address of the page.",
            code="upload.no_address",
            field="url",
        )
    return saved


def _chosen(saved: SavedPage, data: bytes, known: Sequence[str], *, any_address: bool) -> SavedPage:
    """The page of the link with these addresses; of an archive the one of them that it has."""
    known = [one for one in known if one]
    if saved.media_type in ARCHIVES:
        with _open(data, saved.media_type) as archive:
            return _at(saved, _page_of_link(archive, known, any_address=any_address))
    if saved.url and not any_address and not is_of(saved.url, *known):
        raise InvalidInput(
            f"This page was saved from {saved.url[:200]}, not from the address of the link.",
            code="upload.other_address",
            field="file",
        )
    return saved


def _page_of_link(archive: WebArchive, known: Sequence[str], *, any_address: bool) -> PageInArchive:
    try:
        return page_choice.page_of(archive, known)
    except PageNotChosen:
        if any_address:
            return page_choice.only_page(archive)
        raise


def _at(saved: SavedPage, page: PageInArchive) -> SavedPage:
    return replace(saved, url=page.url, saved_at=page.at)


def _open(data: bytes, media_type: str) -> WebArchive:
    try:
        return WebArchive(io.BytesIO(data), media_type)
    except Damaged as exc:
        raise InvalidInput(exc.message, code="upload.archive_unreadable", field="file") from exc


def _checked(data: bytes) -> SavedPage:
    if len(data) > MAX_BYTES:
        raise too_large()
    return recognise(data)


def too_large() -> InvalidInput:
    """The refusal of a larger file."""
    said = f"At most {MAX_BYTES // 1024 // 1024} MiB are taken here."
    return InvalidInput(said, code="body.too_large", field="file")


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
    address = url
    if saved.media_type in ARCHIVES:
        address = saved.url  # as it is in the archive, where it is looked up
    elif saved.url:
        address = urls.normalize(saved.url).url
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
