"""Derives a link's next state and retry time from the result of a visit. (pure)"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from linkshot.domain import retry
from linkshot.domain.failures import GONE_STATUSES
from linkshot.domain.messages import SnapshotFinished
from linkshot.domain.model import Artifact, LinkState, Role, Snapshot, Verdict
from linkshot.domain.visit_problem import problem

GONE_AFTER = 3
"""Answers 404 or 410 in a row after which a page counts as gone (docs/reliability.md)."""
UNREADABLE = "charset"
"""Reason of a snapshot whose text was read in a wrong charset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTransition:
    """The state of a link after a result."""

    state: LinkState
    attempts: int = 0
    """Failures in a row that count."""
    gone_count: int = 0
    due_in: timedelta | None = None
    """When to try again; None = only on request or by a watch."""
    host_blocked_for: timedelta | None = None
    failure_kind: str | None = None
    """For stored answers that are not the page: what they were."""


def next_state(
    finished: SnapshotFinished,
    *,
    attempts: int,
    gone_count: int,
    failing_for_us: int,
    jitter: float,
) -> LinkTransition:
    """The link's next state; `jitter` in [0, 1) spreads the retries."""
    kind = failure_kind(finished)
    if kind is None:
        return LinkTransition(state=LinkState.OK)
    if finished.http_status in GONE_STATUSES and finished.error is None:
        count = gone_count + 1
        return LinkTransition(
            state=LinkState.GONE if count >= GONE_AFTER else LinkState.FAILING,
            attempts=count,
            gone_count=count,
            failure_kind=f"http_{finished.http_status}",
        )
    decided = retry.decide(
        kind,
        attempts=attempts,
        retry_after_s=finished.error.retry_after_s if finished.error else None,
        failing_for=timedelta(microseconds=failing_for_us),
        jitter=jitter,
    )
    return LinkTransition(
        state=decided.state,
        attempts=attempts + (1 if decided.counted else 0),
        gone_count=gone_count,
        due_in=decided.due_in,
        host_blocked_for=decided.host_blocked_for,
        failure_kind=kind,
    )


def failure_kind(finished: SnapshotFinished) -> str | None:
    """The stable code of why this is not the page; None when it is."""
    failed = finished.error.kind if finished.error is not None else None
    return problem(finished.outcome, finished.quality.verdict, finished.http_status, failed)


def replaces(shown: Snapshot, finished: SnapshotFinished) -> bool:
    """Whether a result is shown in place of an older one: the page always is, unless it is less than the
    older one; what is not the page replaces only its like."""
    if shown.finished_at > finished.finished_at:  # results may come in out of order
        return False
    if not finished.quality.verdict.is_page:
        return not shown.quality.verdict.is_page
    return not is_less_than(shown, finished)


def is_less_than(shown: Snapshot, finished: SnapshotFinished) -> bool:
    """Whether a result is less than the page that is shown: the browser could not show it this time; or
    that one is whole, and this one breaks off before the end, shows a box over it without all of its text, or its
    text cannot be read.

    A page that only lacks its closing tag, or has all its text behind the box, has as much text as before.
    """
    before, now = shown.quality, finished.quality
    if before.verdict.is_page and before.is_rendered and not now.is_rendered:
        return True
    whole = before.verdict.is_page and before.verdict is not Verdict.DOUBTFUL
    if not whole or before.breaks_off:
        return False
    if UNREADABLE in now.reasons:
        return True
    if not now.breaks_off and now.verdict is not Verdict.DOUBTFUL:
        return False
    text = _text_bytes(finished.artifacts)
    return not text or text < _text_bytes(shown.artifacts)


def _text_bytes(artifacts: Sequence[Artifact]) -> int:
    return sum(artifact.bytes for artifact in artifacts if artifact.role is Role.TEXT)
