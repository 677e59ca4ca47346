"""The generations of an index folder, and the pointer to the live one.

The folder holds generations (`gen-1`, `gen-2`, …) and a file `current` that names the one in use;
a new one is built beside it and switched to by renaming that file.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

POINTER = "current"
LOCK = ".lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """What the file `current` says."""

    generation: int = 0
    """0 = none."""
    schema: int = 0
    """Version of what is indexed."""
    rebuild: bool = False
    """An index that could not be used was put aside; this one must be filled again."""


def folder_of(root: Path, generation: int) -> Path:
    """The folder of a generation."""
    return root / f"gen-{generation}"


def read_pointer(root: Path) -> Pointer | None:
    """The generation in use; None when there is none or the file is unreadable."""
    try:
        said = json.loads((root / POINTER).read_text("utf-8"))
        return Pointer(
            generation=int(said["generation"]),
            schema=int(said["schema"]),
            rebuild=bool(said.get("rebuild", False)),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_pointer(root: Path, pointer: Pointer) -> None:
    """Switch, durably and at once."""
    # The content is on the disk before the name is, and the name when its folder is: a rename by itself
    # is atomic, not durable.
    staged = root / f"{POINTER}.new"
    with staged.open("w", encoding="utf-8") as file:
        json.dump(asdict(pointer), file)
        file.flush()
        os.fsync(file.fileno())
    staged.replace(root / POINTER)
    fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def make_next(root: Path, after: int = 0) -> int:
    """The number of a new, empty generation folder, greater than `after`."""
    number = max([after, *_numbers(root)]) + 1
    folder_of(root, number).mkdir()
    return number


def anything_there(root: Path) -> bool:
    """Whether the folder was ever an index."""
    return (root / POINTER).exists() or bool(_numbers(root))


def remove_others(root: Path, generation: int) -> None:
    """All generations but this one: old ones, broken ones, unfinished ones."""
    for number in _numbers(root):
        if number != generation:
            shutil.rmtree(folder_of(root, number), ignore_errors=True)


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """One process at a time looks for an index and makes one."""
    fd = os.open(root / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def _numbers(root: Path) -> list[int]:
    tails = (path.name.removeprefix("gen-") for path in root.glob("gen-*"))
    return [int(tail) for tail in tails if tail.isdigit()]
