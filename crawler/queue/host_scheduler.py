"""Which delivery may be visited now? One page per host, a gap from the end of its visit. (asyncio)"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from linkshot.system.config import Settings

T = TypeVar("T")


def gap_s(settings: Settings, visit_s: float) -> float:
    """Pause of a host after a visit that took so long, in seconds."""
    wanted = max(settings.host_gap_s, settings.host_gap_factor * visit_s)
    return min(wanted, max(settings.host_gap_max_s, settings.host_gap_s))


@dataclass(slots=True)
class Line(Generic[T]):
    """What waits for one host."""

    free_at: float
    waiting: deque[T] = field(default_factory=deque)
    visiting: bool = False


class Hosts(Generic[T]):
    """Hands out waiting work, one at a time per host, at most `slots` unsettled in all."""

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
        self._lines: OrderedDict[str, Line[T]] = OrderedDict()
        self._news = asyncio.Event()

    def offer(self, host: str, work: T) -> None:
        """This may be visited when its turn comes."""
        line = self._lines.get(host)
        if line is None:
            # who had the host before may have visited it just now
            line = self._lines[host] = Line(free_at=self._started_at + self.gap(0.0))
        line.waiting.append(work)
        self._news.set()

    def discard(self, unwanted: Callable[[T], bool]) -> None:
        """Forget waiting work; what is being visited goes on."""
        for line in self._lines.values():
            line.waiting = deque(work for work in line.waiting if not unwanted(work))

    def waiting(self) -> list[T]:
        """All that waits."""
        return [work for line in self._lines.values() for work in line.waiting]

    async def next(self) -> T:
        """The next work that may start; takes its host and a page slot."""
        while True:
            self._news.clear()
            now = self.clock()
            if self.slots > 0 and now >= self.paused_until:
                chosen = self._choose(now)
                if chosen is not None:
                    self.slots -= 1
                    return chosen
            await self._until_news(now)

    def visited(self, host: str, seconds: float, least_s: float = 0.0) -> None:
        """The visit ended; its host rests for the gap, and at least as long as it asks for."""
        self._free(host, self.clock() + max(self.gap(seconds), least_s))

    def unvisited(self, host: str) -> None:
        """There was no visit; the host need not rest."""
        self._free(host, self.clock())

    def release(self) -> None:
        """A delivery was settled or given back: its page slot is free."""
        self.slots += 1
        self._news.set()

    def pause(self, seconds: float) -> None:
        """Start nothing for so long."""
        self.paused_until = max(self.paused_until, self.clock() + seconds)

    def _free(self, host: str, at: float) -> None:
        line = self._lines.get(host)
        if line is not None:
            line.visiting, line.free_at = False, at
        self._news.set()

    def _choose(self, now: float) -> T | None:
        self._sweep(now)
        for host, line in self._lines.items():
            if line.waiting and not line.visiting and line.free_at <= now:
                line.visiting = True
                self._lines.move_to_end(host)
                return line.waiting.popleft()
        return None

    def _sweep(self, now: float) -> None:
        """Forget hosts that have nothing waiting and have rested."""
        rested = [
            host
            for host, line in self._lines.items()
            if not line.waiting and not line.visiting and line.free_at <= now
        ]
        for host in rested:
            del self._lines[host]

    async def _until_news(self, now: float) -> None:
        times = [
            max(line.free_at, self.paused_until)
            for line in self._lines.values()
            if line.waiting and not line.visiting
        ]
        timeout = max(min(times) - now, 0.001) if times and self.slots > 0 else None
        try:
            async with asyncio.timeout(timeout):
                await self._news.wait()
        except TimeoutError:
            return
