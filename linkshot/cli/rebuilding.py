"""Rebuilds index and catalogue, in this process or in the one that holds the index lock."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from linkshot.app import App
from linkshot.catalogue.meta import get_meta
from linkshot.errors import LinkshotError
from linkshot.maintenance import rebuild
from linkshot.system import locks
from linkshot.use_cases import damaged_objects
from linkshot.use_cases.index_rebuild import REBUILD_DONE, request_rebuild

HOLDER_TIMEOUT_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildResult:
    """Counts of what was rebuilt."""

    counts: dict[str, int]
    damaged: tuple[str, ...] = ()
    """Keys of manifests and journal batches that could not be read."""


def rebuild_all(app: App, *, catalogue: bool, tell: Callable[[str, int], None]) -> RebuildResult:
    """Rebuilds and returns counts; RoleTaken when another process must be stopped first."""
    made: dict[str, int] = {}
    damaged: tuple[str, ...] = ()
    if catalogue:
        with _exclusive(app):
            done = rebuild.rebuild_catalogue(app, tell)
        made |= done.counts | {"damaged": len(done.damaged)}
        damaged = done.damaged
    made["documents"] = _index(app, tell)
    if texts := damaged_objects.counts(app).texts:
        made["unreadable_texts"] = texts
    return RebuildResult(counts=made, damaged=damaged)


def _index(app: App, tell: Callable[[str, int], None]) -> int:
    """How many documents."""
    if app.settings.is_embedded("index") and locks.holder(app.settings, "index"):
        return _ask_holder(app)
    from indexer.document import documents

    with _exclusive(app, ("index",)):
        return rebuild.rebuild_index(app, documents, tell)


def _exclusive(app: App, roles: tuple[str, ...] = ("dispatch",)) -> AbstractContextManager[None]:
    return locks.hold_all(app.settings, roles if app.settings.is_embedded("queue") else (), 2.0)


def _ask_holder(app: App) -> int:
    """Asks the process that holds the index lock to rebuild, and waits for its answer."""
    asked = request_rebuild(app)
    deadline = time.monotonic() + HOLDER_TIMEOUT_S
    while time.monotonic() < deadline:
        with app.catalogue.read() as conn:
            answer = (get_meta(conn, REBUILD_DONE) or "").split(" ")
        if answer[0] == asked:
            return int(answer[1])
        time.sleep(0.3)
    raise LinkshotError("the running linkshot did not finish the rebuild within an hour")
