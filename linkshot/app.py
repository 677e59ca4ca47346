"""The App: settings, a clock, the catalogue and the three ports, passed to every use case."""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from linkshot import __version__
from linkshot.domain.signatures import Signer
from linkshot.errors import ConfigError
from linkshot.ports import ArtifactStore, Queue, SearchIndex
from linkshot.system.config import Settings
from linkshot.system.keyring import Keyring
from linkshot.system.signing_key import load_signing_key
from linkshot.use_cases.running_roles import Liveness

if TYPE_CHECKING:
    from linkshot.catalogue.engine import Catalogue  # SQLAlchemy; a crawl worker has no catalogue

logger = logging.getLogger(__name__)


class _Closable(Protocol):
    def close(self) -> None: ...


P = TypeVar("P", bound=_Closable)


def utc_now() -> datetime:
    """The wall clock, aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Openers:
    """How each part is opened; wiring.py names the concrete classes."""

    catalogue: "Callable[[], Catalogue]"
    queue: Callable[[], Queue]
    store: Callable[[], ArtifactStore]
    index: Callable[[], SearchIndex]


@dataclass(kw_only=True)
class App:
    """Passed to every use case; parts open when first used, by whichever thread comes first."""

    settings: Settings
    openers: Openers
    now: Callable[[], datetime] = field(default=utc_now)
    _parts: dict[str, _Closable] = field(default_factory=dict, init=False, repr=False)
    _keyring: Keyring | None = field(default=None, init=False, repr=False)
    _signer: list[Signer | None] = field(default_factory=list, init=False, repr=False)
    """The signer once it was asked for; None in it when there is no key."""
    _opening: defaultdict[str, threading.RLock] = field(
        default_factory=lambda: defaultdict(threading.RLock), init=False, repr=False
    )
    """One lock for each part: a server that does not answer while it is opened delays no other."""

    def _part(self, name: str, opener: Callable[[], P]) -> P:
        part = self._parts.get(name)
        if part is None:
            with self._opening[name]:
                part = self._parts.get(name)
                if part is None:
                    part = self._parts[name] = opener()
        return part  # type: ignore[return-value]  # each name has one opener

    @property
    def catalogue(self) -> "Catalogue":
        """Links, tags, schedules, imports, snapshot rows."""
        return self._part("catalogue", self.openers.catalogue)

    @property
    def queue(self) -> Queue:
        """Messages between the stages."""
        return self._part("queue", self.openers.queue)

    @property
    def store(self) -> ArtifactStore:
        """Blobs, manifests, journal."""
        return self._part("store", self.openers.store)

    @property
    def index(self) -> SearchIndex:
        """Findable documents."""
        return self._part("index", self.openers.index)

    @property
    def liveness(self) -> Liveness:
        """Which roles run and which visits are under way."""
        return self._part(
            "liveness", lambda: Liveness(self.settings, lambda: self.queue, lambda: self.store)
        )

    @property
    def keyring(self) -> Keyring:
        """Signs messages between the roles, and checks their signatures."""
        with self._opening["keyring"]:
            if self._keyring is None:
                self._keyring = Keyring(lambda: self.store)
            return self._keyring

    @property
    def signer(self) -> Signer | None:
        """Signs snapshots; None when the key cannot be used, which the log tells once."""
        with self._opening["signer"]:
            if not self._signer:
                try:
                    key = load_signing_key(self.settings)
                    self._signer.append(Signer(key, f"linkshot {__version__}"))
                except ConfigError as exc:
                    logger.warning(
                        "Snapshots are not signed",
                        extra={"action": "no_signing_key", "why": exc.message},
                    )
                    self._signer.append(None)
            return self._signer[0]

    def close(self) -> None:
        """Close the parts that were opened. Repeatable."""
        for name in ("liveness", "index", "queue", "store", "catalogue"):
            if part := self._parts.pop(name, None):
                part.close()
