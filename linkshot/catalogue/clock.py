"""Converts instants to whole µs and allocates unique keys that rise whatever the system clock does."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from linkshot.catalogue.schema import in_values, insert_into, metadata

clocks = sa.Table(
    "clocks",
    metadata,
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)
"""The greatest key given out so far, of each kind: `added`, `changed`, `rev`."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_us(instant: datetime) -> int:
    """µs since 1970 (UTC), exact."""
    return (instant - EPOCH) // MICROSECOND


def from_us(us: int) -> datetime:
    """Aware UTC instant."""
    return EPOCH + timedelta(microseconds=us)


def from_us_or_none(us: int | None) -> datetime | None:
    """Aware UTC instant, None for none."""
    return None if us is None else from_us(us)


def now_us() -> int:
    """The wall clock in µs since 1970."""
    return time.time_ns() // 1000


def unique_us(conn: sa.Connection, kind: str, count: int = 1, now: int | None = None) -> int:
    """`count` keys in a row never given before, greater than all before; the first of them.

    The wall clock in µs where it has moved on, else the last one plus one. `kind` is `added`,
    `changed` or `rev`. Must run inside write(), before other rows are touched: the row of the
    clock is held until the transaction ends.
    """
    last = lock_clock(conn, kind)
    first = max(last + 1, now_us() if now is None else now)
    _set(conn, kind, first + count - 1)
    return first


def unused_us(
    conn: sa.Connection, kind: str, column: sa.Column[int], wanted: Sequence[int]
) -> list[int]:
    """Keys near the wanted ones (for links that bring their own date), unique in `column`."""
    last = lock_clock(conn, kind)
    found = _spread(wanted, set())
    in_use = sa.select(column)
    # What a key moves on to may be in use as well, so the rows are asked until nothing is.
    while taken := set(conn.scalars(in_use.where(in_values(conn, column, found)))):
        found = _spread(found, taken)
    _set(conn, kind, max([last, *found]))
    return found


def _spread(wanted: Sequence[int], taken: set[int]) -> list[int]:
    seen = set(taken)
    found = []
    for us in wanted:
        while us in seen:
            us += 1
        seen.add(us)
        found.append(us)
    return found


def lock_clock(conn: sa.Connection, kind: str) -> int:
    """Take the clock's row until the transaction ends; the greatest key given out."""
    # The update writes what is there already: it is what locks the row, and what RETURNING shows.
    fresh = insert_into(conn, clocks).values(kind=kind, value=0)
    kept = fresh.on_conflict_do_update(index_elements=["kind"], set_={"value": clocks.c.value})
    return int(conn.execute(kept.returning(clocks.c.value)).scalar_one())


def _set(conn: sa.Connection, kind: str, value: int) -> None:
    conn.execute(clocks.update().where(clocks.c.kind == kind).values(value=value))
