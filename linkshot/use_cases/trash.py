"""Moves links to the trash and back, and purges them for good."""

from collections.abc import Sequence

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue import visits
from linkshot.catalogue.clock import to_us
from linkshot.catalogue.link_rows import NOT_PURGED, links_by_id
from linkshot.catalogue.links import PEOPLE, links
from linkshot.catalogue.revisions import bump_revision
from linkshot.catalogue.schema import chunks
from linkshot.catalogue.tags import detach_all
from linkshot.catalogue.uploads import uploads
from linkshot.catalogue.watches import watches
from linkshot.domain.model import Link, Reason
from linkshot.errors import InvalidInput
from linkshot.use_cases import link_resolver

c = links.c

IN_TRASH = NOT_PURGED & c.deleted_at.is_not(None)
DAY_US = 86_400_000_000

TOMBSTONE_VALUES: dict[str, object] = {
    "key_hash": None,
    "url_key": "",
    "url": "",
    "url_given": "",
    "title": "",
    "title_given": "",
    "note": "",
    "current_snapshot_id": None,
    "last_snapshot_id": None,
    "etag": None,
    "last_modified": None,
    "source_text_sha256": None,
    "icon": None,
    "failure_detail": None,
    "purged": True,
}
"""What a tombstone loses; the host stays while a request is on its way."""


def remove(app: App, link_refs: Sequence[str]) -> list[Link]:
    """Into the trash: invisible at once, back with restore() for `trash_days`."""
    with app.catalogue.edit() as conn:
        ids = link_resolver.link_ids(app, conn, link_refs)
        now = to_us(app.now())
        bump_revision(conn, ids, now)
        for part in chunks(ids):
            gone = links.update().where(c.link_id.in_(part))
            conn.execute(gone.values(deleted_at=now))
            visits.cancel_due(conn, part)
        return links_by_id(conn, ids, IN_TRASH)


def list_trash(app: App, limit: int = 100, before: int | None = None) -> list[Link]:
    """What is in the trash, last removed first; `before` is µs since 1970 of `deleted_at`."""
    if limit < 1:
        raise InvalidInput("The limit is at least 1.", code="limit.invalid", field="limit")
    wanted = IN_TRASH if before is None else IN_TRASH & (c.deleted_at < before)
    statement = sa.select(c.link_id).where(wanted).order_by(c.deleted_at.desc(), c.link_id)
    with app.catalogue.read() as conn:
        return links_by_id(conn, list(conn.scalars(statement.limit(limit))), IN_TRASH)


def restore(app: App, link_refs: Sequence[str]) -> list[Link]:
    """Out of the trash; one that was never visited is due."""
    with app.catalogue.edit() as conn:
        ids = link_resolver.link_ids(app, conn, link_refs, IN_TRASH)
        now = to_us(app.now())
        bump_revision(conn, ids, now)
        for part in chunks(ids):
            conn.execute(links.update().where(c.link_id.in_(part)).values(deleted_at=None))
            unseen = c.link_id.in_(part) & c.last_snapshot_id.is_(None)
            visits.make_due(conn, unseen, now, priority=PEOPLE, reason=Reason.ADD)
        return links_by_id(conn, ids)


def purge(app: App, link_refs: Sequence[str] | None = None) -> int:
    """Out of the trash for good: these, or all older than `trash_days`; how many.

    A tombstone stays, so that late results and old messages do not bring it back. Manifests and
    blobs go after the commit; what a crash leaves, dispatch, the next purge or `gc` takes.
    """
    from linkshot.use_cases.purge import try_purge_snapshots

    now = to_us(app.now())
    with app.catalogue.edit() as conn:
        ids = _purgeable(app, conn, link_refs, now)
        bump_revision(conn, ids, now)
        for part in chunks(ids):
            # While a request is under way its host counts it, so until then the tombstone has the host.
            host = sa.case((c.open_request_id.is_(None), ""), else_=c.host)
            gone = links.update().where(c.link_id.in_(part))
            conn.execute(gone.values(host=host, **TOMBSTONE_VALUES))
            visits.cancel_due(conn, part)
            detach_all(conn, link_ids=part)
            conn.execute(watches.delete().where(watches.c.link_id.in_(part)))
            conn.execute(uploads.delete().where(uploads.c.link_id.in_(part)))
    # Outside the transaction: the store may be slow or away, and the rows say what is left to do.
    try_purge_snapshots(app)
    return len(ids)


def _purgeable(
    app: App, conn: sa.Connection, link_refs: Sequence[str] | None, now: int
) -> list[str]:
    if link_refs is not None:
        return link_resolver.link_ids(app, conn, link_refs, IN_TRASH)
    old = IN_TRASH & (c.deleted_at <= now - app.settings.trash_days * DAY_US)
    return list(conn.scalars(sa.select(c.link_id).where(old)))
