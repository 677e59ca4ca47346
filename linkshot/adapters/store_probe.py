"""Distinguishes a damaged object from an unavailable store; shared by the store adapters."""

from collections.abc import Callable
from typing import TypeVar

from linkshot.domain.storage_layout import ROOT_CONTENT
from linkshot.errors import Damaged, StoreUnavailable

Answer = TypeVar("Answer")


def read_or_diagnose(
    key: str,
    ask: Callable[[], Answer],
    *,
    blames: Callable[[BaseException], bool],
    is_well: Callable[[], bool],
) -> Answer:
    """What `ask` answers about the object; Damaged when it fails twice and the store is well.

    `blames` says of a vendor's error whether the object may be at fault: of others, such as a
    connection that was refused, the store is asked nothing more.
    """
    try:
        return ask()
    except StoreUnavailable as exc:
        if not blames(exc.__cause__ or exc) or not is_well():
            raise
    try:
        return ask()
    except StoreUnavailable as exc:
        raise Damaged(
            f"The object {key} cannot be read from the store, though others can.",
            fault="unreadable",
        ) from exc


def is_marker_readable(read: Callable[[], bytes], write: Callable[[bytes], object]) -> bool:
    """Whether the root marker can be read; it is written again when it is missing or damaged
    itself, as its content never changes."""
    if _reads_marker(read):
        return True
    try:
        write(ROOT_CONTENT)
    except StoreUnavailable:
        return False
    return _reads_marker(read)


def _reads_marker(read: Callable[[], bytes]) -> bool:
    try:
        return read() == ROOT_CONTENT
    except (KeyError, StoreUnavailable):
        return False
