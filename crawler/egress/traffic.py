"""Meters the traffic of one page: bytes, requests, peers and failures, with their limits.

The browser cannot be asked for this. It counts nothing inside tunnels it has closed, and reports
any failure of ours as a failed proxy; only the egress proxy sees every byte and every reason.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from crawler.egress.server_hello import read_server_hello
from linkshot.domain.model import TlsParameters

MAX_HELLO_BYTES = 16_384
"""A ServerHello has ended by then, or what comes is none: it is about a hundred bytes."""
MAX_RECORDED = 100
"""Failures and peers recorded per page; a hostile page causes thousands."""


class TrafficLimitExceeded(Exception):
    """The page used up its bytes or its requests."""


@dataclass(slots=True, kw_only=True)
class TrafficMeter:
    """The traffic of one page, counted at the only way out.

    `name` and `password` are the page's credentials at the proxy: they attribute a connection.
    """

    name: str
    password: str
    max_bytes: int
    max_requests: int
    proxy_port: int = 0
    """Where the proxy listens on loopback."""
    clock: Callable[[], float] = time.monotonic
    received: int = 0
    """Bytes from servers, as they were on the wire."""
    requests: int = 0
    """Plain requests and tunnels; requests inside a tunnel are encrypted and count once."""
    refused: list[dict[str, str]] = field(default_factory=list)
    """Targets that failed, with the reason; the first MAX_RECORDED."""
    refused_count: int = 0
    peers: dict[str, str] = field(default_factory=dict)
    """`host:port` → address connected to."""
    tls: dict[str, TlsParameters] = field(default_factory=dict)
    """`host:port` → what the browser and this server agreed on in their first connection."""
    failures: dict[str, str] = field(default_factory=dict)
    """`host:port` → failure kind: dns, connect, address_blocked, too_large, headers."""
    error_codes: dict[str, str] = field(default_factory=dict)
    """`host:port` → the same as Chromium's error code, where there is one; the browser itself only
    learns that its proxy did not connect."""
    broken_off: set[str] = field(default_factory=set)
    """`host:port/path` of plain responses whose connection ended within their chunks, each as it was last
    requested; MAX_RECORDED at most."""
    addresses: dict[str, "asyncio.Future[list[str]]"] = field(default_factory=dict)
    """Host → its checked addresses, or why there are none. Resolved once per page: a name server that
    changes its answer between check and connection (DNS rebinding) gains nothing."""
    own_ports: set[int] = field(default_factory=set)
    """Ports on loopback of connections to the proxy that are not the browser's: what is agreed on in their
    tunnels is not recorded."""
    limit_exceeded: bool = False
    last_byte_at: float = 0.0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    closed: bool = False

    def add_bytes(self, count: int) -> None:
        """Count bytes from a server; TrafficLimitExceeded above max_bytes."""
        self.received += count
        self.last_byte_at = self.clock()
        if self.received > self.max_bytes:
            self.limit_exceeded = True
            raise TrafficLimitExceeded

    def begin_request(self, target: str) -> None:
        """Count a request or tunnel; TrafficLimitExceeded above max_requests."""
        self.requests += 1
        self.last_byte_at = self.clock()
        if self.requests > self.max_requests or self.limit_exceeded:
            self.record_failure(target, "too_large")
            raise TrafficLimitExceeded

    def record_failure(self, target: str, reason: str, code: str = "") -> None:
        """Record why a target was not reached, with Chromium's code for it."""
        self.refused_count += 1
        if len(self.refused) < MAX_RECORDED:
            self.refused.append({"target": target[:200], "reason": reason})
        if len(self.failures) < MAX_RECORDED or target in self.failures:
            self.failures[target] = reason
            self.error_codes[target] = code

    def record_broken_off(self, place: str) -> None:
        """Record that the response for this `host:port/path` is not whole."""
        if len(self.broken_off) < MAX_RECORDED:
            self.broken_off.add(place)

    def is_broken_off(self, url: str) -> bool:
        """Whether the newest response from this address is known to have broken off; nothing is known of https."""
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        place = f"{host_and_port(url)}{parts.path or '/'}{query}"
        return parts.scheme == "http" and place in self.broken_off

    def record_peer(self, target: str, address: str) -> None:
        """Record which address served a target."""
        if len(self.peers) < MAX_RECORDED:
            self.peers[target] = address

    def record_first_bytes(self, target: str, data: bytes) -> bool:
        """Record the TLS parameters in what a server sent first in a tunnel; whether more of it can tell nothing
        that is not recorded."""
        if target not in self.tls and len(self.tls) < MAX_RECORDED:
            agreed = read_server_hello(data)
            if agreed is None:
                return len(data) >= MAX_HELLO_BYTES
            self.tls[target] = agreed
        return True

    def cut_connections(self) -> None:
        """Close every connection of the page; it may open new ones."""
        for writer in self.writers:
            writer.close()
        self.writers.clear()

    def close(self) -> None:
        """Close every connection of the page for good."""
        self.closed = True
        self.cut_connections()


def host_and_port(url: str) -> str:
    """`host:port` of an address, as targets are named here; empty for what has none. (pure)"""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return ""
    host = parts.hostname or ""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
