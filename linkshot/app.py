"""What is one open linkshot? Settings, a clock, the catalogue and the three ports; parts open when first used."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from linkshot.catalogue.engine import Catalogue
from linkshot.config import Settings
from linkshot.ports import ArtifactStore, Queue, SearchIndex


def utc_now() -> datetime:
    """The wall clock, aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Openers:
    """How each part is opened; wiring.py names the concrete classes."""

    catalogue: Callable[[], Catalogue]
    queue: Callable[[], Queue]
    store: Callable[[], ArtifactStore]
    index: Callable[[], SearchIndex]


@dataclass(kw_only=True)
class App:
    """Passed to every use case; close() releases what was opened."""

    settings: Settings
    openers: Openers
    now: Callable[[], datetime] = field(default=utc_now)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Links, tags, schedules, imports, snapshot rows."""
        return self.openers.catalogue()

    @cached_property
    def queue(self) -> Queue:
        """Messages between the stages."""
        return self.openers.queue()

    @cached_property
    def store(self) -> ArtifactStore:
        """Blobs, manifests, journal."""
        return self.openers.store()

    @cached_property
    def index(self) -> SearchIndex:
        """Findable documents."""
        return self.openers.index()

    def close(self) -> None:
        """Close the parts that were opened. Repeatable."""
        for name in ("index", "queue", "store", "catalogue"):
            part = self.__dict__.pop(name, None)
            if part is not None:
                part.close()
