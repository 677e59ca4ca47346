"""The retry decision about a failed visit: whether, when, and the state until then."""

from datetime import timedelta

import pytest

from linkshot.domain.failures import FAILURES, RetryPolicy
from linkshot.domain.model import LinkState
from linkshot.domain.retry import Retry, decide


def kinds(policy: RetryPolicy) -> list[str]:
    return [code for code, kind in FAILURES.items() if kind.policy is policy]


MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("kind", kinds(RetryPolicy.BACKOFF))
@pytest.mark.parametrize(
    ("attempts", "wait"),
    [(0, 2 * MINUTE), (1, 15 * MINUTE), (2, 2 * HOUR), (3, 12 * HOUR), (4, None), (99, None)],
)
def test_what_may_pass_is_tried_four_times_more_and_more_slowly(
    kind: str, attempts: int, wait: timedelta | None
) -> None:
    assert decide(kind, attempts=attempts) == Retry(state=LinkState.FAILING, due_in=wait)


@pytest.mark.parametrize(("jitter", "share"), [(0.0, 0.8), (0.5, 1.0), (0.999999, 1.2)])
def test_waits_vary_by_a_fifth(jitter: float, share: float) -> None:
    wait = decide("dns", attempts=2, jitter=jitter).due_in
    assert wait is not None
    assert wait.total_seconds() == pytest.approx(7200 * share, rel=1e-4)


@pytest.mark.parametrize(
    ("kind", "asked", "wait"),
    [
        ("http_429", 30, 30),
        ("http_429", None, 600),
        ("http_5xx", 120, 120),
        ("http_error", 5, 5),
        ("http_429", 10**9, 86_400),
        ("http_429", float("inf"), 86_400),
        ("http_429", float("nan"), 600),
        ("http_429", -5, 1),
        ("http_429", 0, 1),
    ],
)
def test_a_host_that_asks_to_wait_is_left_alone_so_long(
    kind: str, asked: float | None, wait: int
) -> None:
    got = decide(kind, attempts=3, retry_after_s=asked)
    pause = timedelta(seconds=wait)
    assert got == Retry(
        state=LinkState.FAILING, due_in=pause, counted=False, host_blocked_for=pause
    )


def test_a_host_that_asks_to_wait_for_days_ends_as_blocked() -> None:
    got = decide("http_429", attempts=0, failing_for=4 * DAY)
    assert got.state is LinkState.BLOCKED
    assert got.due_in is None


def test_an_error_of_the_server_without_a_wait_is_an_ordinary_failure() -> None:
    assert decide("http_5xx", attempts=0).due_in == 2 * MINUTE


@pytest.mark.parametrize("kind", kinds(RetryPolicy.ONCE_LATER))
def test_a_wall_is_tried_once_more_after_six_hours(kind: str) -> None:
    assert decide(kind, attempts=0) == Retry(state=LinkState.BLOCKED, due_in=6 * HOUR)
    assert decide(kind, attempts=1) == Retry(state=LinkState.BLOCKED, due_in=None)


@pytest.mark.parametrize("kind", kinds(RetryPolicy.ONCE_AT_ONCE))
def test_a_page_that_ended_its_browser_is_tried_once_more_at_once(kind: str) -> None:
    assert decide(kind, attempts=0) == Retry(state=LinkState.FAILING, due_in=timedelta())
    assert decide(kind, attempts=1) == Retry(state=LinkState.FAILING, due_in=None)


@pytest.mark.parametrize("kind", kinds(RetryPolicy.NEVER))
def test_what_will_not_pass_is_not_tried_again(kind: str) -> None:
    assert decide(kind, attempts=0) == Retry(state=LinkState.FAILING, due_in=None)


@pytest.mark.parametrize(("attempts", "state"), [(0, LinkState.NEW), (2, LinkState.FAILING)])
def test_a_request_that_came_too_late_is_sent_again_uncounted(
    attempts: int, state: LinkState
) -> None:
    assert decide("expired", attempts=attempts) == Retry(
        state=state, due_in=timedelta(), counted=False
    )


def test_a_kind_nobody_knows_is_tried_again() -> None:
    assert decide("from_the_future", attempts=0).due_in == 2 * MINUTE


@pytest.mark.parametrize("kind", FAILURES)
def test_every_kind_has_a_state_that_is_not_ok(kind: str) -> None:
    assert decide(kind, attempts=1).state is not LinkState.OK
