"""How do rows become links? By a fixed number of queries, however many links."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa

from linkshot.catalogue.clock import from_us, from_us_or_none
from linkshot.catalogue.links import links
from linkshot.catalogue.schema import Condition, among_given, packed
from linkshot.catalogue.snapshots import snapshots, to_snapshot, versions
from linkshot.catalogue.tags import CARRIED, tags, to_tag
from linkshot.catalogue.watches import watches
from linkshot.model import Link, LinkId, LinkState, Tag

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
    rows = conn.execute(_links(conn.dialect.name, where), _values(conn, ids)).all()
    found = {link.link_id: link for link in to_links(conn, rows)}
    return [found[LinkId(link_id)] for link_id in ids if link_id in found]


def _values(conn: sa.Connection, values: Collection[str]) -> dict[str, object]:
    return {"values": packed(conn.dialect.name, values)}


def to_links(conn: sa.Connection, rows: Sequence[Row]) -> list[Link]:
    """The nouns of these rows, in order: four more queries."""
    if not rows:
        return []
    around = _Around(conn, rows, [row.link_id for row in rows])
    return [_link(row, around) for row in rows]


class _Around:
    """What the other tables say about some links."""

    def __init__(self, conn: sa.Connection, rows: Sequence[Row], ids: Sequence[str]) -> None:
        ask = _statements(conn.dialect.name)
        mine = _values(conn, ids)
        taken = {row.current_snapshot_id for row in rows} | {row.last_snapshot_id for row in rows}
        seen = conn.execute(ask.snapshots, _values(conn, taken - {None}))
        self.tags: dict[str, list[Tag]] = {}
        for row in conn.execute(ask.tags, mine):
            self.tags.setdefault(row.link_id, []).append(to_tag(row))
        self.watched = set(conn.scalars(ask.watched, mine))
        self.versions = {row[0]: row[1] for row in conn.execute(ask.versions, mine)}
        self.snapshots = {row.snapshot_id: to_snapshot(row) for row in seen}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statements:
    """Made once: making them would cost a list of links more than reading it."""

    tags: sa.Select[Any]
    watched: sa.Select[str]
    versions: sa.Select[Any]
    snapshots: sa.Select[Any]


@cache
def _statements(dialect: str) -> _Statements:
    def of(column: sa.Column[str]) -> Condition:
        return among_given(dialect, column)

    v = versions.c.link_id
    joined = sa.select(links.c.link_id, tags).select_from(CARRIED)
    return _Statements(
        tags=joined.where(of(links.c.link_id)).order_by(tags.c.key),
        watched=sa.select(watches.c.link_id).where(of(watches.c.link_id)),
        versions=sa.select(v, sa.func.count()).where(of(v)).group_by(v),
        snapshots=sa.select(snapshots).where(of(snapshots.c.snapshot_id)),
    )


@lru_cache(maxsize=16)
def _links(dialect: str, where: Condition) -> sa.Select[Any]:
    return sa.select(links).where(among_given(dialect, c.link_id), where)


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
