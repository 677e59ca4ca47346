"""Host scheduling: one page per host, a gap from the end of the visit, slots until completion."""

import asyncio
from collections.abc import Awaitable

import pytest

from crawler.queue.host_scheduler import HostScheduler, gap_s
from linkshot.system.config import Settings


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def run(work: Awaitable[None]) -> None:
    asyncio.run(work)


async def ready(hosts: HostScheduler[str]) -> str | None:
    """What may start at this moment, None when everything has to wait."""
    task = asyncio.ensure_future(hosts.next())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    if task.done():
        return task.result()
    task.cancel()
    return None


def make(slots: int = 10, gap: float = 0.0) -> tuple[HostScheduler[str], Clock]:
    clock = Clock()
    return HostScheduler(slots, lambda _: gap, clock), clock


def test_one_page_of_a_host_at_a_time() -> None:
    async def story() -> None:
        hosts, _ = make()
        hosts.offer("a", "a1")
        hosts.offer("a", "a2")
        hosts.offer("b", "b1")
        assert [await ready(hosts), await ready(hosts), await ready(hosts)] == ["a1", "b1", None]
        hosts.visit_ended("a", 1.0)
        assert await ready(hosts) == "a2"

    run(story())


def test_the_gap_counts_from_the_end_of_the_visit() -> None:
    async def story() -> None:
        hosts, clock = make(gap=5.0)
        clock.now += 5
        hosts.offer("a", "a1")
        hosts.offer("a", "a2")
        assert await ready(hosts) == "a1"
        clock.now += 60
        hosts.visit_ended("a", 60.0)
        clock.now += 4.9
        assert await ready(hosts) is None
        clock.now += 0.2
        assert await ready(hosts) == "a2"

    run(story())


def test_a_host_that_asks_for_a_longer_pause_gets_it() -> None:
    async def story() -> None:
        hosts, clock = make(gap=5.0)
        clock.now += 5
        hosts.offer("a", "a1")
        hosts.offer("a", "a2")
        assert await ready(hosts) == "a1"
        hosts.visit_ended("a", 1.0, least_s=20.0)
        clock.now += 19.9
        assert await ready(hosts) is None
        clock.now += 0.2
        assert await ready(hosts) == "a2"

    run(story())


def test_a_new_worker_waits_the_gap_before_its_first_visit_of_a_host() -> None:
    async def story() -> None:
        hosts, clock = make(gap=2.0)
        hosts.offer("a", "a1")
        assert await ready(hosts) is None
        clock.now += 2.1
        assert await ready(hosts) == "a1"

    run(story())


def test_a_new_worker_waits_the_pause_of_a_rule_before_its_first_visit_of_a_host() -> None:
    async def story() -> None:
        hosts, clock = make()
        hosts.offer("a", "a1", 30.0)
        clock.now += 29.0
        assert await ready(hosts) is None
        clock.now += 1.1
        assert await ready(hosts) == "a1"
        hosts.release_host("a")
        hosts.offer("b", "b1", 30.0)  # the worker has been there for longer than that
        assert await ready(hosts) == "b1"

    run(story())


def test_a_host_that_was_not_visited_need_not_rest() -> None:
    async def story() -> None:
        hosts, clock = make(gap=5.0)
        clock.now += 5
        hosts.offer("a", "a1")
        hosts.offer("a", "a2")
        assert await ready(hosts) == "a1"
        hosts.release_host("a")
        assert await ready(hosts) == "a2"

    run(story())


def test_a_slot_stays_taken_until_the_delivery_is_completed() -> None:
    async def story() -> None:
        hosts, _ = make(slots=1)
        hosts.offer("a", "a1")
        hosts.offer("b", "b1")
        assert await ready(hosts) == "a1"
        hosts.visit_ended("a", 1.0)
        assert await ready(hosts) is None
        hosts.release_slot()
        assert await ready(hosts) == "b1"

    run(story())


def test_hosts_take_turns() -> None:
    async def story() -> None:
        hosts, _ = make()
        for work in ("a1", "a2", "b1"):
            hosts.offer(work[0], work)
        assert await ready(hosts) == "a1"
        hosts.visit_ended("a", 0.0)
        assert await ready(hosts) == "b1"

    run(story())


def test_nothing_starts_during_a_pause() -> None:
    async def story() -> None:
        hosts, clock = make()
        hosts.offer("a", "a1")
        hosts.pause(3.0)
        assert await ready(hosts) is None
        clock.now += 3.1
        assert await ready(hosts) == "a1"

    run(story())


def test_what_waits_can_be_discarded() -> None:
    async def story() -> None:
        hosts, _ = make()
        hosts.offer("a", "a1")
        hosts.offer("a", "a2")
        hosts.discard(lambda work: work == "a1")
        assert hosts.waiting() == ["a2"]
        assert await ready(hosts) == "a2"

    run(story())


def test_waiting_ends_as_soon_as_something_is_offered() -> None:
    async def story() -> None:
        hosts, _ = make()
        task = asyncio.ensure_future(hosts.next())
        await asyncio.sleep(0)
        hosts.offer("a", "a1")
        assert await asyncio.wait_for(task, 5) == "a1"

    run(story())


@pytest.mark.parametrize(
    ("visit_s", "expected"),
    [(0.2, 1.0), (8.0, 8.0), (500.0, 30.0)],
    ids=["short visits: the least gap", "as long as the visit took", "never more than the cap"],
)
def test_the_gap_follows_the_time_of_the_visit(visit_s: float, expected: float) -> None:
    assert gap_s(Settings(), visit_s) == expected


def test_slots_that_are_taken_away_are_missing_once_visits_end() -> None:
    async def story() -> None:
        hosts, _ = make(slots=2)
        for host in "abcd":
            hosts.offer(host, host)
        assert [await ready(hosts), await ready(hosts), await ready(hosts)] == ["a", "b", None]
        hosts.resize(-1)
        hosts.release_slot()
        assert await ready(hosts) is None
        hosts.release_slot()
        assert [await ready(hosts), await ready(hosts)] == ["c", None]
        hosts.resize(1)
        assert await ready(hosts) == "d"

    run(story())


def test_only_work_that_could_start_is_short_of_a_slot() -> None:
    async def story() -> None:
        hosts, clock = make(slots=1)
        hosts.offer("a", "a1")
        assert not hosts.is_short_of_slots()
        assert await ready(hosts) == "a1"
        hosts.offer("a", "a2")
        assert not hosts.is_short_of_slots()  # its host is being visited
        hosts.offer("b", "b1")
        assert hosts.is_short_of_slots()
        hosts.pause(10)
        assert not hosts.is_short_of_slots()
        clock.now += 10
        assert hosts.is_short_of_slots()

    run(story())
