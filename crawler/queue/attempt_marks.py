"""Marks in the store that a visit has begun, to recognise requests that kill their worker.

Kafka redelivers what a dead worker held, without a count. The mark is that count: it is put before
the visit and deleted at its end, so one that is found means that the visit before was lost. Visits
that share a worker are all lost with it, so the next one runs isolated, and only losses of isolated
visits count.
"""

import json
from dataclasses import dataclass

from linkshot.domain.storage_layout import attempt_key
from linkshot.errors import Damaged
from linkshot.ports import ArtifactStore
from linkshot.system.failpoints import failpoint

MAX_LOSSES = 3
"""Isolated losses after which a request is poison."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One visit of a request, as far as the earlier ones are known."""

    isolated: bool = False
    """A visit was lost before: this one has the worker for itself."""
    losses: int = 0
    """Visits lost while isolated."""

    @property
    def poison(self) -> bool:
        """Whether the request must not be visited again."""
        return self.losses >= MAX_LOSSES


def next_attempt(found: Attempt | None) -> Attempt:
    """The attempt after the one whose mark was found. (pure)"""
    if found is None:
        return Attempt()
    return Attempt(isolated=True, losses=found.losses + found.isolated)


def begin(store: ArtifactStore, request_id: str) -> Attempt:
    """Read the mark and put the next one, durable on return; a poisoned request gets none."""
    attempt = next_attempt(_read(store, request_id))
    if not attempt.poison:
        failpoint("before-mark")
        mark = json.dumps({"alone": attempt.isolated, "losses": attempt.losses}).encode()
        store.put(attempt_key(request_id), mark, "application/json")
        failpoint("after-mark")
    return attempt


def end(store: ArtifactStore, request_id: str) -> None:
    """The visit ended, however; repeatable."""
    store.delete([attempt_key(request_id)])


def _read(store: ArtifactStore, request_id: str) -> Attempt | None:
    try:
        raw = json.loads(store.read(attempt_key(request_id)))
        return Attempt(isolated=bool(raw["alone"]), losses=int(raw["losses"]))
    except KeyError:
        return None
    except (ValueError, TypeError, Damaged):
        return Attempt()
