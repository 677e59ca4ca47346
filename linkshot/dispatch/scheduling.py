"""Makes watched links due when their schedule says so."""

import random
from datetime import timedelta

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue import visits
from linkshot.catalogue.clock import from_us, to_us
from linkshot.catalogue.links import SCHEDULE, links
from linkshot.catalogue.watches import watches
from linkshot.domain.model import Reason
from linkshot.domain.schedules import next_due

BATCH_SIZE = 500


def make_watches_due(app: App) -> int:
    """Make links due whose watch says so, and set when the watch comes next; how many fired.

    A link whose visit is still under way or already due is not made due twice (no overlap), and
    runs that were missed come once.
    """
    now = to_us(app.now())
    ready = (
        sa.select(watches.c.link_id, watches.c.every_s, watches.c.next_at)
        .where(watches.c.next_at <= now)
        .order_by(watches.c.next_at)
        .limit(BATCH_SIZE)
    )
    with app.catalogue.read() as conn:  # a cheap look, before a writing transaction is begun
        if conn.execute(ready.limit(1)).first() is None:
            return 0
    with app.catalogue.write() as conn:
        fired = conn.execute(ready).all()
        for row in fired:
            not_due = links.c.due_at.is_(None) | (links.c.due_at > now)
            free = (links.c.link_id == row.link_id) & links.c.deleted_at.is_(None) & not_due
            visits.make_due(conn, free, now, priority=SCHEDULE, reason=Reason.SCHEDULE)
            spread = random.random()  # noqa: S311  # spreads visits, guards nothing
            every = timedelta(seconds=row.every_s)
            coming = next_due(every, from_us(row.next_at), from_us(now), spread)
            conn.execute(
                watches.update()
                .where(watches.c.link_id == row.link_id)
                .values(next_at=to_us(coming))
            )
        return len(fired)
