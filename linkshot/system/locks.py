"""Role locks of this machine: one flock per role in the data folder.

The web interface holds one too, to note its address: several may run, the first one is noted.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from linkshot.errors import ConfigError, RoleTaken
from linkshot.system import disk
from linkshot.system.config import Settings

ROLES = ("dispatch", "index", "crawl")
"""Roles that one process at a time may hold on an embedded data folder."""
UP = "up"
"""Held by the process that takes every role which comes free; others leave them to it."""
WEB = "web"
LENT = " follows visits"
NOTE_WAIT_S = 0.5
"""Longer than a reader holds the lock while it looks at the note."""


def _file(settings: Settings, role: str) -> Path:
    return settings.data / "locks" / f"{role}.lock"


def _open(path: Path) -> int:
    """ConfigError when the data folder cannot have it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as exc:
        wrong = disk.write_problem(path) or f"{exc.strerror}; choose another one with --data"
        raise ConfigError(
            f"the folder {path.parent} cannot be used: {wrong}", field="data"
        ) from exc


@contextmanager
def hold(settings: Settings, role: str, wait_s: float = 0.0, note: str = "") -> Iterator[None]:
    """Hold `role` until the block ends; RoleTaken names the holder's pid after `wait_s`. The file says
    `note`, or the pid.

    The file stays, only the lock counts; it is close-on-exec, so children never inherit it.
    """
    path = _file(settings, role)
    fd = _open(path)
    try:
        _lock(fd, role, path, wait_s)
        with suppress(OSError):  # a full disk: held all the same, only not told by whom
            os.ftruncate(fd, 0)
            os.pwrite(fd, (note or str(os.getpid())).encode(), 0)
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
    with suppress(ValueError, IndexError):
        return int((_noted(settings, role) or "").split()[0])
    return None


def is_lent(settings: Settings, role: str) -> bool:
    """Whether the role is held by a command that follows visits, and gives it back when they have ended."""
    return (_noted(settings, role) or "").endswith(LENT)


def lent_note() -> str:
    """What the lock file of a role says that is held only while visits are followed."""
    return f"{os.getpid()}{LENT}"


@contextmanager
def web_at(settings: Settings, address: str) -> Iterator[None]:
    """Note the address of the web interface until the block ends, unless another one is noted or the
    data folder cannot be written."""
    with ExitStack() as stack:
        with suppress(RoleTaken, ConfigError):
            stack.enter_context(hold(settings, WEB, NOTE_WAIT_S, address))
        yield


def web_address(settings: Settings) -> str | None:
    """Where the web interface of this data folder runs on this machine; None when none is noted."""
    try:
        return _noted(settings, WEB)
    except ConfigError:
        return None


def _noted(settings: Settings, role: str) -> str | None:
    """What the holder's file says, None when nobody holds the role."""
    fd = _open(_file(settings, role))
    try:
        # Shared, so that several that look do not take each other for the holder.
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _said(fd)
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
                    f"the role {role} of {path.parent.parent} is held by process {_said(fd) or '?'}; "
                    "stop that linkshot first, or choose another folder with --data"
                ) from None
            time.sleep(0.05)
        else:
            return


def _said(fd: int) -> str | None:
    with suppress(ValueError, OSError):
        return os.pread(fd, 1000, 0).decode() or None
    return None
