"""Publishes changed links to the index: the outbox is every row with rev > announced_rev."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue.clock import from_us
from linkshot.catalogue.links import links
from linkshot.catalogue.meta import set_meta
from linkshot.catalogue.schema import chunks
from linkshot.catalogue.snapshots import snapshots, versions
from linkshot.catalogue.tags import tag_ids_of
from linkshot.catalogue.watches import watches
from linkshot.dispatch.lost_messages import is_as_known
from linkshot.domain.messages import LINKS, MAX_BYTES, CurrentSnapshot, LinkChanged, SeenText
from linkshot.domain.model import LinkId, LinkState, SnapshotId, TagId
from linkshot.domain.storage_layout import blob_key
from linkshot.ports import Message
from linkshot.system.failpoints import failpoint
from linkshot.use_cases.jobs import INDEXED_UNTIL

BATCH_SIZE = 500
SIGNATURE_BYTES = 100


def publish_changes(app: App) -> int:
    """Publish LinkChanged for links with rev > announced_rev, people's edits first; how many.

    `announced_rev` becomes the rev that was sent, so an edit made meanwhile is announced again.
    """
    waiting = _changed_ids().order_by(links.c.announce_class, links.c.rev).limit(BATCH_SIZE)
    with app.catalogue.read() as conn:
        ids: list[str] = list(conn.scalars(waiting))
        changed = change_messages(conn, ids, app.settings.versions_per_link)
    if not changed:
        return 0
    app.queue.publish(
        LINKS,
        [
            Message(key=one.link_id, value=app.keyring.sign(LINKS, one.encode()))
            for one in map(_fit_size, changed)
        ],
    )
    failpoint("announce-published")
    with app.catalogue.write() as conn:
        conn.execute(
            links.update()
            .where(
                links.c.link_id == sa.bindparam("b_id"),
                # another dispatch may have announced a later one meanwhile
                links.c.announced_rev < sa.bindparam("b_rev"),
            )
            .values(announced_rev=sa.bindparam("b_rev")),
            [{"b_id": m.link_id, "b_rev": m.rev} for m in changed],
        )
    return len(changed)


def _fit_size(message: LinkChanged) -> LinkChanged:
    """With fewer old texts where the message would be larger than readers take: what is left out is
    what a lower `versions_per_link` leaves out."""
    while len(message.encode()) > MAX_BYTES - SIGNATURE_BYTES and message.new_versions:
        fewer = message.new_versions[: len(message.new_versions) // 2]
        message = replace(message, new_versions=fewer, older_versions=True)
    return message


def record_freshness(app: App) -> int:
    """Write down up to when the index knows everything, when it has caught up."""
    at: datetime = app.now()  # before the looks: what is edited meanwhile is not known to the index
    with app.catalogue.read() as conn:
        waiting = conn.execute(_changed_ids().limit(1)).first() is not None
    if waiting or app.queue.backlog(LINKS, "index") or not is_as_known(app, LINKS):
        return 0
    with app.catalogue.write() as conn:
        set_meta(conn, INDEXED_UNTIL, at.isoformat())
    return 0


def _changed_ids() -> sa.Select[tuple[str]]:
    return sa.select(links.c.link_id).where(links.c.rev > links.c.announced_rev)


def change_messages(
    conn: sa.Connection, ids: Sequence[str], versions_per_link: int
) -> list[LinkChanged]:
    """What the index must know of these links, a fixed number of queries for each 500."""
    found: list[LinkChanged] = []
    for part in chunks(ids):
        tags = tag_ids_of(conn, part)
        seen = _versions(conn, part, versions_per_link + 1)
        watched = set(conn.scalars(sa.select(watches.c.link_id).where(watches.c.link_id.in_(part))))
        found += [
            _message(
                row,
                tags.get(row.link_id, ()),
                seen[row.link_id],
                row.link_id in watched,
                versions_per_link,
            )
            for row in conn.execute(_rows(part))
        ]
    return found


def _rows(ids: Sequence[str]) -> sa.Select[Any]:
    shown = snapshots.alias("shown")
    return (
        sa.select(
            links,
            shown.c.snapshot_id.label("shown_id"),
            shown.c.taken_at.label("shown_taken_at"),
            shown.c.finished_at.label("shown_finished_at"),
            shown.c.http_status.label("shown_status"),
            shown.c.language.label("shown_language"),
            shown.c.text_sha256.label("shown_text"),
        )
        .outerjoin_from(links, shown, shown.c.snapshot_id == links.c.current_snapshot_id)
        .where(links.c.link_id.in_(ids))
    )


def _message(
    row: sa.Row[Any],
    tags: Sequence[str],
    seen: Sequence[SeenText],
    watched: bool,
    versions_per_link: int,
) -> LinkChanged:
    if row.deleted_at is not None or row.purged:
        return LinkChanged(link_id=LinkId(row.link_id), rev=row.rev, removed=True)
    return LinkChanged(
        link_id=LinkId(row.link_id),
        rev=row.rev,
        url=row.url,
        title=row.title_given or row.title,
        note=row.note,
        host=row.host,
        tag_ids=tuple(TagId(tag) for tag in tags),
        by_added=row.by_added,
        by_changed=row.by_changed,
        state=LinkState(row.state),
        unread=row.unread,
        watched=watched,
        current=_current(row),
        new_versions=tuple(seen[:versions_per_link]),
        older_versions=len(seen) > versions_per_link,
    )


def _current(row: sa.Row[Any]) -> CurrentSnapshot | None:
    if row.shown_id is None:
        return None
    return CurrentSnapshot(
        snapshot_id=SnapshotId(row.shown_id),
        taken_at=from_us(row.shown_taken_at or row.shown_finished_at),
        http_status=row.shown_status,
        verdict=row.verdict or None,
        language=row.shown_language,
        text_key=blob_key(row.shown_text) if row.shown_text else None,
        text_sha256=row.shown_text,
    )


def _versions(conn: sa.Connection, ids: Sequence[str], most: int) -> dict[str, list[SeenText]]:
    """The distinct texts of each link, those seen last first, `most` of each."""
    found: dict[str, list[SeenText]] = defaultdict(list)
    newest_first = (
        sa.select(versions)
        .where(versions.c.link_id.in_(ids))
        .order_by(versions.c.link_id, versions.c.seen_to.desc(), versions.c.text_sha256)
    )
    for row in conn.execute(newest_first):
        if len(found[row.link_id]) < most:
            found[row.link_id].append(
                SeenText(
                    text_sha256=row.text_sha256,
                    text_key=row.text_key,
                    seen_from=from_us(row.seen_from),
                    seen_to=from_us(row.seen_to),
                )
            )
    return found
