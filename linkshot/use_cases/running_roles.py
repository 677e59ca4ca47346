"""Tells which roles run and which visits are in flight, as far as queue and store know.

Pages, REST and the command line ask often, so a server's answer is cached for FRESH_S, and no caller
waits longer than WAIT_S for a backend that does not respond; None then means "not known". Roles of
this machine hold locks; roles on other machines are members of their consumer groups.
"""

import math
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Generic, TypeVar

from linkshot.domain.messages import LINKS, REQUESTS, RESULTS
from linkshot.domain.storage_layout import ATTEMPTS_PREFIX
from linkshot.errors import LinkshotError, QueueUnavailable, StoreUnavailable
from linkshot.ports import ArtifactStore, Queue
from linkshot.system import locks
from linkshot.system.config import Settings

FRESH_S = 1.0
"""How long an answer of a server is given again; files are asked anew each time."""
WAIT_S = 0.5
"""Longest wait of one asker."""
RETRY_S = 2.0
"""After a failure nobody asks for so long."""
STALE_S = 15.0
"""How long the last answer counts while a part does not answer."""
SUBSCRIPTIONS = {
    "dispatch": (RESULTS, "catalogue"),
    "crawl": (REQUESTS, "crawl"),
    "index": (LINKS, "index"),
}
"""Role → the topic it reads and the group in which it does."""

T = TypeVar("T")


def start_commands(roles: Iterable[str], settings: Settings) -> list[str]:
    """The commands that start these roles: one for all on a single machine."""
    names = ("up",) if settings.is_embedded("queue") else roles
    return [f"linkshot {name}" for name in names]


class CachedProbe(Generic[T]):
    """What a part said last; asked by one thread at a time, whoever wants to know."""

    def __init__(
        self,
        ask: Callable[[], T],
        fresh_s: float,
        *,
        wait_s: float = WAIT_S,
        kept_s: float = STALE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._fresh_s = fresh_s
        self._wait_s = wait_s
        self._kept_s = kept_s
        self._clock = clock
        self._lock = threading.Lock()
        self._asking: threading.Event | None = None
        self._asked_at = self._failed_at = -math.inf
        self._last: tuple[float, T] | None = None

    def get(self) -> T | None:
        """A fresh answer, else the last one while it counts; None when it is not known."""
        with self._lock:
            now = self._clock()
            if self._last is not None and now - self._last[0] < self._fresh_s:
                return self._last[1]
            done = self._ensure_asking(now)
        # Outside the lock: whoever waits must not keep the others, and the answer itself, out.
        if done is not None:
            done.wait(max(self._asked_at + self._wait_s - now, 0.0))
        with self._lock:
            if self._last is None or self._clock() - self._last[0] > self._kept_s:
                return None
            return self._last[1]

    def begin(self) -> None:
        """Ask, without waiting, unless the answer is fresh: several parts are asked at once."""
        with self._lock:
            now = self._clock()
            if self._last is None or now - self._last[0] >= self._fresh_s:
                self._ensure_asking(now)

    def _ensure_asking(self, now: float) -> threading.Event | None:
        """The question under way, a new one when there is none; None soon after a failure."""
        if self._asking is None and now - self._failed_at >= RETRY_S:
            self._asking, self._asked_at = threading.Event(), now
            threading.Thread(target=self._run, args=(self._asking,), daemon=True).start()
        return self._asking

    def _run(self, done: threading.Event) -> None:
        said = None
        try:
            with suppress(LinkshotError):  # a failure only puts off the next question
                said = (self._clock(), self._ask())
        finally:
            with self._lock:
                if said is None:
                    self._failed_at = self._clock()
                self._last = said or self._last
                self._asking = None
            done.set()


class Liveness:
    """Asked by anyone, from any thread; see App.liveness."""

    def __init__(
        self,
        settings: Settings,
        queue: Callable[[], Queue],
        store: Callable[[], ArtifactStore],
        *,
        wait_s: float = WAIT_S,
    ) -> None:
        self._settings = settings
        self._open_queue = queue
        self._open_store = store
        self._closed = False
        self._on_this_machine = settings.is_embedded("queue")
        # Files are read anew each time, which costs little; servers are asked once a second.
        asked_s = 0.0 if self._on_this_machine else FRESH_S
        marked_s = 0.0 if settings.is_embedded("store") else FRESH_S
        self._members = {
            role: CachedProbe(partial(self._consumers, *reads), asked_s, wait_s=wait_s)
            for role, reads in SUBSCRIPTIONS.items()
        }
        self._backlog = CachedProbe(self._unindexed, asked_s, wait_s=wait_s)
        self._visits = CachedProbe(self._marks, marked_s, wait_s=wait_s)

    def members(self, role: str) -> int | None:
        """How many processes do this role: `dispatch`, `crawl` or `index`; None: not known."""
        return self._members[role].get()

    def runs(self, role: str) -> bool | None:
        """Whether somebody does this role or is about to: it holds the lock of this machine or has
        joined its group; None: not known."""
        if self._on_this_machine and locks.holder(self._settings, role) is not None:
            return True
        members = self.members(role)
        return None if members is None else members > 0

    def unindexed(self) -> int | None:
        """Announced changes that the index has not applied; None: not known."""
        return self._backlog.get()

    def visits(self) -> dict[str, int] | None:
        """Request → since when it is being visited, in µs since 1970, by the marks that workers
        leave. A mark of a worker that was killed stays until another one takes the request, and one of a
        page that came until it is kept: visit_stage.visits_under_way() tells which count."""
        return self._visits.get()

    def close(self) -> None:
        """Opens no part any more. Repeatable."""
        self._closed = True

    def _queue(self) -> Queue:
        if self._closed:
            raise QueueUnavailable("linkshot was closed")
        return self._open_queue()

    def _consumers(self, topic: str, group: str) -> int:
        return self._queue().consumers(topic, group)

    def _unindexed(self) -> int:
        return self._queue().backlog(*SUBSCRIPTIONS["index"])

    def _marks(self) -> dict[str, int]:
        if self._closed:
            raise StoreUnavailable("linkshot was closed")
        found = self._open_store().list(ATTEMPTS_PREFIX)
        return {stat.key.removeprefix(ATTEMPTS_PREFIX): stat.modified_us for stat in found}
