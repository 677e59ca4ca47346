"""How does code that may hang or grow run without hurting the worker? In one warm, limited child.

The child is spawned once, works on one call after the other, and is replaced when it dies or takes
too long. Its memory and CPU are limited (setrlimit), its wall clock by the caller.
"""

import atexit
import logging
import multiprocessing
import multiprocessing.connection
import resource
import threading
from collections.abc import Callable
from typing import Any

logger = logging.getLogger(__name__)

MEMORY_BYTES = 1_500_000_000
CPU_S = 600
"""Of the child's whole life; then it is replaced."""
WALL_S = 20.0
NICE = 5

_spawn = multiprocessing.get_context("spawn")


class LimitedChild:
    """One child; calls from several threads take turns."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: multiprocessing.connection.Connection | None = None

    def run(self, work: Callable[..., Any], *args: Any, wall_s: float = WALL_S) -> Any:
        """The result of work(*args); TimeoutError, MemoryError or ChildDied when there is none."""
        with self._lock:
            pipe = self._started()
            try:
                pipe.send((work, args))
                if not pipe.poll(wall_s):
                    raise TimeoutError(f"{work.__name__} took longer than {wall_s} s")
                fine, result = pipe.recv()
            except (EOFError, OSError, TimeoutError) as exc:
                self._stop()
                if isinstance(exc, TimeoutError):
                    raise
                raise ChildDied(work.__name__) from exc
        if not fine:
            raise ChildDied(f"{work.__name__}: {result}")
        return result

    def close(self) -> None:
        """End the child. Repeatable."""
        with self._lock:
            self._stop()

    def _started(self) -> multiprocessing.connection.Connection:
        if self._process is None or not self._process.is_alive() or self._pipe is None:
            self._stop()
            ours, theirs = _spawn.Pipe()
            self._process = _spawn.Process(target=_serve, args=(theirs,), daemon=True)
            self._process.start()
            theirs.close()
            self._pipe = ours
        return self._pipe

    def _stop(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        self._process = self._pipe = None


class ChildDied(Exception):
    """The work raised, or its process ended before it was done."""


def _serve(pipe: multiprocessing.connection.Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    while True:
        try:
            work, args = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer = (True, work(*args))
        except Exception as exc:  # noqa: BLE001  # whatever a hostile page makes a parser raise
            answer = (False, type(exc).__name__)
        pipe.send(answer)


_child = LimitedChild()
atexit.register(_child.close)


def run_limited(work: Callable[..., Any], *args: Any, default: Any, wall_s: float = WALL_S) -> Any:
    """work(*args) in the worker's limited child; `default` when it fails, with a warning."""
    try:
        return _child.run(work, *args, wall_s=wall_s)
    except (ChildDied, TimeoutError, MemoryError) as exc:
        logger.warning(
            "Something could not be extracted from a page",
            extra={"action": "extraction_failed", "work": work.__name__, "error": str(exc)},
        )
        return default


def close_limited() -> None:
    """End the child, for tests and orderly stops."""
    _child.close()
