"""Whether the parts answer and are whole: all are asked at once, and within a time.

The web asks for health and the page of jobs, `linkshot doctor` for its lines. Each part is asked by one
thread at a time however many want to know, and one that does not answer in time counts as away.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from linkshot.app import App
from linkshot.domain.messages import REQUESTS, TOPICS
from linkshot.domain.storage_layout import ROOT_MARKER
from linkshot.errors import (
    CatalogueUnavailable,
    IndexUnavailable,
    LinkshotError,
    QueueUnavailable,
    StoreUnavailable,
    TopicsMissing,
    Unavailable,
)
from linkshot.use_cases import damaged_objects, search
from linkshot.use_cases.running_roles import CachedProbe

logger = logging.getLogger(__name__)

T = TypeVar("T")
FRESH_S = 1.0
"""How long an answer is given again."""
OK = "ok"
PARTS: dict[str, type[Unavailable]] = {
    "catalogue": CatalogueUnavailable,
    "queue": QueueUnavailable,
    "store": StoreUnavailable,
    "index": IndexUnavailable,
}
"""Part → what its absence is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartHealth:
    """How one part is."""

    part: str
    code: str = OK
    """`ok`, or a stable code of what is wrong."""
    detail: str = ""
    """A sentence; empty when all is well. It may name a folder of this machine, never a login."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How all parts are."""

    parts: tuple[PartHealth, ...]
    indexed_until: datetime | None

    @property
    def status(self) -> str:
        """`ok`; `degraded`: it serves, and something is wrong; `down`: it cannot serve."""
        codes = {one.part: one.code for one in self.parts}
        if codes["catalogue"] != OK:
            return "down"
        return OK if set(codes.values()) == {OK} else "degraded"


@dataclass(frozen=True, slots=True, kw_only=True)
class _CatalogueHealth:
    """What only the catalogue knows, when it answers."""

    health: PartHealth
    indexed_until: datetime | None = None
    damaged: int = 0


class Health:
    """Asked by anyone, from any thread."""

    def __init__(self, app: App, timeout_s: float | None = None) -> None:
        self._app = app
        self._timeout_s = app.settings.health_timeout_s if timeout_s is None else timeout_s
        self._catalogue = self._answer(self._ask_catalogue)
        self._others = {
            "queue": self._answer(partial(self._state, "queue", self._ask_queue)),
            "store": self._answer(partial(self._state, "store", self._ask_store)),
            "index": self._answer(partial(self._state, "index", self._ask_index)),
        }

    def report(self) -> Report:
        """How all parts are, within timeout_s."""
        # All are asked before one is waited for, so that together they take no longer than the slowest.
        self._catalogue.begin()
        for answer in self._others.values():
            answer.begin()
        known = self._catalogue.get() or _CatalogueHealth(health=self._timed_out("catalogue"))
        parts = {
            name: answer.get() or self._timed_out(name) for name, answer in self._others.items()
        }
        if known.damaged and parts["store"].code == OK:
            parts["store"] = damaged(known.damaged)
        return Report(parts=(known.health, *parts.values()), indexed_until=known.indexed_until)

    def has_catalogue(self) -> bool:
        """Whether the catalogue answers, within timeout_s."""
        known = self._catalogue.get()
        return known is not None and known.health.code == OK

    def _answer(self, ask: Callable[[], T]) -> CachedProbe[T]:
        return CachedProbe(ask, FRESH_S, wait_s=self._timeout_s, kept_s=FRESH_S + self._timeout_s)

    def _timed_out(self, part: str) -> PartHealth:
        seconds = f"{self._timeout_s:g}"
        code = PARTS[part].code
        return PartHealth(part=part, code=code, detail=f"It did not answer within {seconds} s.")

    def _ask_catalogue(self) -> _CatalogueHealth:
        try:
            until = search.indexed_until(self._app)
            found = damaged_objects.counts(self._app).objects
        except Exception as exc:  # noqa: BLE001  # see _unhealthy()
            return _CatalogueHealth(health=_unhealthy("catalogue", exc))
        return _CatalogueHealth(
            health=PartHealth(part="catalogue"), indexed_until=until, damaged=found
        )

    def _state(self, part: str, ask: Callable[[], None]) -> PartHealth:
        try:
            ask()
        except Exception as exc:  # noqa: BLE001  # see _unhealthy()
            return _unhealthy(part, exc)
        return PartHealth(part=part)

    def _ask_queue(self) -> None:
        known = self._app.queue.topic_ids(TOPICS)
        missing = [topic for topic in TOPICS if topic not in known]
        if missing:
            raise TopicsMissing(
                f"Topics are missing: {', '.join(missing)}. `linkshot dispatch` creates them."
            )
        self._app.queue.backlog(REQUESTS, "crawl")

    def _ask_store(self) -> None:
        self._app.store.stat(ROOT_MARKER)

    def _ask_index(self) -> None:
        self._app.index.count()


def damaged(objects: int) -> PartHealth:
    """The store, when it answers and some of what lies in it is damaged."""
    detail = f"Damaged objects: {objects:,}; `linkshot verify` lists them."
    return PartHealth(part="store", code="store.damaged", detail=detail)


def _unhealthy(part: str, error: Exception) -> PartHealth:
    """A part that cannot even be opened is away, whatever kept it from that; of a mistake of our own
    the log has the traceback."""
    if isinstance(error, Unavailable):
        return PartHealth(part=part, code=error.code, detail=error.message)
    if isinstance(error, LinkshotError):
        return PartHealth(part=part, code=PARTS[part].code, detail=error.message)
    logger.error("A part cannot be asked for its health", extra={"part": part}, exc_info=error)
    detail = "It cannot be asked; the log says why."
    return PartHealth(part=part, code=PARTS[part].code, detail=detail)
