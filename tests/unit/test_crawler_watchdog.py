"""What the watchdog does when nobody else does it, and that it keeps still when somebody did."""

import threading
from collections.abc import Iterator

import pytest

from crawler.watchdog import LOOP_FIRST, Watchdog

SOON_S = 0.01
PATIENCE_S = 10


class Doings:
    """What was done, in order; `done` is set at each deed."""

    def __init__(self) -> None:
        self.list: list[str] = []
        self.done = threading.Event()

    def do(self, what: str) -> None:
        """Note it."""
        self.list.append(what)
        self.done.set()

    def waited(self) -> list[str]:
        """The deeds after the next one."""
        assert self.done.wait(PATIENCE_S)
        return self.list


@pytest.fixture
def doings() -> Doings:
    return Doings()


@pytest.fixture
def switched() -> list[float | None]:
    """How the switch was set, in order."""
    return []


@pytest.fixture
def watchdog(doings: Doings, switched: list[float | None]) -> Iterator[Watchdog]:
    made = Watchdog(lambda: doings.do("end"), switched.append)
    yield made
    made.close()


def test_a_visit_that_does_not_leave_its_browser_has_it_killed(
    watchdog: Watchdog, doings: Doings
) -> None:
    watchdog.browser("a", SOON_S, lambda: doings.do("kill a"))
    assert doings.waited() == ["kill a"]


def test_a_delivery_that_does_not_end_ends_the_worker(watchdog: Watchdog, doings: Doings) -> None:
    watchdog.worker("a", SOON_S, SOON_S)
    assert doings.waited() == ["end"]


def test_what_was_forgotten_in_time_is_not_done(watchdog: Watchdog, doings: Doings) -> None:
    watchdog.browser("a", SOON_S, lambda: doings.do("kill a"))
    watchdog.worker("a", SOON_S, SOON_S)
    watchdog.left("a")
    watchdog.ended("a")
    watchdog.browser("b", SOON_S * 5, lambda: doings.do("kill b"))
    assert doings.waited() == ["kill b"]


def test_a_later_deadline_replaces_the_earlier_one(watchdog: Watchdog, doings: Doings) -> None:
    watchdog.worker("a", SOON_S, SOON_S)
    watchdog.worker("a", 600, 60)
    watchdog.browser("b", SOON_S * 5, lambda: doings.do("kill b"))
    assert doings.waited() == ["kill b"]


def test_a_kill_that_fails_does_not_stop_the_next(watchdog: Watchdog, doings: Doings) -> None:
    watchdog.browser("a", SOON_S, lambda: 1 / 0)  # type: ignore[arg-type]
    watchdog.browser("b", SOON_S * 2, lambda: doings.do("kill b"))
    assert doings.waited() == ["kill b"]


def test_the_switch_is_set_for_after_the_thread_had_its_turn(
    watchdog: Watchdog, doings: Doings, switched: list[float | None]
) -> None:
    watchdog.worker("a", 600, 60)
    watchdog.browser("b", SOON_S, lambda: doings.do("kill b"))
    doings.waited()
    assert switched[0] is not None
    assert switched[0] > 600 + 60 * LOOP_FIRST


def test_the_switch_is_off_when_nothing_is_watched(
    watchdog: Watchdog, switched: list[float | None]
) -> None:
    watchdog.worker("a", 600, 60)
    watchdog.ended("a")
    watchdog.close()
    assert switched[-1] is None
