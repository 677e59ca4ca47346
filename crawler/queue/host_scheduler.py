"""Schedules visits: one page per host at a time, and a gap from the end of each visit. (asyncio)"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from linkshot.system.config import Settings

T = TypeVar("T")


def gap_s(settings: Settings, visit_s: float) -> float:
    """Pause of a host after a visit of `visit_s`, in seconds: a slow server gets a longer one."""
    wanted = max(settings.host_gap_s, settings.host_gap_factor * visit_s)
    return min(wanted, max(settings.host_gap_max_s, settings.host_gap_s))


@dataclass(slots=True)
class HostQueue(Generic[T]):
    """The visits waiting for one host."""

    free_at: float
    waiting: deque[T] = field(default_factory=deque)
    visiting: bool = False


class HostScheduler(Generic[T]):
    """Hands out waiting work, one at a time per host, while `slots` are free.

    Their number may be lowered below what is in use: then nothing starts until enough have ended.
    """

    def __init__(
        self,
        slots: int,
        gap: Callable[[float], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.slots = slots
        self.gap = gap
        self.clock = clock
        self.paused_until = 0.0
        self._started_at = clock()
        self._queues: OrderedDict[str, HostQueue[T]] = OrderedDict()
        self._changed = asyncio.Event()

    def offer(self, host: str, work: T, least_s: float = 0.0) -> None:
        """Add work for a host, whose pause is at least `least_s`."""
        queue = self._queues.get(host)
        if queue is None:
            # another worker may have had the host until now and visited it a moment ago
            free_at = self._started_at + max(self.gap(0.0), least_s)
            queue = self._queues[host] = HostQueue(free_at=free_at)
        queue.waiting.append(work)
        self._changed.set()

    def discard(self, unwanted: Callable[[T], bool]) -> None:
        """Remove waiting work; visits under way go on."""
        for queue in self._queues.values():
            queue.waiting = deque(work for work in queue.waiting if not unwanted(work))

    def waiting(self) -> list[T]:
        """All waiting work."""
        return [work for queue in self._queues.values() for work in queue.waiting]

    async def next(self) -> T:
        """The next work that may start; takes its host and a page slot."""
        while True:
            self._changed.clear()
            now = self.clock()
            if self.slots > 0 and now >= self.paused_until:
                chosen = self._choose(now)
                if chosen is not None:
                    self.slots -= 1
                    return chosen
            await self._wait_for_change(now)

    def visit_ended(self, host: str, seconds: float, least_s: float = 0.0) -> None:
        """The visit ended; its host rests for the gap, and for `least_s` at least."""
        self._free(host, self.clock() + max(self.gap(seconds), least_s))

    def release_host(self, host: str) -> None:
        """There was no visit; the host is free at once."""
        self._free(host, self.clock())

    def release_slot(self) -> None:
        """A delivery was acknowledged or returned: its page slot is free.

        Not at the end of the visit: pipelines that are slower than visits would pile up captures.
        """
        self.slots += 1
        self._changed.set()

    def resize(self, by: int) -> None:
        """Add so many slots, or take them away."""
        self.slots += by
        self._changed.set()

    def is_short_of_slots(self) -> bool:
        """Whether work could start now but for a slot."""
        now = self.clock()
        return self.slots <= 0 and now >= self.paused_until and self._ready(now) is not None

    def pause(self, seconds: float) -> None:
        """Hand out nothing for so long."""
        self.paused_until = max(self.paused_until, self.clock() + seconds)

    def _free(self, host: str, at: float) -> None:
        queue = self._queues.get(host)
        if queue is not None:
            queue.visiting, queue.free_at = False, at
        self._changed.set()

    def _choose(self, now: float) -> T | None:
        self._drop_idle(now)
        host = self._ready(now)
        if host is None:
            return None
        queue = self._queues[host]
        queue.visiting = True
        self._queues.move_to_end(host)
        return queue.waiting.popleft()

    def _ready(self, now: float) -> str | None:
        """The host whose turn it is."""
        for host, queue in self._queues.items():
            if queue.waiting and not queue.visiting and queue.free_at <= now:
                return host
        return None

    def _drop_idle(self, now: float) -> None:
        """Drop hosts with nothing waiting whose gap is over; a crawl meets millions of them."""
        rested = [
            host
            for host, queue in self._queues.items()
            if not queue.waiting and not queue.visiting and queue.free_at <= now
        ]
        for host in rested:
            del self._queues[host]

    async def _wait_for_change(self, now: float) -> None:
        times = [
            max(queue.free_at, self.paused_until)
            for queue in self._queues.values()
            if queue.waiting and not queue.visiting
        ]
        timeout = max(min(times) - now, 0.001) if times and self.slots > 0 else None
        try:
            async with asyncio.timeout(timeout):
                await self._changed.wait()
        except TimeoutError:
            return
