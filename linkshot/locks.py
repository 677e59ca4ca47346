"""Who holds a role on this machine? One flock per role in the data folder."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from linkshot import disk
from linkshot.config import Settings
from linkshot.errors import ConfigError, RoleTaken

ROLES = ("dispatch", "index", "crawl")
"""Work that one process at a time does on an embedded data folder."""


def _file(settings: Settings, role: str) -> Path:
    return settings.data / "locks" / f"{role}.lock"


def _open(path: Path) -> int:
    """ConfigError when the data folder cannot have it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as exc:
        wrong = disk.why_not(path) or f"{exc.strerror}; choose another one with --data"
        raise ConfigError(
            f"the folder {path.parent} cannot be used: {wrong}", field="data"
        ) from exc


@contextmanager
def hold(settings: Settings, role: str, wait_s: float = 0.0) -> Iterator[None]:
    """Hold `role` until the block ends; RoleTaken names the holder's pid after `wait_s`.

    The file stays, only the lock counts; it is close-on-exec, so children never inherit it.
    """
    path = _file(settings, role)
    fd = _open(path)
    try:
        _lock(fd, role, path, wait_s)
        with suppress(OSError):  # a full disk: held all the same, only not told by whom
            os.ftruncate(fd, 0)
            os.pwrite(fd, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(fd)


@contextmanager
def hold_all(settings: Settings, roles: tuple[str, ...], wait_s: float) -> Iterator[None]:
    """Hold several roles, or none."""
    with ExitStack() as stack:
        for role in roles:
            stack.enter_context(hold(settings, role, wait_s))
        yield


def holder(settings: Settings, role: str) -> int | None:
    """The pid of the process that holds the role now, None when it is free."""
    fd = _open(_file(settings, role))
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _pid(fd)
    else:
        return None
    finally:
        os.close(fd)


def _lock(fd: int, role: str, path: Path, wait_s: float) -> None:
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise RoleTaken(
                    f"the role {role} of {path.parent.parent} is held by process {_pid(fd) or '?'}; "
                    "stop that linkshot first, or choose another folder with --data"
                ) from None
            time.sleep(0.05)
        else:
            return


def _pid(fd: int) -> int | None:
    with suppress(ValueError, OSError):
        return int(os.pread(fd, 32, 0))
    return None
