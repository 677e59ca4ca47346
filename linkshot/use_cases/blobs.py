"""Reads blobs: their key says what their bytes are, so what comes back is checked against it."""

import hashlib
from collections.abc import Iterator
from typing import IO

from linkshot.domain.model import Fault
from linkshot.domain.storage_layout import blob_key
from linkshot.errors import Damaged
from linkshot.ports import ArtifactStore

READ_SIZE = 4 * 1024 * 1024


def read(store: ArtifactStore, sha256: str, size: int | None = None) -> bytes:
    """The bytes with this hash; Damaged with the fault when they are missing, changed or unreadable."""
    key = blob_key(sha256)
    try:
        data = store.read(key)
    except (KeyError, ValueError):
        raise _missing(key) from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise _mismatched(key, len(data), size)
    return data


def check(store: ArtifactStore, sha256: str, size: int | None = None) -> None:
    """Damaged as in read(), without holding more than READ_SIZE bytes at a time."""
    key, digest = blob_key(sha256), hashlib.sha256()
    try:
        with store.open(key) as stored:
            while piece := stored.read(READ_SIZE):
                digest.update(piece)
            seen = stored.tell()
    except (KeyError, ValueError):
        raise _missing(key) from None
    if digest.hexdigest() != sha256:
        raise _mismatched(key, seen, size)


def copy(store: ArtifactStore, sha256: str, target: IO[bytes], size: int | None = None) -> None:
    """Writes the bytes to a file; Damaged as in read(), when what was written is of no use."""
    key, digest = blob_key(sha256), hashlib.sha256()
    try:
        with store.open(key) as stored:
            while piece := stored.read(READ_SIZE):
                digest.update(piece)
                target.write(piece)
            seen = stored.tell()
    except (KeyError, ValueError):
        raise _missing(key) from None
    if digest.hexdigest() != sha256:
        raise _mismatched(key, seen, size)


def list_keys(store: ArtifactStore, prefix: str, damaged: list[str]) -> Iterator[str]:
    """Keys with this prefix; the prefix itself is added to `damaged` when some may be missing."""
    try:
        for stat in store.list(prefix):
            yield stat.key
    except Damaged:
        damaged.append(prefix)


def _missing(key: str) -> Damaged:
    return Damaged(f"The object {key} is missing from the store.", fault=Fault.MISSING)


def _mismatched(key: str, seen: int, size: int | None) -> Damaged:
    if size is not None and seen != size:
        said = f"The object {key} has {seen} bytes in the store, not {size}."
        return Damaged(said, fault=Fault.SIZE)
    return Damaged(f"The bytes of {key} are not those that were stored.", fault=Fault.CONTENT)
