"""How do rows become links? By a fixed number of queries, however many links."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from linkshot.catalogue.clock import from_us, from_us_or_none
from linkshot.catalogue.links import links
from linkshot.catalogue.schema import among
from linkshot.catalogue.snapshots import snapshots, to_snapshot, versions
from linkshot.catalogue.tags import link_tags, tags, to_tag
from linkshot.catalogue.watches import watches
from linkshot.model import Link, LinkId, LinkState, Snapshot, Tag

c = links.c
KEPT = c.purged.is_(sa.false())
"""Neither a tombstone … """
VISIBLE = KEPT & c.deleted_at.is_(None)
"""… nor in the trash."""

Row = sa.Row[Any]


def links_by_id(
    conn: sa.Connection, ids: Sequence[str], where: sa.ColumnElement[bool] = VISIBLE
) -> list[Link]:
    """These links in this order; those that are not there are left out."""
    rows = conn.execute(sa.select(links).where(among(conn, c.link_id, ids), where)).all()
    found = {link.link_id: link for link in to_links(conn, rows)}
    return [found[LinkId(link_id)] for link_id in ids if link_id in found]


def to_links(conn: sa.Connection, rows: Sequence[Row]) -> list[Link]:
    """The nouns of these rows, in order: four more queries."""
    if not rows:
        return []
    around = _Around(conn, rows, [row.link_id for row in rows])
    return [_link(row, around) for row in rows]


class _Around:
    """What the other tables say about some links."""

    def __init__(self, conn: sa.Connection, rows: Sequence[Row], ids: Sequence[str]) -> None:
        self.tags = _tags_of(conn, ids)
        watched = sa.select(watches.c.link_id).where(among(conn, watches.c.link_id, ids))
        self.watched = set(conn.scalars(watched))
        self.versions = _counts_of(conn, ids)
        self.snapshots = _snapshots_of(conn, rows)


def _tags_of(conn: sa.Connection, ids: Sequence[str]) -> dict[str, list[Tag]]:
    statement = (
        sa.select(link_tags.c.link_id, tags)
        .join(tags, tags.c.tag_id == link_tags.c.tag_id)
        .where(among(conn, link_tags.c.link_id, ids))
        .order_by(tags.c.key)
    )
    found: dict[str, list[Tag]] = {}
    for row in conn.execute(statement):
        found.setdefault(row.link_id, []).append(to_tag(row))
    return found


def _counts_of(conn: sa.Connection, ids: Sequence[str]) -> dict[str, int]:
    statement = (
        sa.select(versions.c.link_id, sa.func.count())
        .where(among(conn, versions.c.link_id, ids))
        .group_by(versions.c.link_id)
    )
    return {row[0]: row[1] for row in conn.execute(statement)}


def _snapshots_of(conn: sa.Connection, rows: Sequence[Row]) -> dict[str, Snapshot]:
    wanted = {row.current_snapshot_id for row in rows} | {row.last_snapshot_id for row in rows}
    known = among(conn, snapshots.c.snapshot_id, wanted - {None})
    statement = sa.select(snapshots).where(known)
    return {row.snapshot_id: to_snapshot(row) for row in conn.execute(statement)}


def _link(row: Row, around: _Around) -> Link:
    return Link(
        link_id=LinkId(row.link_id),
        url=row.url,
        url_key=row.url_key,
        host=row.host,
        title=row.title_given or row.title,
        note=row.note,
        tags=tuple(around.tags.get(row.link_id, ())),
        state=LinkState(row.state),
        unread=bool(row.unread),
        watched=row.link_id in around.watched,
        added_at=from_us(row.added_at),
        changed_at=from_us(row.changed_at),
        rev=row.rev,
        by_added=row.by_added,
        by_changed=row.by_changed,
        activity=activity(row),
        due_at=from_us_or_none(row.due_at),
        current=around.snapshots.get(row.current_snapshot_id or ""),
        last=around.snapshots.get(row.last_snapshot_id or ""),
        icon=row.icon,
        versions=around.versions.get(row.link_id, 0),
        deleted_at=from_us_or_none(row.deleted_at),
    )


def activity(row: Row) -> str:
    """Progress in a word: `sent`, `due` or nothing."""
    if row.open_request_id is not None:
        return "sent"
    return "" if row.due_at is None else "due"
