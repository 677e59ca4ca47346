"""Reads blobs: their key says what their bytes are, so what comes back is checked against it."""

import hashlib
from collections.abc import Iterator

from linkshot.domain.model import Fault
from linkshot.domain.storage_layout import blob_key
from linkshot.errors import Damaged
from linkshot.ports import ArtifactStore

READ_SIZE = 4 * 1024 * 1024


def read(store: ArtifactStore, sha256: str, size: int | None = None) -> bytes:
    """The bytes with this hash; Damaged with the fault when they are missing, changed or unreadable."""
    key = blob_key(sha256)
    try:
        data = store.open(key)
    except (KeyError, ValueError):
        raise _missing(key) from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise _mismatched(key, len(data), size)
    return data


def check(store: ArtifactStore, sha256: str, size: int) -> None:
    """The same without keeping the bytes; reads a piece at a time."""
    key, seen, digest = blob_key(sha256), 0, hashlib.sha256()
    try:
        while piece := store.open(key, seen, READ_SIZE):
            digest.update(piece)
            seen += len(piece)
            if len(piece) < READ_SIZE:
                break
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
