"""What did one page send and receive, and what was it refused?"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

MAX_NOTED = 100
"""Refusals and peers kept per page; a hostile page makes thousands."""


class Cut(Exception):
    """The page used up what it may receive."""


@dataclass(slots=True, kw_only=True)
class Account:
    """The traffic of one page, counted at the only way out."""

    name: str
    """User name of the page at the proxy."""
    max_bytes: int
    max_requests: int
    clock: Callable[[], float] = time.monotonic
    received: int = 0
    """Bytes that came from servers, as they were on the wire."""
    requests: int = 0
    """Plain requests and tunnels; what runs inside a tunnel is not counted singly."""
    refused: list[dict[str, str]] = field(default_factory=list)
    """Refused targets with the reason, the first MAX_NOTED."""
    refused_count: int = 0
    peers: dict[str, str] = field(default_factory=dict)
    """`host:port` → address connected to."""
    troubles: dict[str, str] = field(default_factory=dict)
    """`host:port` → why nothing came from there: dns, connect, address_blocked, too_large, headers."""
    codes: dict[str, str] = field(default_factory=dict)
    """`host:port` → the same as Chromium's code, where it has one; the browser itself only hears that
    its proxy did not connect."""
    addresses: dict[str, "asyncio.Future[list[str]]"] = field(default_factory=dict)
    """Host → its checked addresses, or why there are none; resolved once per page, whatever the
    name server says afterwards."""
    cut: bool = False
    last_byte_at: float = 0.0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    closed: bool = False

    def came(self, count: int) -> None:
        """Bytes came from a server; raises Cut when there were too many."""
        self.received += count
        self.last_byte_at = self.clock()
        if self.received > self.max_bytes:
            self.cut = True
            raise Cut

    def asks(self, target: str) -> None:
        """A request or tunnel begins; raises Cut when there were too many."""
        self.requests += 1
        self.last_byte_at = self.clock()
        if self.requests > self.max_requests or self.cut:
            self.refuse(target, "too_large")
            raise Cut

    def refuse(self, target: str, reason: str, code: str = "") -> None:
        """Note a target that was not reached, and Chromium's code for it."""
        self.refused_count += 1
        if len(self.refused) < MAX_NOTED:
            self.refused.append({"target": target[:200], "reason": reason})
        if len(self.troubles) < MAX_NOTED or target in self.troubles:
            self.troubles[target] = reason
            self.codes[target] = code

    def connected(self, target: str, address: str) -> None:
        """Note which address served a target."""
        if len(self.peers) < MAX_NOTED:
            self.peers[target] = address

    def cut_connections(self) -> None:
        """Cut every connection of the page; it may make new ones."""
        for writer in self.writers:
            writer.close()
        self.writers.clear()

    def close(self) -> None:
        """Cut every connection of the page; nothing is forwarded for it any more."""
        self.closed = True
        self.cut_connections()
