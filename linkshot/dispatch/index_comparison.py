"""Compares what was announced with what the index holds, and announces again what it lacks.

A few links at a time, the whole catalogue round and round: an announcement may have been lost in more
ways than can be noticed.
"""

import logging
from collections.abc import Sequence

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue.links import links
from linkshot.catalogue.schema import in_values
from linkshot.domain.messages import LINKS
from linkshot.use_cases.index_rebuild import rebuild_requested

logger = logging.getLogger(__name__)

BATCH_SIZE = 500


class IndexComparison:
    """Where in the catalogue the comparison stands."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._after = 0
        self._reannounced: dict[str, int] = {}
        """link_id → revision announced again; one that the index cannot take is tried once a start."""

    def step(self) -> int:
        """Compare the next links while the index has nothing left to read; how many it lacked.

        The rows are read first: what they say was announced before, and so has been applied.
        """
        if rebuild_requested(self.app):
            return 0
        with self.app.catalogue.read() as conn:
            rows = conn.execute(_announced_after(self._after)).all()
        if self.app.queue.backlog(LINKS, "index") or self.app.index.needs_rebuild:
            return 0
        held = self.app.index.revisions_of([row.link_id for row in rows])
        lacking = []
        for row in rows:
            rev = held.get(row.link_id)
            differs = rev is not None if row.gone else rev is None or rev < row.rev
            # What was announced again and is lacking still, the index cannot take.
            if differs and self._reannounced.get(row.link_id) != row.rev:
                lacking.append(row)
        reannounce(self.app, [row.link_id for row in lacking])
        self._reannounced |= {row.link_id: row.rev for row in lacking}
        self._after = rows[-1].link_no if len(rows) == BATCH_SIZE else 0
        if lacking:
            extra = {"action": "announcements_lost", "links": len(lacking)}
            logger.warning("The index lacks edits; they are announced again", extra=extra)
        return len(lacking)


def reannounce(app: App, link_ids: Sequence[str]) -> None:
    """These links are announced again, as they are then; ids of no link do nothing."""
    if not link_ids:
        return
    with app.catalogue.write() as conn:
        lost = in_values(conn, links.c.link_id, link_ids)
        conn.execute(links.update().where(lost).values(announced_rev=0))


def _announced_after(link_no: int) -> sa.Select[tuple[int, str, int, bool]]:
    gone = links.c.deleted_at.is_not(None) | links.c.purged.is_(sa.true())
    return (
        sa.select(links.c.link_no, links.c.link_id, links.c.rev, gone.label("gone"))
        .where(links.c.link_no > link_no, links.c.rev == links.c.announced_rev)
        .order_by(links.c.link_no)
        .limit(BATCH_SIZE)
    )
