"""Decides whether and when a failed visit is retried, and the link's state until then. (pure)"""

import math
from dataclasses import dataclass
from datetime import timedelta

from linkshot.domain.failures import RetryPolicy, policy_of
from linkshot.domain.model import LinkState

DELAYS = (
    timedelta(minutes=2),
    timedelta(minutes=15),
    timedelta(hours=2),
    timedelta(hours=12),
)
"""After the first, second, … failure in a row (docs/reliability.md, the table of retries)."""
JITTER = 0.2
"""Delays vary by ± this share, so that retries of one outage spread out."""

THROTTLE_DEFAULT = timedelta(minutes=10)
THROTTLE_MAX = timedelta(hours=24)
THROTTLE_PATIENCE = timedelta(days=3)
BLOCKED_WAIT = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """The decision about a failure."""

    state: LinkState
    due_in: timedelta | None = None
    """None: no automatic retry."""
    counted: bool = True
    """Whether it counts as one of the failures in a row."""
    host_blocked_for: timedelta | None = None


def decide(
    kind: str,
    *,
    attempts: int,
    retry_after_s: float | None = None,
    failing_for: timedelta = timedelta(),
    jitter: float = 0.5,
) -> Retry:
    """What follows failure `kind` after `attempts` counted ones before; `jitter` in [0, 1)."""
    policy = policy_of(kind)
    # a 503 with Retry-After is an http_5xx; the delay that the site asks for goes before ours
    if retry_after_s is not None and policy is not RetryPolicy.REQUEUE:
        policy = RetryPolicy.AS_ASKED
    match policy:
        case RetryPolicy.REQUEUE:
            state = LinkState.FAILING if attempts else LinkState.NEW
            return Retry(state=state, due_in=timedelta(0), counted=False)
        case RetryPolicy.AS_ASKED:
            return _throttled(retry_after_s, failing_for)
        case RetryPolicy.ONCE_LATER:
            again = _with_jitter(BLOCKED_WAIT, jitter) if attempts == 0 else None
            return Retry(state=LinkState.BLOCKED, due_in=again)
        case RetryPolicy.ONCE_AT_ONCE:
            return Retry(state=LinkState.FAILING, due_in=None if attempts else timedelta(0))
        case RetryPolicy.NEVER:
            return Retry(state=LinkState.FAILING)
        case RetryPolicy.BACKOFF:
            again = _with_jitter(DELAYS[attempts], jitter) if attempts < len(DELAYS) else None
            return Retry(state=LinkState.FAILING, due_in=again)


def _throttled(retry_after_s: float | None, failing_for: timedelta) -> Retry:
    """The host asked for a delay: it applies to the whole host and does not count as a failure."""
    wait = THROTTLE_DEFAULT
    if retry_after_s is not None and not math.isnan(retry_after_s):
        # A site may ask for any number: 0 would be a loop, a year would be for ever.
        wait = timedelta(seconds=min(max(retry_after_s, 1.0), THROTTLE_MAX.total_seconds()))
    if failing_for > THROTTLE_PATIENCE:
        return Retry(state=LinkState.BLOCKED, host_blocked_for=wait)
    return Retry(state=LinkState.FAILING, due_in=wait, counted=False, host_blocked_for=wait)


def _with_jitter(wait: timedelta, jitter: float) -> timedelta:
    return wait * (1 + JITTER * (2 * jitter - 1))
