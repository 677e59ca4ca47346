"""Keeps a page on its address while something is pressed in it."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from linkshot.domain.urls import without_credentials

MAX_REFUSED = 5
"""Addresses that are recorded."""


@dataclass(slots=True)
class Confinement:
    """A page may load itself again once, by GET, and then be redirected on its own site; it goes nowhere else."""

    url: str
    reloads: int = 0
    refused: list[str] = field(default_factory=list)
    """Addresses that were not gone to, at most MAX_REFUSED."""

    def allows(self, request: dict[str, Any], *, redirected: bool) -> bool:
        """Whether a document may be requested; counts those that may."""
        url = without_credentials(str(request["url"]))
        if redirected:
            allowed = urlsplit(url)[:2] == urlsplit(self.url)[:2]
        else:
            again = (
                request["method"] == "GET" and url.partition("#")[0] == self.url.partition("#")[0]
            )
            allowed = again and not self.reloads
            self.reloads += allowed
        if not allowed and len(self.refused) < MAX_REFUSED:
            self.refused.append(url[:2048])
        return allowed
