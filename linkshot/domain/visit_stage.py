"""Tells what a pending visit waits for, or that it is under way. (pure)"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Stage(StrEnum):
    """Codes for programs; stage_texts.py has the sentences."""

    QUEUED = "queued"
    """In line; nothing needs to be done."""
    WAITING_FOR_HOST = "waiting_for_host"
    """One page per host at a time, and a host may ask for a pause."""
    WAITING_FOR_WORKER = "waiting_for_worker"
    """No worker is running: somebody has to start one."""
    WORKER_STARTING = "worker_starting"
    """A worker is about to join."""
    WAITING_FOR_DISPATCH = "waiting_for_dispatch"
    """No dispatch role is running: somebody has to start it."""
    VISITING = "visiting"
    """A worker has begun the visit."""
    NOT_KNOWN = "not_known"
    """The queue or the store does not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitProgress:
    """Progress of a visit that is due or sent."""

    stage: Stage
    since: datetime | None = None
    """When its visit began; None: it has not."""
    until: datetime | None = None
    """End of the pause that the host asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningRoles:
    """Which roles are running; None: not known."""

    dispatch: bool | None
    crawl: bool | None
    workers: int | None
    """Workers that have joined; 0 while `crawl` is true: one is starting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitState:
    """Facts about one link from the catalogue and the marks of visits."""

    sent: bool
    visited_since: datetime | None = None
    """By the mark of its visit."""
    marks_known: bool = True
    host_is_busy: bool = False
    """Another link of its host is ahead: being visited, or sent before it."""
    host_rests_until: datetime | None = None
    """In the future; applies only to links that are not sent."""


def visits_under_way(
    sent: Mapping[str, Sequence[str]], marks: Mapping[str, int], oldest: int
) -> dict[str, int]:
    """Request → since when it is being visited, of the requests of each host in `sent`.

    Of a host one page is visited at a time, so only its newest mark counts: an older one belongs to
    a page whose capture is being stored, or to a killed worker, whose request is queued again. A mark
    older than `oldest` is stale: no visit lasts that long.
    """
    found: dict[str, int] = {}
    for requests in sent.values():
        marked = [(marks[one], one) for one in requests if marks.get(one, -1) >= oldest]
        if marked:
            since, newest = max(marked)
            found[newest] = since
    return found


def visit_progress(place: VisitState, roles: RunningRoles) -> VisitProgress:
    """What a link waits for; the most fundamental obstacle wins."""
    # Before the marks: a killed worker leaves one, and without a worker no visit is under way.
    if roles.crawl is False:
        return VisitProgress(stage=Stage.WAITING_FOR_WORKER)
    if place.sent and place.visited_since is not None:
        return VisitProgress(stage=Stage.VISITING, since=place.visited_since)
    if roles.crawl is None or (place.sent and not place.marks_known):
        return VisitProgress(stage=Stage.NOT_KNOWN)
    if not place.sent and roles.dispatch is False:
        return VisitProgress(stage=Stage.WAITING_FOR_DISPATCH)
    if not place.sent and place.host_rests_until is not None:
        return VisitProgress(stage=Stage.WAITING_FOR_HOST, until=place.host_rests_until)
    if roles.workers == 0:
        return VisitProgress(stage=Stage.WORKER_STARTING)
    return VisitProgress(stage=Stage.WAITING_FOR_HOST if place.host_is_busy else Stage.QUEUED)
