"""How far a visit is that has not ended: what it waits for, or that it is under way. (pure)"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Stage(StrEnum):
    """Codes for programs; web/status_text.py and cli/texts.py say them."""

    QUEUED = "queued"
    """Its turn comes by itself."""
    WAITING_FOR_HOST = "waiting_for_host"
    """Of a host one page is visited at a time, and a host may ask for a pause."""
    WAITING_FOR_WORKER = "waiting_for_worker"
    """No worker is running: somebody has to start one."""
    WORKER_STARTING = "worker_starting"
    """A worker is about to join."""
    WAITING_FOR_DISPATCH = "waiting_for_dispatch"
    """Nobody hands links to the workers: somebody has to start dispatch."""
    VISITING = "visiting"
    """A worker has begun the visit."""
    NOT_KNOWN = "not_known"
    """The queue or the store does not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a link stands whose visit is due or sent."""

    stage: Stage
    since: datetime | None = None
    """When its visit began; None: it has not."""
    until: datetime | None = None
    """Before when its host asked not to be visited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Who is at work; None: not known."""

    dispatch: bool | None
    crawl: bool | None
    workers: int | None
    """Workers that have joined; 0 while `crawl` is true: one is starting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the catalogue and the marks of visits say of one link."""

    sent: bool
    visited_since: datetime | None = None
    """By the mark of its visit."""
    marks_known: bool = True
    host_is_busy: bool = False
    """Another link of its host is ahead: being visited, or sent before it."""
    host_rests_until: datetime | None = None
    """In the future; only links that are not sent heed it."""


def being_visited(
    sent: Mapping[str, Sequence[str]], marks: Mapping[str, int], oldest: int
) -> dict[str, int]:
    """Request → since when it is being visited, of the requests of each host in `sent`.

    Of a host one page is visited at a time, so only its newest mark counts: an older one belongs to
    a page that is being kept by now, or to a worker that was killed, whose request waits again. A
    mark from before `oldest` is of no visit: none lasts so long.
    """
    found: dict[str, int] = {}
    for requests in sent.values():
        marked = [(marks[one], one) for one in requests if marks.get(one, -1) >= oldest]
        if marked:
            since, newest = max(marked)
            found[newest] = since
    return found


def standing(place: Place, roles: Roles) -> Standing:
    """The one thing that a link waits for, the most fundamental first."""
    if roles.crawl is False:
        return Standing(stage=Stage.WAITING_FOR_WORKER)
    if place.sent and place.visited_since is not None:
        return Standing(stage=Stage.VISITING, since=place.visited_since)
    if roles.crawl is None or (place.sent and not place.marks_known):
        return Standing(stage=Stage.NOT_KNOWN)
    if not place.sent and roles.dispatch is False:
        return Standing(stage=Stage.WAITING_FOR_DISPATCH)
    if not place.sent and place.host_rests_until is not None:
        return Standing(stage=Stage.WAITING_FOR_HOST, until=place.host_rests_until)
    if roles.workers == 0:
        return Standing(stage=Stage.WORKER_STARTING)
    return Standing(stage=Stage.WAITING_FOR_HOST if place.host_is_busy else Stage.QUEUED)
