"""Ends what the event loop cannot, because it is stuck itself: a thread with deadlines of its own.

Everything else that ends a visit lives in the event loop. Whatever blocks the loop (a regular
expression that backtracks for ever, a library that does not return) stops that too. This thread does
not need the loop. When even threads stand still, because a C extension holds the interpreter, the
hard exit timer is left: faulthandler's, which runs outside of the interpreter.
"""

import faulthandler
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

logger = logging.getLogger(__name__)

THREAD_FACTOR = 1.1
"""The event loop acts at the end of the grace; this thread a tenth later, if the loop did not."""
HARD_EXIT_FACTOR = 1.2
"""The hard exit timer, which logs least, another tenth later."""
MAX_STACK = 4000
LOG_TIMEOUT_S = 1.0


@dataclass(frozen=True, slots=True)
class Alarm:
    """An action to take unless the alarm is cancelled in time."""

    at: float
    act: Callable[[], None]
    hard_exit_at: float | None = None
    """When the hard exit timer ends the process."""


def hard_exit_timer(seconds: float | None) -> None:
    """End this process after `seconds`, whatever holds it, with a trace on stderr; None cancels."""
    if seconds is None:
        faulthandler.cancel_dump_traceback_later()
    else:
        faulthandler.dump_traceback_later(max(seconds, 0.001), exit=True)


class Watchdog:
    """Alarms that do not need the event loop. All methods may be called from any thread."""

    def __init__(
        self,
        end: Callable[[], None],
        set_hard_exit: Callable[[float | None], None] = hard_exit_timer,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._end = end
        self._set_hard_exit = set_hard_exit
        self._clock = clock
        self._alarms: dict[tuple[str, str], Alarm] = {}
        self._changed = threading.Condition()
        self._wakes_at = float("inf")
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def watch_browser(self, visit: str, seconds: float, kill: Callable[[], None]) -> None:
        """Kill the browser unless the visit has left it after so long."""
        self._set(("browser", visit), Alarm(self._clock() + seconds, kill))

    def watch_delivery(self, request: str, deadline_s: float, grace_s: float) -> None:
        """End the process unless the event loop has ended the delivery at deadline and grace."""
        now = self._clock() + deadline_s
        at, hard_exit_at = now + grace_s * THREAD_FACTOR, now + grace_s * HARD_EXIT_FACTOR
        self._set(("worker", request), Alarm(at, self._end, hard_exit_at))

    def browser_left(self, visit: str) -> None:
        """Cancel the alarm of watch_browser()."""
        self._cancel(("browser", visit))

    def delivery_ended(self, request: str) -> None:
        """Cancel the alarm of watch_delivery()."""
        self._cancel(("worker", request))

    def close(self) -> None:
        """Cancel all alarms and end the thread; repeatable."""
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

    def _cancel(self, key: tuple[str, str]) -> None:
        """Without waking the thread, which would cost a switch per visit: it finds out when it wakes."""
        with self._changed:
            self._alarms.pop(key, None)

    def _run(self) -> None:
        while (due := self._next_due()) is not None:
            for alarm in due:
                try:
                    alarm.act()
                except Exception:
                    logger.exception("An alarm of the watchdog failed")

    def _next_due(self) -> list[Alarm] | None:
        """Wait for alarms that are due; None when the watchdog is closed."""
        with self._changed:
            while not self._closed:
                now = self._clock()
                due = {key: alarm for key, alarm in self._alarms.items() if alarm.at <= now}
                # set at every wake-up, so that the timer of cancelled alarms is reset in time
                hard = [a.hard_exit_at for a in self._alarms.values() if a.hard_exit_at is not None]
                self._set_hard_exit(min(hard) - now if hard else None)
                if due:
                    for key in due:
                        del self._alarms[key]
                    return sorted(due.values(), key=lambda alarm: alarm.at)
                self._wakes_at = min(
                    (one.at for one in self._alarms.values()), default=float("inf")
                )
                timeout = self._wakes_at - now
                self._changed.wait(timeout if self._alarms else None)
            self._set_hard_exit(None)
            return None


def log_bounded(level: int, text: str, **extra: object) -> None:
    """Log, waiting for LOG_TIMEOUT_S at most: the log may be what is stuck (a full pipe)."""
    logging_thread = threading.Thread(
        target=logger.log, args=(level, text), kwargs={"extra": extra}, daemon=True
    )
    logging_thread.start()
    logging_thread.join(LOG_TIMEOUT_S)


def stack_of_main() -> str:
    """The stack of the main thread: lines of code, nothing of a page."""
    frames = sys._current_frames()  # noqa: SLF001  # documented; private only by its name
    frame = frames.get(threading.main_thread().ident or 0)
    return "".join(traceback.format_stack(frame))[-MAX_STACK:] if frame else ""
