"""The watchdog acts on deadlines that passed, and not on cancelled ones."""

import threading
from collections.abc import Iterator

import pytest

from crawler.watchdog import THREAD_FACTOR, Watchdog

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
def hard_exits() -> list[float | None]:
    """Times the hard exit timer was set to, in order."""
    return []


@pytest.fixture
def watchdog(doings: Doings, hard_exits: list[float | None]) -> Iterator[Watchdog]:
    made = Watchdog(lambda: doings.do("end"), hard_exits.append)
    yield made
    made.close()


def test_a_visit_that_does_not_leave_its_browser_has_it_killed(
    watchdog: Watchdog, doings: Doings
) -> None:
    watchdog.watch_browser("a", SOON_S, lambda: doings.do("kill a"))
    assert doings.waited() == ["kill a"]


def test_a_delivery_that_does_not_end_ends_the_worker(watchdog: Watchdog, doings: Doings) -> None:
    watchdog.watch_delivery("a", SOON_S, SOON_S)
    assert doings.waited() == ["end"]


def test_a_cancelled_alarm_does_nothing(watchdog: Watchdog, doings: Doings) -> None:
    watchdog.watch_browser("a", SOON_S, lambda: doings.do("kill a"))
    watchdog.watch_delivery("a", SOON_S, SOON_S)
    watchdog.browser_left("a")
    watchdog.delivery_ended("a")
    watchdog.watch_browser("b", SOON_S * 5, lambda: doings.do("kill b"))
    assert doings.waited() == ["kill b"]


def test_a_later_deadline_replaces_the_earlier_one(watchdog: Watchdog, doings: Doings) -> None:
    watchdog.watch_delivery("a", SOON_S, SOON_S)
    watchdog.watch_delivery("a", 600, 60)
    watchdog.watch_browser("b", SOON_S * 5, lambda: doings.do("kill b"))
    assert doings.waited() == ["kill b"]


def test_a_kill_that_fails_does_not_stop_the_next(watchdog: Watchdog, doings: Doings) -> None:
    watchdog.watch_browser("a", SOON_S, lambda: 1 / 0)  # type: ignore[arg-type]
    watchdog.watch_browser("b", SOON_S * 2, lambda: doings.do("kill b"))
    assert doings.waited() == ["kill b"]


def test_the_hard_exit_is_set_for_later_than_the_threads_deadline(
    watchdog: Watchdog, doings: Doings, hard_exits: list[float | None]
) -> None:
    watchdog.watch_delivery("a", 600, 60)
    watchdog.watch_browser("b", SOON_S, lambda: doings.do("kill b"))
    doings.waited()
    assert hard_exits[0] is not None
    assert hard_exits[0] > 600 + 60 * THREAD_FACTOR


def test_the_hard_exit_is_cancelled_when_nothing_is_watched(
    watchdog: Watchdog, hard_exits: list[float | None]
) -> None:
    watchdog.watch_delivery("a", 600, 60)
    watchdog.delivery_ended("a")
    watchdog.close()
    assert hard_exits[-1] is None
