"""What else must outlive a process: dead letters, answers given, leases, marks by name."""

import sqlalchemy as sa

from linkshot.catalogue.schema import insert_into, metadata

dead_letters = sa.Table(
    "dead_letters",
    metadata,
    sa.Column("dead_id", sa.String(36), primary_key=True),
    sa.Column("topic", sa.String(100), nullable=False),
    sa.Column("origin", sa.String(200), nullable=False, unique=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("reason", sa.String(60), nullable=False),
    sa.Column("detail", sa.Text, nullable=False, server_default=""),
    sa.Column("value_base64", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("requeued_at", sa.BigInteger),
    sa.Column("bytes", sa.BigInteger),
    sa.Column("sha256", sa.String(64)),
    sa.Column("cut", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("original", sa.String(200)),
)
"""`origin` is DeadLetter.where: the same letter twice is one row. `bytes` and `sha256` are those of the
whole message; when it was `cut`, `original` is its key in the store."""

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("body_sha256", sa.String(64), nullable=False),
    sa.Column("link_id", sa.String(32), nullable=False),
    sa.Column("existing", sa.Boolean, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", sa.String(100), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(100), primary_key=True),
    sa.Column("holder", sa.String(100), nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False),
)


_VALUE = sa.select(meta.c.value).where(meta.c.key == sa.bindparam("wanted"))


def get_meta(conn: sa.Connection, key: str) -> str | None:
    """The value under this name, None if none."""
    return conn.execute(_VALUE, {"wanted": key}).scalar()


def set_meta(conn: sa.Connection, key: str, value: str) -> None:
    """Keep the value under this name."""
    statement = insert_into(conn, meta).values(key=key, value=value)
    conn.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def delete_meta(conn: sa.Connection, key: str) -> None:
    """Forget the value under this name."""
    conn.execute(meta.delete().where(meta.c.key == key))


def take_lease(conn: sa.Connection, name: str, holder: str, now: int, until: int) -> bool:
    """Take or extend the lease until then (µs), if nobody else has it now."""
    fresh = insert_into(conn, leases).values(name=name, holder=holder, until=until)
    free = (leases.c.holder == holder) | (leases.c.until <= now)
    taken = fresh.on_conflict_do_update(
        index_elements=["name"], set_={"holder": holder, "until": until}, where=free
    )
    return conn.execute(taken.returning(leases.c.name)).first() is not None


def drop_lease(conn: sa.Connection, name: str, holder: str) -> None:
    """Give the lease back, if it is still ours."""
    conn.execute(leases.delete().where(leases.c.name == name, leases.c.holder == holder))
