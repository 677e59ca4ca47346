"""Folders of downloads, programs and data, and the account that servers run as."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SHARED_TEMP = Path("/var/tmp")
UNPRIVILEGED = ("postgres", "nobody")
"""Accounts that exist anyway; the first found runs what refuses to run as root."""


class PlaceError(Exception):
    """A folder cannot be used as it is; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user of the machine, by numbers."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The three folders that everything lies in; all of them outside the checkout."""

    cache: Path
    """Downloads and builds; survives ``down --wipe``."""
    programs: Path
    """Unpacked programs that an unprivileged account must be able to read."""
    cluster: Path
    """Data, logs, pid files and chosen ports of this cluster."""

    def data(self, server: str) -> Path:
        """The data folder of one server."""
        return self.cluster / server

    def log(self, server: str) -> Path:
        """Everything one server printed since its last start."""
        return self.cluster / "log" / f"{server}.log"

    def pid_file(self, server: str) -> Path:
        """Holds ``<pid> <birth>`` while the server is meant to run."""
        return self.cluster / "run" / f"{server}.pid"


def find_places(env: Mapping[str, str]) -> Places:
    """The folders by LINKSHOT_CACHE, LINKSHOT_CLUSTER and XDG_CACHE_HOME; creates none of them."""
    home_cache = Path(env.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cache = Path(env.get("LINKSHOT_CACHE") or home_cache / "linkshot").absolute()
    readable = SHARED_TEMP / "linkshot-0" if os.geteuid() == 0 else cache
    cluster = Path(env.get("LINKSHOT_CLUSTER") or readable / "cluster").absolute()
    return Places(cache=cache, programs=readable / "programs", cluster=cluster)


def make_places(places: Places) -> None:
    """Create the folders, and refuse those that another user could have prepared for us."""
    if os.geteuid() == 0:
        _refuse_unreachable(places.cluster)
    places.cache.mkdir(parents=True, exist_ok=True)
    for folder in (places.programs.parent, places.programs, places.cluster):
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(0o755)
        _refuse_foreign(folder)
    for name in ("log", "run"):
        (places.cluster / name).mkdir(exist_ok=True)


def make_owned(folder: Path, account: Account | None) -> Path:
    """Create a folder that only `account` (None: the caller) may enter; answers it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    return folder


def unprivileged_account() -> Account | None:
    """The account for servers that refuse root; None when the caller is not root."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(uid=entry.pw_uid, gid=entry.pw_gid)
    raise PlaceError(
        f"As root, an account out of {', '.join(UNPRIVILEGED)} is needed; there is none."
    )


def _refuse_foreign(folder: Path) -> None:
    info = folder.lstat()
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != os.geteuid():
        raise PlaceError(f"{folder} is not a folder of this user; remove it or choose another one.")


def _refuse_unreachable(folder: Path) -> None:
    for step in (folder, *folder.parents):
        if step.exists() and not step.stat().st_mode & stat.S_IXOTH:
            raise PlaceError(
                f"{step} is closed to other users, and started as root, Elasticsearch and "
                "PostgreSQL run as another user. Set LINKSHOT_CLUSTER to a folder that all "
                f"users can reach, for example below {SHARED_TEMP}."
            )
