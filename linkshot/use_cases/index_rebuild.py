"""Requests to rebuild the search index, kept in the catalogue so that they outlive the process.

`linkshot rebuild`, and whoever finds the index gone, writes a request; the process that has the index
open for writing fulfils it (linkshot/processes/index_role.py).
"""

import logging
import time
from datetime import datetime

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue.clock import to_us
from linkshot.catalogue.links import links
from linkshot.catalogue.meta import get_meta, set_meta
from linkshot.use_cases.jobs import INDEXED_UNTIL

logger = logging.getLogger(__name__)

REBUILD_ASKED, REBUILD_DONE = "rebuild_asked", "rebuild_done"
"""Keys in the catalogue's meta: the id of the newest request; that id and the documents made."""


def request_rebuild(app: App) -> str:
    """Write a request; its id."""
    asked = f"{time.time_ns()}"
    with app.catalogue.write() as conn:
        set_meta(conn, REBUILD_ASKED, asked)
    return asked


def rebuild_requested(app: App) -> bool:
    """Whether a request waits that nobody has fulfilled yet."""
    asked, answered = requests(app)
    return asked != answered


def requests(app: App) -> tuple[str, str]:
    """Id of the newest request, and of the one fulfilled last."""
    with app.catalogue.read() as conn:
        answer = get_meta(conn, REBUILD_DONE) or "0"
        return get_meta(conn, REBUILD_ASKED) or "0", answer.split(" ")[0]


def request_rebuild_if_lost(app: App) -> bool:
    """Request a rebuild when the index was deleted; whether it was."""
    if not index_is_lost(app):
        return False
    logger.warning("The search index is gone", extra={"action": "index_lost"})
    if not rebuild_requested(app):
        request_rebuild(app)
    return True


def index_is_lost(app: App) -> bool:
    """Whether the index is empty although it held links once: somebody deleted it while no process
    that had seen it was there to notice."""
    with app.catalogue.read() as conn:
        known_until = get_meta(conn, INDEXED_UNTIL)
        if known_until is None:
            return False
        until = to_us(datetime.fromisoformat(known_until))
        held = (
            links.c.deleted_at.is_(None)
            & (links.c.announced_rev > 0)
            & (links.c.announced_rev <= until)
        )
        if conn.execute(sa.select(links.c.link_id).where(held).limit(1)).first() is None:
            return False
    return app.index.count() == 0
