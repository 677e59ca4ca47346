"""Loads links from their rows, with three queries for any number of them."""

import json
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa

from linkshot.catalogue.clock import from_us, from_us_or_none
from linkshot.catalogue.links import links
from linkshot.catalogue.schema import Condition, bind_values, in_parameter, json_rows
from linkshot.catalogue.site_rules import load_snapshot_rules
from linkshot.catalogue.snapshots import snapshots, to_snapshot, versions
from linkshot.catalogue.tags import link_tags, tags
from linkshot.catalogue.uploads import uploads
from linkshot.catalogue.watches import watches
from linkshot.domain.change_key import has_changed
from linkshot.domain.model import Link, LinkId, LinkState, Snapshot, Tag, TagId
from linkshot.domain.site_rules import SiteRules

c = links.c
NOT_PURGED = c.purged.is_(sa.false())
"""Neither a tombstone … """
VISIBLE = NOT_PURGED & c.deleted_at.is_(None)
"""… nor in the trash."""
LINK_COLUMNS = (
    c.link_id, c.url, c.url_key, c.host, c.title, c.title_given, c.note, c.state, c.unread,
    c.added_at, c.by_added, c.changed_at, c.by_changed, c.rev, c.due_at, c.open_request_id,
    c.current_snapshot_id, c.last_snapshot_id, c.icon, c.deleted_at,
)  # fmt: skip
"""What a link shows of its own row; each column more costs a list of links time."""

Row = sa.Row[Any]


def links_by_id(
    conn: sa.Connection, ids: Sequence[str], where: sa.ColumnElement[bool] = VISIBLE
) -> list[Link]:
    """These links in this order; those that are not there are left out."""
    dialect = conn.dialect.name
    rows = conn.execute(_links(dialect, where), {"values": bind_values(dialect, ids)}).all()
    found = {link.link_id: link for link in to_links(conn, rows)}
    return [found[LinkId(link_id)] for link_id in ids if link_id in found]


def select_links(dialect: str) -> sa.Select[Any]:
    """Rows for to_links(), with what other tables say about each link; so this is asked of a
    page of them, not of all that are then sorted."""
    of, mine = c.link_id, link_tags.c.link_no == c.link_no
    pair = link_tags.join(tags, tags.c.tag_no == link_tags.c.tag_no)
    carried = sa.select(
        json_rows(dialect, tags.c.key, tags.c.tag_id, tags.c.name, tags.c.parent_id)
    )
    counted = sa.select(sa.func.count()).where(versions.c.link_id == of)
    watched = sa.select(watches.c.next_at).where(watches.c.link_id == of)
    uploading = sa.exists().where(uploads.c.link_id == of)
    return sa.select(
        *LINK_COLUMNS,
        carried.select_from(pair).where(mine).scalar_subquery().label("tags"),
        counted.scalar_subquery().label("versions"),
        watched.scalar_subquery().label("watch_at"),
        uploading.label("uploading"),
    )


def to_links(conn: sa.Connection, rows: Sequence[Row]) -> list[Link]:
    """The nouns of rows of select_links(), in order: two more queries."""
    taken = {row.current_snapshot_id for row in rows} | {row.last_snapshot_id for row in rows}
    seen: dict[str, Snapshot] = {}
    if ids := taken - {None}:
        dialect = conn.dialect.name
        found = conn.execute(_snapshots_among(dialect), {"values": bind_values(dialect, ids)})
        seen = {row.snapshot_id: to_snapshot(row) for row in found}
    rules = load_snapshot_rules(conn) if rows else SiteRules(())
    return [_link(row, seen, rules) for row in rows]


@lru_cache(maxsize=16)
def _links(dialect: str, where: Condition) -> sa.Select[Any]:
    """Made once: making it would cost a list of links more than reading it."""
    return select_links(dialect).where(in_parameter(dialect, c.link_id), where)


@cache
def _snapshots_among(dialect: str) -> sa.Select[Any]:
    return sa.select(snapshots).where(in_parameter(dialect, snapshots.c.snapshot_id))


def _link(row: Row, seen: Mapping[str, Snapshot], rules: SiteRules) -> Link:
    carried = sorted(json.loads(row.tags or "[]"))  # by key, which each one begins with
    return Link(
        link_id=LinkId(row.link_id),
        url=row.url,
        url_key=row.url_key,
        host=row.host,
        title=row.title_given or row.title,
        note=row.note,
        tags=tuple(
            Tag(tag_id=TagId(tag_id), name=name, parent_id=parent and TagId(parent))
            for _key, tag_id, name, parent in carried
        ),
        state=LinkState(row.state),
        unread=bool(row.unread),
        watched=row.watch_at is not None,
        added_at=from_us(row.added_at),
        changed_at=from_us(row.changed_at) if has_changed(row.by_changed) else None,
        rev=row.rev,
        by_added=row.by_added,
        by_changed=row.by_changed,
        activity="sent" if row.uploading else activity(row),
        due_at=from_us_or_none(row.due_at),
        watch_at=from_us_or_none(row.watch_at),
        current=seen.get(row.current_snapshot_id or ""),
        last=seen.get(row.last_snapshot_id or ""),
        icon=row.icon,
        versions=row.versions,
        deleted_at=from_us_or_none(row.deleted_at),
        no_snapshot_rule=rules.without_snapshot(row.url) if rules else None,
    )


def activity(row: Row) -> str:
    """Progress in a word: `sent`, `due` or nothing."""
    if row.open_request_id is not None:
        return "sent"
    return "" if row.due_at is None else "due"
