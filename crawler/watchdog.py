"""What happens when the event loop itself is stuck? A thread of its own acts when the time has come.

Everything else that ends a visit lives in the event loop. Whatever blocks the loop (a pattern that
never ends its search, a library that does not come back) stops that too. This thread does not
need the loop; and when even threads stand still, because the interpreter is held, the switch does
not need those: it is a timer outside of the interpreter that ends the process.
"""

import faulthandler
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

LOOP_FIRST = 1.1
"""The event loop does it itself when it can: the worker is ended a tenth later than that."""
THREAD_FIRST = 1.2
"""And the switch, which says less in the log, a tenth later again."""
MAX_STACK = 4000
SAYING_S = 1.0


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is to be done unless it is forgotten in time."""

    at: float
    act: Callable[[], None]
    switch_at: float | None = None
    """When the process must have ended, whatever holds it."""


def switch(seconds: float | None) -> None:
    """End this process after so long, interpreter held or not, with a trace on stderr; None: never."""
    if seconds is None:
        faulthandler.cancel_dump_traceback_later()
    else:
        faulthandler.dump_traceback_later(max(seconds, 0.001), exit=True)


class Watchdog:
    """Alarms that do not need the event loop. All methods may be called from any thread."""

    def __init__(
        self,
        end: Callable[[], None],
        switch: Callable[[float | None], None] = switch,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._end = end
        self._switch = switch
        self._clock = clock
        self._alarms: dict[tuple[str, str], Alarm] = {}
        self._changed = threading.Condition()
        self._wakes_at = float("inf")
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def browser(self, visit: str, seconds: float, kill: Callable[[], None]) -> None:
        """Kill the browser unless the visit has left it after so long."""
        self._set(("browser", visit), Alarm(self._clock() + seconds, kill))

    def worker(self, request: str, deadline_s: float, grace_s: float) -> None:
        """End the process unless the event loop has ended the delivery at deadline and grace."""
        now = self._clock() + deadline_s
        at, switch_at = now + grace_s * LOOP_FIRST, now + grace_s * THREAD_FIRST
        self._set(("worker", request), Alarm(at, self._end, switch_at))

    def left(self, visit: str) -> None:
        """The visit has left its browser."""
        self._forget(("browser", visit))

    def ended(self, request: str) -> None:
        """The delivery has ended."""
        self._forget(("worker", request))

    def close(self) -> None:
        """Nothing is watched any more; repeatable."""
        with self._changed:
            self._closed = True
            self._alarms.clear()
            self._changed.notify()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(5)

    def _set(self, key: tuple[str, str], alarm: Alarm) -> None:
        with self._changed:
            self._alarms[key] = alarm
            if self._thread.ident is None and not self._closed:
                self._thread.start()
            if alarm.at < self._wakes_at:
                self._changed.notify()

    def _forget(self, key: tuple[str, str]) -> None:
        """The thread is left asleep: it finds out when it wakes."""
        with self._changed:
            self._alarms.pop(key, None)

    def _run(self) -> None:
        while (due := self._next_due()) is not None:
            for alarm in due:
                try:
                    alarm.act()
                except Exception:
                    logger.exception("The watchdog could not do what it had to")

    def _next_due(self) -> list[Alarm] | None:
        """Wait for alarms whose time has come; None when it is closed."""
        with self._changed:
            while not self._closed:
                now = self._clock()
                due = {key: alarm for key, alarm in self._alarms.items() if alarm.at <= now}
                self._arm(now)
                if due:
                    for key in due:
                        del self._alarms[key]
                    return sorted(due.values(), key=lambda alarm: alarm.at)
                self._wakes_at = min(
                    (one.at for one in self._alarms.values()), default=float("inf")
                )
                patience = self._wakes_at - now
                self._changed.wait(patience if self._alarms else None)
            self._switch(None)
            return None

    def _arm(self, now: float) -> None:
        """This runs at every waking, so that a switch of forgotten alarms is turned off in time."""
        times = [one.switch_at for one in self._alarms.values() if one.switch_at is not None]
        self._switch(min(times) - now if times else None)


def watchdog_of(crawler: Crawler) -> Watchdog:
    """The one of this worker."""
    found: Watchdog = crawler.linkshot_watchdog  # type: ignore[attr-defined]  # ours
    return found


def say(level: int, text: str, **extra: object) -> None:
    """Into the log, from the watchdog: a log that is stuck as well holds it up for a second only."""
    saying = threading.Thread(
        target=logger.log, args=(level, text), kwargs={"extra": extra}, daemon=True
    )
    saying.start()
    saying.join(SAYING_S)


def stack_of_main() -> str:
    """What the main thread is doing; lines of code, nothing of a page."""
    frames = sys._current_frames()  # noqa: SLF001  # documented; private only by its name
    frame = frames.get(threading.main_thread().ident or 0)
    return "".join(traceback.format_stack(frame))[-MAX_STACK:] if frame else ""
