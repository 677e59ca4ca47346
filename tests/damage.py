"""Ways in which a disk damages a file, each done to the file itself."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from linkshot.domain.model import Fault

Harm = Callable[[Path], None]


def flip(path: Path) -> None:
    """One bit in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def remove(path: Path) -> None:
    path.unlink()


def folder(path: Path) -> None:
    """A folder with something in it, where the file was."""
    path.unlink()
    path.mkdir()
    (path / "x").write_bytes(b"x")


def fifo(path: Path) -> None:
    """Whoever opens it to read would wait for ever."""
    path.unlink()
    os.mkfifo(path)


def device(path: Path) -> None:
    """It never ends."""
    path.unlink()
    path.symlink_to("/dev/zero")


def loop(path: Path) -> None:
    """ELOOP."""
    path.unlink()
    path.symlink_to(path)


def broken_sector(path: Path) -> None:
    """Reading the first byte of this file is EIO on Linux."""
    path.unlink()
    path.symlink_to("/proc/self/mem")


def nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("/nowhere/at all")


def parent(path: Path) -> None:
    """A file where its folder was."""
    above = path.parent
    shutil.rmtree(above)
    above.write_bytes(b"x")


KINDS: dict[str, tuple[Harm, Fault]] = {
    "a flipped bit": (flip, Fault.CONTENT),
    "cut short": (truncate, Fault.SIZE),
    "empty": (empty, Fault.SIZE),
    "too long": (lengthen, Fault.SIZE),
    "gone": (remove, Fault.MISSING),
    "a folder in its place": (folder, Fault.MISSING),
    "a pipe in its place": (fifo, Fault.UNREADABLE),
    "a device in its place": (device, Fault.UNREADABLE),
    "a link to itself": (loop, Fault.UNREADABLE),
    "a broken sector": (broken_sector, Fault.UNREADABLE),
    "a link to nowhere": (nowhere, Fault.MISSING),
    "a file where its folder was": (parent, Fault.MISSING),
}
"""Kind in words → how it is done, and what reading the blob finds."""
