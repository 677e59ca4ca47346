"""How does code that may hang or grow run without hurting the worker? In one warm, limited child.

The child is started once, works on one call after the other, and is replaced when it dies, grows or
takes too long. It has no environment and so no secrets; its memory and CPU time are limited
(setrlimit), its wall clock by the caller; it ends when its parent does.
"""

import atexit
import logging
import os
import resource
import select
import subprocess
import sys
import threading
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

MEMORY_BYTES = 1_500_000_000
RETIRE_BYTES = 400_000_000
"""A child that once held so much memory is replaced after its answer."""
CPU_FACTOR = 2
"""CPU seconds of one call, as a multiple of its wall clock."""
WALL_S = 20.0
SMALL, SIZED_S = 250_000, 5.0
"""Characters of HTML that any parser is done with in about a second, even when they are one element
with thirty thousand attributes; and the seconds that more may take."""


class NotDone(Exception):
    """The work raised, took too long, or its process ended."""


class LimitedChild:
    """One child; calls from several threads take turns."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None

    def run(self, work: Callable[..., Any], *args: Any, wall_s: float = WALL_S) -> Any:
        """The result of work(*args); NotDone when there is none."""
        with self._lock:
            try:
                fine, result, last = self._ask(self._started(), (work, args, wall_s), wall_s)
            except (EOFError, OSError) as exc:
                self._stop()
                raise NotDone(f"{work.__name__}: {str(exc) or 'the process died'}") from exc
            if last:
                self._stop()
        if not fine:
            raise NotDone(f"{work.__name__}: {result}")
        return result

    def close(self) -> None:
        """End the child. Repeatable."""
        with self._lock:
            self._stop()

    def _ask(self, pipe: Connection, question: object, wall_s: float) -> Any:
        pipe.send(question)
        if not pipe.poll(wall_s):
            raise TimeoutError(f"no answer after {wall_s} s")
        return pipe.recv()

    def _started(self) -> Connection:
        if self._pipe is not None and self._process is not None and self._process.poll() is None:
            return self._pipe
        self._stop()
        ours, theirs = Pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pipelines.sandbox", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"},
            start_new_session=True,
        )
        theirs.close()
        self._pipe = ours
        return ours

    def _stop(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._pipe = None


def serve(pipe: Connection) -> None:
    """The child: answer calls until the other end closes."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    logging.disable(logging.CRITICAL)
    threading.Thread(target=_end_with_parent, args=(pipe.fileno(),), daemon=True).start()
    while True:
        try:
            work, args, wall_s = pipe.recv()
            _allow_cpu(wall_s * CPU_FACTOR)
            fine, result = _answer(work, args)
            grown = _peak_bytes() > RETIRE_BYTES
            pipe.send((fine, result, grown))
        except (EOFError, OSError):
            return


def _peak_bytes() -> int:
    """The most memory this process held since it was executed.

    Linux keeps ru_maxrss of the parent across exec (getrusage(2)), so a large worker would replace
    its child at every call; VmHWM (proc(5)) begins anew.
    """
    try:
        lines = Path("/proc/self/status").read_text("ascii", "replace").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _answer(work: Callable[..., Any], args: tuple[Any, ...]) -> tuple[bool, Any]:
    try:
        return True, work(*args)
    except Exception as exc:  # noqa: BLE001  # whatever a hostile page makes a parser raise
        return False, type(exc).__name__


def _allow_cpu(seconds: float) -> None:
    """So much more CPU time from now on; then the kernel ends the process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(usage.ru_utime + usage.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _end_with_parent(fd: int) -> None:
    """Wait for the hang-up of the pipe, which is told whatever was asked for (poll(2))."""
    watch = select.poll()
    watch.register(fd, 0)
    watch.poll()
    os._exit(0)


_child = LimitedChild()
atexit.register(_child.close)


def run_limited(work: Callable[..., Any], *args: Any, default: Any, wall_s: float = WALL_S) -> Any:
    """work(*args) in the worker's limited child; `default` when it fails, with a warning."""
    try:
        return _child.run(work, *args, wall_s=wall_s)
    except NotDone as exc:
        logger.warning(
            "Something could not be extracted from a page",
            extra={"action": "extraction_failed", "error": str(exc)},
        )
        return default


def run_sized(
    size: int, work: Callable[..., Any], *args: Any, default: Any, wall_s: float = SIZED_S
) -> Any:
    """work(*args), here when its `size` is small enough that it cannot take long, else limited."""
    if size <= SMALL:
        return work(*args)
    return run_limited(work, *args, default=default, wall_s=wall_s)


def close_limited() -> None:
    """End the worker's child; the next call starts another one."""
    _child.close()


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
