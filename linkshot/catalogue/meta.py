"""Single values by name that outlive a process; each key is defined by the module that writes it."""

import sqlalchemy as sa

from linkshot.catalogue.schema import insert_into, metadata

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", sa.String(100), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

_VALUE = sa.select(meta.c.value).where(meta.c.key == sa.bindparam("wanted"))


def get_meta(conn: sa.Connection, key: str) -> str | None:
    """The value under this name; None when there is none."""
    return conn.execute(_VALUE, {"wanted": key}).scalar()


def set_meta(conn: sa.Connection, key: str, value: str) -> None:
    statement = insert_into(conn, meta).values(key=key, value=value)
    conn.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))
