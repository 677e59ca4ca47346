"""Leases by name, so that of several processes one at a time does a piece of work."""

import sqlalchemy as sa

from linkshot.catalogue.schema import insert_into, metadata

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(100), primary_key=True),
    sa.Column("holder", sa.String(100), nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False),
)


def take_lease(conn: sa.Connection, name: str, holder: str, now: int, until: int) -> bool:
    """Take or extend the lease until then (µs since 1970); False while another holder has it.

    A lease is never released: it ends by itself, also when its holder was killed.
    """
    fresh = insert_into(conn, leases).values(name=name, holder=holder, until=until)
    free = (leases.c.holder == holder) | (leases.c.until <= now)
    taken = fresh.on_conflict_do_update(
        index_elements=["name"], set_={"holder": holder, "until": until}, where=free
    )
    return conn.execute(taken.returning(leases.c.name)).first() is not None
