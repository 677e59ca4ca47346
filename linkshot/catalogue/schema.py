"""What all tables share: metadata, constraint names, upserts, and parameters for many values."""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

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

AUTOINCREMENT = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""Type of a primary key that counts up by itself; in SQLite only INTEGER does, and then it is the row's
own number, which costs nothing."""

CHUNK_SIZE = 500
"""Values in one IN list; SQLite before 3.32 takes 999."""

Item = TypeVar("Item")

MakeInsert = Callable[[sa.Connection], sa.Insert]
Condition = sa.ColumnElement[bool]
Compiled = tuple[str, Callable[[Sequence[tuple[Any, ...]]], Any]]
"""A statement, and what makes its parameters of rows."""
_inserts: dict[tuple[object, ...], Compiled] = {}

UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def insert_into(conn: sa.Connection, table: sa.Table) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that knows ON CONFLICT, in the words of this database."""
    if conn.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_many(
    conn: sa.Connection,
    make: MakeInsert,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Execute the INSERT that `make` gives for all rows: plain values in the order of `columns`.

    SQLite's driver gets the rows as they are, PostgreSQL all of them in one JSON text;
    SQLAlchemy's own way costs an import of 100,000 links some seconds.
    """
    if not rows:
        return
    # `make` is part of the key, so it is a function of a module, not one made for each call.
    key = (conn.dialect.name, columns, make)
    if key not in _inserts:
        compiled = _json_parameter if conn.dialect.name == "postgresql" else _row_parameters
        _inserts[key] = compiled(make(conn), columns, conn.dialect)
    sql, parameters = _inserts[key]
    conn.exec_driver_sql(sql, parameters(rows))


def _json_parameter(insert: sa.Insert, columns: tuple[str, ...], dialect: sa.Dialect) -> Compiled:
    """For PostgreSQL: all rows are one parameter, a list of objects.

    The columns have numbers in it, because their names would come again in each object.
    """
    from sqlalchemy.dialects import postgresql

    names = [str(number) for number in range(len(columns))]
    typed = [
        sa.column(name, insert.table.c[of].type) for name, of in zip(names, columns, strict=True)
    ]
    given = sa.cast(sa.bindparam("rows", type_=sa.Text), postgresql.JSON)
    rows = sa.func.json_to_recordset(given).table_valued(*typed)
    whole = insert.from_select(
        columns, sa.select(rows.render_derived(name="given", with_types=True))
    )

    def parameters(rows: Sequence[tuple[Any, ...]]) -> dict[str, str]:
        objects = [dict(zip(names, row, strict=True)) for row in rows]
        return {"rows": json.dumps(objects, ensure_ascii=False)}

    return str(whole.compile(dialect=dialect)), parameters


def _row_parameters(insert: sa.Insert, columns: tuple[str, ...], dialect: sa.Dialect) -> Compiled:
    """For SQLite: what makes the statement's parameters of each row."""
    compiled = insert.compile(dialect=dialect, column_keys=list(columns))
    # SQLAlchemy names the columns in the order of the table, which need not be that of the rows.
    order = tuple(compiled.positiontup or ())
    if order == columns:
        return str(compiled), list
    pick = itemgetter(*(columns.index(name) for name in order))
    return str(compiled), lambda rows: [pick(row) for row in rows]


def in_values(conn: sa.Connection, column: sa.Column[Item], values: Collection[Item]) -> Condition:
    """`column IN values` for any number of texts or numbers, one parameter."""
    # One parameter, so the text of the statement, and with it its compiled form, is the same for any number.
    dialect = conn.dialect.name
    given = sa.literal(bind_values(dialect, values), _bound_type(dialect, column))
    return _equals_any(dialect, column, given)


def in_parameter(dialect: str, column: sa.Column[str]) -> Condition:
    """The same for a statement that is made once; executed with {"values": bind_values(…)}."""
    return _equals_any(dialect, column, sa.bindparam("values", type_=_bound_type(dialect, column)))


def bind_values(dialect: str, values: Collection[object]) -> object:
    """Texts or numbers as one parameter: an array where the database has them, else JSON."""
    return list(values) if dialect == "postgresql" else json.dumps(list(values))


def _bound_type(dialect: str, column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    """Texts keep their length: one that is too long for the column is in no row."""
    if dialect != "postgresql":
        return sa.Text()
    return sa.ARRAY(sa.Text if isinstance(column.type, sa.String) else column.type)


def _equals_any(dialect: str, column: sa.Column[Any], values: sa.BindParameter[Any]) -> Condition:
    if dialect == "postgresql":
        return column == sa.any_(sa.cast(values, values.type))
    each = sa.func.json_each(values).table_valued("value")
    return column.in_(sa.select(each.c.value))


def json_rows(dialect: str, *columns: sa.ColumnElement[Any]) -> sa.ColumnElement[str | None]:
    """All rows of a group as one JSON text: a list of lists, in no order; NULL or `[]` for none."""
    if dialect == "postgresql":
        return sa.cast(sa.func.json_agg(sa.func.json_build_array(*columns)), sa.Text)
    return sa.func.json_group_array(sa.func.json_array(*columns), type_=sa.Text)


def chunks(items: Iterable[Item], size: int = CHUNK_SIZE) -> Iterator[list[Item]]:
    """Lists of at most `size`."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


def storable(text: str) -> str:
    """Text that every database keeps as it is: NUL and half characters become U+FFFD."""
    return text if text.isascii() and "\0" not in text else UNSTORABLE.sub("\ufffd", text)
