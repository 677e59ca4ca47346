"""The nouns of the journal: how each becomes records, and rows of a catalogue again.

A new noun is one more entry of NOUNS. Formats stay readable for ever: a value may get fields, restore()
takes the values of older versions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, cast

import sqlalchemy as sa

from linkshot.catalogue.keys import unused_hashes
from linkshot.catalogue.links import links
from linkshot.catalogue.schema import in_values, insert_into
from linkshot.catalogue.site_rules import VALUE_COLUMNS, site_rules
from linkshot.catalogue.tags import attach_tags, tag_ids_of, tags
from linkshot.catalogue.upsert_links import key_hash
from linkshot.catalogue.watches import watches
from linkshot.domain import urls
from linkshot.domain.change_key import upgraded_key
from linkshot.domain.schedules import parse_every
from linkshot.domain.tag_paths import tag_path

LINK_COLUMNS = (
    "url_key", "key_version", "url", "host", "url_given", "title_given", "note", "unread", "added_at",
    "by_added", "changed_at", "by_changed", "deleted_at",
)  # fmt: skip
TAG_COLUMNS = ("name", "parent_id", "created_at")
SITE_COLUMNS = (*VALUE_COLUMNS, "changed_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRecord:
    """One line of a batch."""

    noun: str
    id: str
    rev: int
    value: dict[str, Any] | None
    """None: removed for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noun:
    """What the journal keeps of one table."""

    name: str
    """In records; it stays for ever."""
    label: str
    """The plural, beside numbers of them."""
    table: sa.Table
    """With `rev` and `journalled_rev`."""
    key: str
    """The column with its ids."""
    is_gone: Callable[[sa.RowMapping], bool]
    to_value: Callable[[sa.Connection, Sequence[sa.RowMapping]], list[dict[str, Any]]]
    """The value of each row."""
    restore: Callable[[sa.Connection, Sequence[JournalRecord]], None]
    """Adds the rows of these records; what is there stays."""
    order: Callable[[JournalRecord], int] = lambda _record: 0
    """Lower ones are restored first."""
    redacted: Callable[[sa.Connection], set[str]] = lambda _conn: set()
    """Ids of which no batch may tell more than that they are removed."""

    def unjournalled(self, limit: int) -> sa.Select[Any]:
        """Rows with edits that the journal does not have yet, oldest first."""
        c = self.table.c
        waiting = sa.select(self.table).where(c.rev > c.journalled_rev)
        return waiting.order_by(c.rev).limit(limit)

    def waiting(self, conn: sa.Connection, limit: int) -> int:
        """How many such rows there are, counted no further than `limit`."""
        ids = self.unjournalled(limit).with_only_columns(self.table.c.rev)
        return len(conn.execute(ids).all())

    def records(self, conn: sa.Connection, limit: int) -> list[JournalRecord]:
        """The records of such rows."""
        rows = conn.execute(self.unjournalled(limit)).mappings().all()
        values = self.to_value(conn, rows)
        return [
            JournalRecord(
                noun=self.name,
                id=row[self.key],
                rev=row["rev"],
                value=None if self.is_gone(row) else value,
            )
            for row, value in zip(rows, values, strict=True)
        ]


def _tag_values(_conn: sa.Connection, rows: Sequence[sa.RowMapping]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in TAG_COLUMNS} for row in rows]


def _restore_tags(conn: sa.Connection, records: Sequence[JournalRecord]) -> None:
    for record in records:
        if record.value is None:  # a removed tag leaves nothing: no link carries it
            continue
        row = {name: record.value[name] for name in TAG_COLUMNS}
        row |= {"tag_id": record.id, "key": tag_path(row["name"]).key}
        row |= {"rev": record.rev, "journalled_rev": record.rev}
        conn.execute(insert_into(conn, tags).values(**row).on_conflict_do_nothing())


def _depth(record: JournalRecord) -> int:
    """Parents come before their children, which refer to them."""
    return 0 if record.value is None else str(record.value["name"]).count("/")


def _site_values(_conn: sa.Connection, rows: Sequence[sa.RowMapping]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in SITE_COLUMNS} for row in rows]


def _restore_sites(conn: sa.Connection, records: Sequence[JournalRecord]) -> None:
    for record in records:
        if record.value is None:
            continue
        row = {name: record.value.get(name) for name in SITE_COLUMNS}
        row |= {"site": record.id, "rev": record.rev, "journalled_rev": record.rev}
        conn.execute(insert_into(conn, site_rules).values(**row).on_conflict_do_nothing())


def _link_values(conn: sa.Connection, rows: Sequence[sa.RowMapping]) -> list[dict[str, Any]]:
    ids = [row["link_id"] for row in rows]
    carried = tag_ids_of(conn, ids)
    watched = sa.select(watches.c.link_id, watches.c.every).where(
        in_values(conn, watches.c.link_id, ids)
    )
    every = {row.link_id: row.every for row in conn.execute(watched)}
    return [
        {name: row[name] for name in LINK_COLUMNS}
        | {"tags": carried.get(row["link_id"], []), "watch": every.get(row["link_id"])}
        for row in rows
    ]


def _restore_links(conn: sa.Connection, records: Sequence[JournalRecord]) -> None:
    attach_tags(conn, {record.id: _restore_link(conn, record) for record in records})


def _restore_link(conn: sa.Connection, record: JournalRecord) -> Sequence[str]:
    """Ids of the tags it carries; none for a tombstone and for a link that is there already."""
    value = dict(record.value or {})  # a copy: what belongs to other tables is taken out of it
    carried: Sequence[str] = value.pop("tags", ())
    every = value.pop("watch", None)
    made = insert_link(conn, _link_row(record, value))
    if not made or record.value is None:
        return ()
    if every:
        since, step = value["changed_at"], int(parse_every(every).total_seconds())
        row = {"link_id": record.id, "every": every, "every_s": step, "created_at": since}
        fresh = insert_into(conn, watches).values(**row, next_at=since + step * 1_000_000)
        conn.execute(fresh.on_conflict_do_nothing())
    return carried


def _link_row(record: JournalRecord, value: dict[str, object]) -> dict[str, object]:
    """The row of a record, with its key under the current rule, whichever the journal was written by."""
    base = {"link_id": record.id, "rev": record.rev, "journalled_rev": record.rev}
    if record.value is None:
        gone = {"purged": True, "deleted_at": record.rev, "added_at": 0, "changed_at": 0}
        # the keys are unique, and links purged together share their revision: the id tells them apart
        key = -1 - int.from_bytes(blake2b(record.id.encode(), digest_size=7).digest())
        keys = {"by_added": key, "by_changed": key}
        return base | gone | keys | {"url": "", "url_key": "", "host": ""}
    times = {
        "by_changed": upgraded_key(cast(int, value["by_changed"]), cast(int, value["by_added"]))
    }
    return base | value | times | key_columns(urls.identity(str(value["url"])))


def _purged_links(conn: sa.Connection) -> set[str]:
    gone = links.c.deleted_at.is_not(None) & links.c.purged.is_(sa.true())
    return set(conn.scalars(sa.select(links.c.link_id).where(gone)))


def insert_link(conn: sa.Connection, row: dict[str, object]) -> bool:
    """Adds the row unless the link is there; where another link has its key, it stays without one."""
    if row["url_key"] and not unused_hashes(conn, [str(row["key_hash"])]):
        row |= {"key_hash": None}
    fresh = insert_into(conn, links).values(**row).on_conflict_do_nothing()
    return conn.execute(fresh.returning(links.c.link_id)).first() is not None


def key_columns(url_key: str) -> dict[str, object]:
    """The columns of a key under the current rule."""
    names = {"url_key": url_key, "key_hash": key_hash(url_key)}
    return names | {"key_version": urls.KEY_VERSION}


NOUNS = (
    Noun(
        name="tag",
        label="tags",
        table=tags,
        key="tag_id",
        is_gone=lambda row: row["deleted_at"] is not None,
        to_value=_tag_values,
        restore=_restore_tags,
        order=_depth,
    ),
    Noun(
        name="site",
        label="site_rules",
        table=site_rules,
        key="site",
        is_gone=lambda row: row["deleted_at"] is not None,
        to_value=_site_values,
        restore=_restore_sites,
    ),
    Noun(
        name="link",
        label="links",
        table=links,
        key="link_id",
        is_gone=lambda row: bool(row["purged"]),
        to_value=_link_values,
        restore=_restore_links,
        redacted=_purged_links,
    ),
)
"""In the order in which they are restored: links carry tags, and rules decide which links are visited."""
