"""Detects messages that were lost on the queue and has them published again from the catalogue.

Topics may be deleted, offsets reset by hand, the queue's file replaced. Two signs count: a topic with
another identity than before has lost everything that was on it; and when the workers have committed
every request and dispatch every result, a request that is still open was lost. One that is sent again
in error has its manifest or row already: that costs a message.
"""

import json
import logging
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue import uploads, visits
from linkshot.catalogue.clock import to_us
from linkshot.catalogue.links import links
from linkshot.catalogue.meta import get_meta, set_meta
from linkshot.domain.messages import LINKS, REQUESTS, RESULTS, TOPICS
from linkshot.use_cases.jobs import INDEXED_UNTIL

logger = logging.getLogger(__name__)

u = uploads.uploads.c

TOPIC_IDS = "topic_ids"
"""Key in the catalogue's meta: topic → identity, as JSON."""
MARGIN_US = 600_000_000
"""How much earlier than `indexed_until` an edit may have begun that the index has not heard of, in µs:
transactions under way, clocks of several machines."""


def check(app: App) -> int:
    """Create topics that lack, and make due again what was lost; how many requests and links."""
    app.queue.create_topics(TOPICS)
    lost = _lost_with_topics(app, app.queue.topic_ids(TOPICS))
    return lost + _lost_on_the_way(app)


def is_as_known(app: App, topic: str) -> bool:
    """Whether the topic is the one that was there when dispatch looked last."""
    with app.catalogue.read() as conn:
        known = _known(conn)
    return topic not in known or app.queue.topic_ids([topic]).get(topic) == known[topic]


def resend(app: App, request_id: str) -> None:
    """The open request of this id is sent again at once, whatever its lease."""
    with app.catalogue.write() as conn:
        visits.expire_leases(conn, links.c.open_request_id == request_id)
        uploads.expire_leases(conn, u.upload_id == request_id)


def _lost_with_topics(app: App, ids: Mapping[str, str]) -> int:
    with app.catalogue.read() as conn:
        if _known(conn) == ids:
            return 0
    with app.catalogue.write() as conn:
        known = _known(conn)
        changed = [topic for topic in ids if known.get(topic, ids[topic]) != ids[topic]]
        requests = (
            visits.expire_leases(conn, links.c.sent_at.is_not(None))
            + uploads.expire_leases(conn, u.sent_at.is_not(None))
            if {REQUESTS, RESULTS} & set(changed)
            else 0
        )
        announced = 0
        if LINKS in changed:
            # Revisions are µs since 1970, so the edits that the index may lack are known by number.
            until = get_meta(conn, INDEXED_UNTIL)
            since = to_us(datetime.fromisoformat(until)) - MARGIN_US if until else 0
            edited = (links.c.rev > since) & (links.c.announced_rev > 0)
            announced = conn.execute(links.update().where(edited).values(announced_rev=0)).rowcount
        set_meta(conn, TOPIC_IDS, json.dumps({**known, **ids}))
    if changed:
        logger.warning(
            "Topics of the queue were deleted and created again; what was on them is sent again, "
            "but for submissions of other programs",
            extra={
                "action": "topics_lost",
                "topics": changed,
                "requests": requests,
                "links": announced,
            },
        )
    return requests + announced


def _lost_on_the_way(app: App) -> int:
    """Requests that nobody works on and that have no answer under way.

    A worker publishes the result before it commits the request: when all requests are committed and
    then no result waits, every request that had been sent before is answered.
    """
    before = to_us(app.now()) - int(app.settings.loss_check_s * 1_000_000)
    sent = links.c.sent_at <= before
    with app.catalogue.read() as conn:
        is_open = links.c.open_request_id.is_not(None) & sent & (links.c.lease_until > 0)
        is_sent = (u.sent_at <= before) & (u.lease_until > 0)
        visit = conn.execute(sa.select(links.c.link_id).where(is_open).limit(1)).first()
        upload = conn.execute(sa.select(u.upload_id).where(is_sent).limit(1)).first()
        if visit is None and upload is None:
            return 0
    # The requests first: the other way round a result could come in between the two looks.
    if app.queue.backlog(REQUESTS, "crawl") or app.queue.backlog(RESULTS, "catalogue"):
        return 0
    with app.catalogue.write() as conn:
        requests = visits.expire_leases(conn, sent) + uploads.expire_leases(conn, is_sent)
    if requests:
        extra = {"action": "requests_lost", "requests": requests}
        logger.warning("Requests were lost on the queue and are sent again", extra=extra)
    return requests


def _known(conn: sa.Connection) -> dict[str, str]:
    found: dict[str, str] = json.loads(get_meta(conn, TOPIC_IDS) or "{}")
    return found
