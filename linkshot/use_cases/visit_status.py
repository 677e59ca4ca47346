"""The stage of each visit that has not ended, from the catalogue, the consumer groups and the marks.

Two queries and what Liveness knows, for any number of links; no query when none is due or sent.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from linkshot.app import App
from linkshot.catalogue import pending_work
from linkshot.catalogue.clock import from_us, to_us
from linkshot.catalogue.pending_work import ActiveVisit
from linkshot.domain.model import Link, LinkId
from linkshot.domain.visit_stage import (
    RunningRoles,
    VisitProgress,
    VisitState,
    visit_progress,
    visits_under_way,
)

MAX_VISIT_DEADLINES = 6
"""A mark that is older than so many deadlines of a page belongs to no visit: a worker ends a visit
that has waited for two of them and then been tried three times."""


def of_links(app: App, links: Sequence[Link]) -> dict[LinkId, VisitProgress]:
    """Of those that are due or sent; the others are left out."""
    now = app.now()
    active = [
        one.link_id
        for one in links
        if one.activity == "sent" or (one.due_at is not None and one.due_at <= now)
    ]
    if not active:
        return {}
    with app.catalogue.read() as conn:
        found = pending_work.active_visits(conn, active)
        ahead = pending_work.open_requests(conn, {one.host for one in found})
    visited = visits(app, ahead)
    by_whom = roles(app)
    return {
        LinkId(one.link_id): visit_progress(
            _place(one, ahead.get(one.host, ()), visited, to_us(now)), by_whom
        )
        for one in found
    }


def of_link(app: App, link: Link) -> VisitProgress | None:
    """Where this link stands; None when nothing is going on with it."""
    return of_links(app, [link]).get(link.link_id)


def visits(app: App, sent: Mapping[str, Sequence[str]]) -> dict[str, int] | None:
    """Request → since when (µs) it is being visited, of the open requests of hosts; None: not known."""
    marks = app.liveness.visits()
    if marks is None:
        return None
    longest = timedelta(seconds=MAX_VISIT_DEADLINES * app.settings.page_deadline_s)
    return visits_under_way(sent, marks, to_us(app.now() - longest))


def roles(app: App) -> RunningRoles:
    """Who is at work."""
    live = app.liveness
    return RunningRoles(
        dispatch=live.runs("dispatch"), crawl=live.runs("crawl"), workers=live.members("crawl")
    )


def _place(
    one: ActiveVisit, ahead: Sequence[str], visited: Mapping[str, int] | None, now: int
) -> VisitState:
    began = (visited or {}).get(one.request_id or "")
    others = [request_id for request_id in ahead if request_id != one.request_id]
    # Ids of requests rise with time, so a lower one was sent before.
    was_sent_after = bool(others) and (one.request_id is None or min(others) < one.request_id)
    other_is_visited = any(request_id in (visited or {}) for request_id in others)
    return VisitState(
        sent=one.request_id is not None,
        visited_since=None if began is None else from_us(began),
        marks_known=visited is not None,
        host_is_busy=other_is_visited or was_sent_after,
        host_rests_until=from_us(one.blocked_until) if one.blocked_until > now else None,
    )
