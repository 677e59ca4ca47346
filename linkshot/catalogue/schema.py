"""What do all tables share: metadata, names of constraints, INSERT … ON CONFLICT?"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

CHUNK = 500
"""Values in one IN list; SQLite before 3.32 takes 999."""

Item = TypeVar("Item")

HALVES = re.compile("[\0\ud800-\udfff]")


def insert_into(conn: sa.Connection, table: sa.Table) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that knows ON CONFLICT, in the words of this database."""
    if conn.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    return sqlite.insert(table)


def chunks(items: Iterable[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """Lists of at most `size`."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


def storable(text: str) -> str:
    """Text that every database keeps as it is: NUL and half characters become U+FFFD."""
    return HALVES.sub("\ufffd", text)
