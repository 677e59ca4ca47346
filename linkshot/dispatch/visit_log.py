"""Logs visits that did not bring the page."""

import logging

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue.clock import from_us
from linkshot.catalogue.links import links
from linkshot.catalogue.watches import watches
from linkshot.domain.messages import SnapshotFinished
from linkshot.domain.model import Outcome
from linkshot.domain.outcomes import failure_kind
from linkshot.domain.reason_texts import reason

logger = logging.getLogger(__name__)


def log_failed_visit(app: App, finished: SnapshotFinished) -> None:
    """One line when this visit failed: of which site, why, and when it is tried again.

    The site only: the rest of an address may hold what is nobody's business, and `linkshot show`
    has it. A visit that was put off is no failure.
    """
    kind = failure_kind(finished)
    if kind is None or finished.outcome is Outcome.DEFERRED:
        return
    host, next_at = _planned(app, finished.link_id)
    facts: dict[str, object] = {"action": "visit_failed", "host": host, "reason": kind}
    if finished.http_status:
        facts["http_status"] = finished.http_status
    facts["link"] = finished.link_id
    facts["why"] = reason(kind)
    if next_at is None:
        logger.warning("A visit failed and is not tried again by itself", extra=facts)
        return
    facts["next_try"] = f"{from_us(next_at):%Y-%m-%d %H:%M:%S} UTC"
    logger.info("A visit failed", extra=facts)


def _planned(app: App, link_id: str) -> tuple[str, int | None]:
    """Host of the link, and when it is visited next (µs): as a retry or by its watch."""
    query = (
        sa.select(links.c.host, links.c.due_at, watches.c.next_at)
        .outerjoin_from(links, watches, watches.c.link_id == links.c.link_id)
        .where(links.c.link_id == link_id)
    )
    with app.catalogue.read() as conn:
        row = conn.execute(query).one()
    times = [at for at in (row.due_at, row.next_at) if at is not None]
    return row.host, min(times, default=None)
