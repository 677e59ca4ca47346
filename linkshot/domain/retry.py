"""Decides whether and when a failed visit is retried, and the link's state until then. (pure)"""

import math
from dataclasses import dataclass
from datetime import timedelta

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

TRANSIENT = frozenset({"dns", "connect", "tls", "timeout", "http_5xx", "navigation", "no_answer"})
ONCE_SOON = frozenset({"crash", "memory", "internal"})
BLOCKED = frozenset({"blocked", "http_401", "robots"})
THROTTLED = frozenset({"http_429"})
FINAL = frozenset(
    {
        "address_blocked", "bad_url", "redirects", "redirect_scheme", "no_content", "headers",
        "too_large", "http_error", "empty",
    }
)  # fmt: skip
KINDS = TRANSIENT | ONCE_SOON | BLOCKED | THROTTLED | FINAL | {"expired"}
"""Every stable reason a visit can end without the page."""

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
    http_status: int | None = None,
    retry_after_s: float | None = None,
    failing_for: timedelta = timedelta(),
    jitter: float = 0.5,
) -> Retry:
    """What follows failure `kind` after `attempts` counted ones before; `jitter` in [0, 1).

    Unknown kinds are transient: a newer worker may report kinds this version does not know.
    """
    if kind == "expired":
        return Retry(
            state=LinkState.NEW if not attempts else LinkState.FAILING,
            due_in=timedelta(0),
            counted=False,
        )
    if kind in THROTTLED or (retry_after_s is not None and http_status in (429, 503)):
        return _throttled(retry_after_s, failing_for)
    if kind in BLOCKED:
        again = _with_jitter(BLOCKED_WAIT, jitter) if attempts == 0 else None
        return Retry(state=LinkState.BLOCKED, due_in=again)
    if kind in ONCE_SOON:
        return Retry(state=LinkState.FAILING, due_in=timedelta(0) if attempts == 0 else None)
    if kind in FINAL:
        return Retry(state=LinkState.FAILING)
    again = _with_jitter(DELAYS[attempts], jitter) if attempts < len(DELAYS) else None
    return Retry(state=LinkState.FAILING, due_in=again)


def _throttled(retry_after_s: float | None, failing_for: timedelta) -> Retry:
    """The host asked for a delay: it applies to the whole host and does not count as a failure."""
    wait = THROTTLE_DEFAULT
    if retry_after_s is not None and not math.isnan(retry_after_s):
        wait = timedelta(seconds=min(max(retry_after_s, 1.0), THROTTLE_MAX.total_seconds()))
    if failing_for > THROTTLE_PATIENCE:
        return Retry(state=LinkState.BLOCKED, host_blocked_for=wait)
    return Retry(state=LinkState.FAILING, due_in=wait, counted=False, host_blocked_for=wait)


def _with_jitter(wait: timedelta, jitter: float) -> timedelta:
    return wait * (1 + JITTER * (2 * jitter - 1))
