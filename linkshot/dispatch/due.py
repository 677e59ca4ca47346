"""How does a host learn that one of its links is due?"""

import sqlalchemy as sa

from linkshot.catalogue.links import hosts
from linkshot.catalogue.schema import insert_into


def make_due(conn: sa.Connection, host: str, due_at: int, priority: int) -> None:
    """Keep hosts.next_due and next_priority at most what a link of the host just got."""
    fresh = insert_into(conn, hosts).values(host=host, next_due=due_at, next_priority=priority)
    earlier = sa.case(
        (hosts.c.next_due.is_(None), due_at),
        (hosts.c.next_due > due_at, due_at),
        else_=hosts.c.next_due,
    )
    sooner = sa.case(
        (hosts.c.next_due.is_(None), priority),
        (hosts.c.next_priority > priority, priority),
        else_=hosts.c.next_priority,
    )
    conn.execute(
        fresh.on_conflict_do_update(
            index_elements=["host"], set_={"next_due": earlier, "next_priority": sooner}
        )
    )
