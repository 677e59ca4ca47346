"""Runs parsers of hostile input in one warm child process with limits.

The child is started once, serves one call at a time, and is replaced when it dies, grows or times
out. It has an empty environment and so no secrets; setrlimit bounds its memory and CPU time, the
caller its wall clock; it exits with its parent.
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
"""A child whose peak memory exceeded this is replaced after the call."""
CPU_FACTOR = 2
"""CPU seconds allowed per call, as a multiple of its timeout."""
TIMEOUT_S = 20.0
SMALL_CHARS, LARGE_TIMEOUT_S = 250_000, 5.0
"""HTML up to SMALL_CHARS takes any parser about a second at most, even one element with thirty
thousand attributes; larger input gets LARGE_TIMEOUT_S in the sandbox."""


class SandboxError(Exception):
    """The call raised or timed out, or its process died."""


class SandboxProcess:
    """One child process; thread-safe, calls are serialized."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None

    def run(self, work: Callable[..., Any], *args: Any, timeout_s: float = TIMEOUT_S) -> Any:
        """The result of work(*args); both must be picklable. Raises SandboxError."""
        with self._lock:
            try:
                pipe = self._ensure_started()
                pipe.send((work, args, timeout_s))
                if not pipe.poll(timeout_s):
                    raise TimeoutError(f"no answer after {timeout_s} s")
                succeeded, result, is_grown = pipe.recv()
            except (EOFError, OSError) as exc:
                self._stop()
                raise SandboxError(f"{work.__name__}: {str(exc) or 'the process died'}") from exc
            if is_grown:
                self._stop()
        if not succeeded:
            raise SandboxError(f"{work.__name__}: {result}")
        return result

    def close(self) -> None:
        """Kills the child; a later call starts a new one."""
        with self._lock:
            self._stop()

    def _ensure_started(self) -> Connection:
        if self._pipe is not None and self._process is not None and self._process.poll() is None:
            return self._pipe
        self._stop()
        parent_end, child_end = Pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pipelines.sandbox", str(child_end.fileno())],
            pass_fds=[child_end.fileno()],
            stdin=subprocess.DEVNULL,
            # only what the import of `work` needs: no settings, hence no secrets
            env={"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"},
            start_new_session=True,
        )
        child_end.close()
        self._pipe = parent_end
        return parent_end

    def _stop(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._pipe = None


def serve(pipe: Connection) -> None:
    """Main loop of the child: serves calls until the other end closes."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    logging.disable(logging.CRITICAL)
    threading.Thread(target=_exit_on_hangup, args=(pipe.fileno(),), daemon=True).start()
    while True:
        try:
            work, args, timeout_s = pipe.recv()
            # RLIMIT_CPU counts from the start of the process: what was used so far is added
            usage = resource.getrusage(resource.RUSAGE_SELF)
            soft = int(usage.ru_utime + usage.ru_stime + timeout_s * CPU_FACTOR) + 1
            resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
            try:
                succeeded, result = True, work(*args)
            except Exception as exc:  # noqa: BLE001  # whatever a hostile page makes a parser raise
                succeeded, result = False, type(exc).__name__
            is_grown = _peak_bytes() > RETIRE_BYTES
            pipe.send((succeeded, result, is_grown))
        except (EOFError, OSError):
            return


def _peak_bytes() -> int:
    """Peak memory of this process since exec, in bytes.

    Linux carries ru_maxrss across exec (getrusage(2)), so a large worker would replace its child
    after every call; VmHWM (proc(5)) starts at zero.
    """
    try:
        lines = Path("/proc/self/status").read_text("ascii", "replace").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _exit_on_hangup(fd: int) -> None:
    """Exits when the parent closes the pipe: poll(2) reports POLLHUP even for an empty event mask."""
    poll = select.poll()
    poll.register(fd, 0)
    poll.poll()
    os._exit(0)


_process = SandboxProcess()
atexit.register(_process.close)


def run_sandboxed(
    work: Callable[..., Any], *args: Any, default: Any, timeout_s: float = TIMEOUT_S
) -> Any:
    """work(*args) in the worker's sandbox process; logs a warning and returns `default` on failure."""
    try:
        return _process.run(work, *args, timeout_s=timeout_s)
    except SandboxError as exc:
        logger.warning(
            "Extraction from a page failed",
            extra={"action": "extraction_failed", "error": str(exc)},
        )
        return default


def run_sandboxed_if_large(
    size: int,
    work: Callable[..., Any],
    *args: Any,
    default: Any,
    timeout_s: float = LARGE_TIMEOUT_S,
) -> Any:
    """work(*args) in this process if the input is small enough to finish quickly, else sandboxed."""
    if size <= SMALL_CHARS:
        return work(*args)
    return run_sandboxed(work, *args, default=default, timeout_s=timeout_s)


def close_sandbox() -> None:
    """Kills the worker's sandbox process; the next call starts a new one."""
    _process.close()


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
