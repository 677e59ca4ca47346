"""Handles the signals that end a process (SIGTERM, SIGINT, SIGHUP), from its first line on.

A starting role holds no work: until it installs its own listener, a signal ends the process at once. From
then on it shuts down gracefully. While it has not begun its work, an unresponsive server could delay that,
so it is limited to LEAVE_S. All state is durable at any moment, so an early end loses nothing.
"""

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NoReturn

LEAVE_S = 1.0
"""Longest graceful shutdown of a role that has not begun its work."""
SIGNALLED_EXIT_CODE = 0
"""Exit code of a role that a signal ended."""


def shutdown_signals() -> Iterator[signal.Signals]:
    """The signals that end a process; without SIGHUP under nohup, which ignores it."""
    yield signal.SIGTERM
    yield signal.SIGINT
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        yield signal.SIGHUP


def end_now(code: int = SIGNALLED_EXIT_CODE) -> NoReturn:
    """End the process and all that it started, at once and from any thread."""
    import psutil

    for below in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            below.kill()
    os._exit(code)


def exit_when_done(code: int) -> NoReturn:
    """Exits a role whose work is done and closed, without finalizing the interpreter.

    Finalization takes seconds on a busy machine, while a supervisor waits.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


class SignalListener:
    """Calls `first` at the first shutdown signal, `again` at each further one.

    Both run in a thread of their own: the main thread may be inside a library that does not come
    back, where Python runs no signal handler. The interpreter writes the number of each signal into
    a pipe (signal.set_wakeup_fd), which that thread reads.
    """

    def __init__(
        self,
        first: Callable[[], None],
        again: Callable[[], None] = lambda: None,
        late: Callable[[], None] = end_now,
    ) -> None:
        self._first = first
        self._again = again
        self._late = late
        """Called when shutdown took longer than LEAVE_S."""
        self._begun = False

    def listen(self) -> None:
        """Installs this listener in place of the previous one; call in the main thread."""
        read_end, write_end = os.pipe()
        os.set_blocking(write_end, False)  # set_wakeup_fd() demands it
        wanted = frozenset(shutdown_signals())
        threading.Thread(
            target=self._hear, args=(read_end, wanted), name="signals", daemon=True
        ).start()
        # The pipe before the handlers: a signal that a handler takes must reach it.
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        for number in wanted:
            signal.signal(number, _heard_elsewhere)

    def begun(self) -> None:
        """Marks the role as working: its shutdown is no longer limited to LEAVE_S. Repeatable."""
        self._begun = True

    def _hear(self, pipe: int, wanted: frozenset[int]) -> None:
        _next(pipe, wanted, None)
        deadline = None if self._begun else time.monotonic() + LEAVE_S
        self._first()
        while _next(pipe, wanted, deadline):
            self._again()
        self._late()


def _next(pipe: int, wanted: frozenset[int], deadline: float | None) -> bool:
    """Wait for the next one of these signals; False when none came in time."""
    while True:
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        if not select.select([pipe], [], [], left)[0]:
            return False
        if os.read(pipe, 1)[0] in wanted:
            return True


def exit_on_signal() -> None:
    """A signal ends the process at once, until another listener is installed."""
    SignalListener(lambda: os._exit(SIGNALLED_EXIT_CODE)).listen()


def stop_event() -> tuple[threading.Event, SignalListener]:
    """An event that a signal sets, and its listener, already installed."""
    stop = threading.Event()
    told = SignalListener(stop.set)
    told.listen()
    return stop, told


def _heard_elsewhere(_number: int, _frame: object) -> None:
    """A signal with a handler of ours wakes the pipe instead of ending the process."""
