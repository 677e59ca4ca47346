"""Notices that another process or thread has written to files, without locking or reading them."""

import threading
import time
from collections.abc import Iterable
from pathlib import Path

LOOK_S = 0.05

Stamp = tuple[tuple[int, int], ...]


class FileChanges:
    """Compares size and time of the last change of some files; a missing file has neither."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = tuple(paths)

    @classmethod
    def of_sqlite(cls, files: Iterable[Path]) -> "FileChanges":
        """Of databases in WAL mode: every commit writes to the file beside them
        (https://sqlite.org/wal.html)."""
        return cls(Path(f"{file}-wal") for file in files)

    def stamp(self) -> Stamp:
        """A value that differs after a write."""
        return tuple(_size_and_time(path) for path in self._paths)

    def wait(self, since: Stamp, stop: threading.Event, timeout_s: float) -> None:
        """Until a file differs from this stamp, `stop` is set or the time is over."""
        deadline = time.monotonic() + timeout_s
        while (left := deadline - time.monotonic()) > 0 and self.stamp() == since:
            if stop.wait(min(LOOK_S, left) if self._paths else left):
                return


def _size_and_time(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns
