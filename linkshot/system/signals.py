"""Signals that end a process of linkshot (SIGTERM, SIGINT, SIGHUP), heard from its first line on.

A role that is starting has taken nothing yet: until it listens itself, a signal ends its process
at once. From then on the role ends in order. While it has not begun its work, a server can hold it
up for longer than anybody waits, so it has LEAVE_S for that. Whatever is durable survives the end
of the process at any moment, so an early end loses nothing.
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
"""How long a role that has not begun its work may take to end in order."""
TOLD = 0
"""Exit code of a role that was told to end."""


def numbers() -> Iterator[signal.Signals]:
    """The signals that end us; SIGHUP is none of them below nohup, which ignores it."""
    yield signal.SIGTERM
    yield signal.SIGINT
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        yield signal.SIGHUP


def end_now(code: int = TOLD) -> NoReturn:
    """End the process and all that it started, at once and from any thread."""
    import psutil

    for below in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            below.kill()
    os._exit(code)


def ended(code: int) -> NoReturn:
    """End a role whose work is done and closed, without taking the interpreter apart.

    That takes seconds on a busy machine, and whoever told it to end waits for them.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


class Told:
    """Hears that the process is to end, and calls `first`, then `again` at each further signal.

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
        """What follows when LEAVE_S were not enough."""
        self._begun = False

    def listen(self) -> None:
        """From now on, instead of whoever listened before; in the main thread."""
        read_end, write_end = os.pipe()
        os.set_blocking(write_end, False)
        wanted = frozenset(numbers())
        threading.Thread(
            target=self._hear, args=(read_end, wanted), name="signals", daemon=True
        ).start()
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        for number in wanted:
            signal.signal(number, _heard_elsewhere)

    def begun(self) -> None:
        """The role does its work and takes the time it needs to end. Repeatable."""
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


def leave_when_told() -> None:
    """A signal ends the process at once, until somebody else listens."""
    Told(lambda: os._exit(TOLD)).listen()


def stop_event() -> tuple[threading.Event, Told]:
    """An event that a signal sets, and who hears it; listens already."""
    stop = threading.Event()
    told = Told(stop.set)
    told.listen()
    return stop, told


def _heard_elsewhere(_number: int, _frame: object) -> None:
    """A signal with a handler of ours wakes the pipe instead of ending the process."""
