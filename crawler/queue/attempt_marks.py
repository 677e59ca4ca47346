"""Has a visit of this request begun before and never ended? A mark in the store says so."""

import json
from dataclasses import dataclass

from linkshot.domain.storage_layout import attempt_key
from linkshot.errors import Damaged
from linkshot.ports import ArtifactStore
from linkshot.system.failpoints import failpoint

MAX_LOSSES = 3
"""Losses while alone; then the request is poison."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """How the visits before this one went."""

    alone: bool = False
    """A visit was lost before: this one has the worker for itself."""
    losses: int = 0
    """Visits lost while alone."""

    @property
    def poison(self) -> bool:
        """Whether it must not be visited again."""
        return self.losses >= MAX_LOSSES


def after(found: Attempt | None) -> Attempt:
    """The attempt that begins, from the mark found of the one that never ended. (pure)"""
    if found is None:
        return Attempt()
    return Attempt(alone=True, losses=found.losses + found.alone)


def begin(store: ArtifactStore, request_id: str) -> Attempt:
    """Look for a mark and leave one, durable on return; a poisoned request gets none."""
    attempt = after(_read(store, request_id))
    if not attempt.poison:
        failpoint("before-mark")
        mark = json.dumps({"alone": attempt.alone, "losses": attempt.losses}).encode()
        store.put(attempt_key(request_id), mark, "application/json")
        failpoint("after-mark")
    return attempt


def end(store: ArtifactStore, request_id: str) -> None:
    """The visit ended, however; repeatable."""
    store.delete([attempt_key(request_id)])


def _read(store: ArtifactStore, request_id: str) -> Attempt | None:
    try:
        raw = json.loads(store.open(attempt_key(request_id)))
        return Attempt(alone=bool(raw["alone"]), losses=int(raw["losses"]))
    except KeyError:
        return None
    except (ValueError, TypeError, Damaged):
        return Attempt()
