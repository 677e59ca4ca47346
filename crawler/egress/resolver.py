"""Resolves host names and checks every address against the networks that pages may reach.

A name is refused when any of its addresses is: a name server that mixes a public address with a
private one is probing, and which of them is tried first would be chance.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil

from linkshot.domain.addresses import is_blocked

RESOLVE_TIMEOUT_S = 10.0
THREADS = 64
"""Concurrent look-ups, more than a browser has connections to its proxy. One that hangs holds its
thread: in the loop's default pool a page with a few such names would stop all other work."""
MAX_ADDRESSES = 8
"""Addresses tried per name, best first; all are checked."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[..., list[tuple[Any, ...]]]
"""The signature of socket.getaddrinfo: blocks, follows CNAMEs, raises OSError."""


class Unreachable(Exception):
    """No connection may or can be made.

    `reason` is dns, connect or address_blocked; `code` is Chromium's name for it
    (`ERR_CONNECTION_REFUSED`), where it has one.
    """

    def __init__(self, reason: str, code: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class Resolver:
    """Names to addresses, every one of them checked against the deny table."""

    def __init__(
        self,
        allow_networks: tuple[str, ...],
        lookup: Lookup = socket.getaddrinfo,
        timeout_s: float = RESOLVE_TIMEOUT_S,
    ) -> None:
        self.allow_networks = allow_networks
        self._allowed = [ipaddress.ip_network(item, strict=False) for item in allow_networks]
        self._look_up = lookup
        self._timeout_s = timeout_s
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="resolving")

    def close(self) -> None:
        """Start no further look-ups. Repeatable."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def resolve(self, host: str) -> list[str]:
        """The addresses of `host` to try, best first; Unreachable when any one is refused."""
        found = await self._addresses(host)
        own = own_addresses()
        if any(self.refuses(address, own) for address in found):
            raise Unreachable("address_blocked")
        return found[:MAX_ADDRESSES]

    async def _addresses(self, host: str) -> list[str]:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout_s):
                found = await loop.run_in_executor(
                    self._threads, self._look_up, host, None, 0, socket.SOCK_STREAM
                )
        except (OSError, UnicodeError, TimeoutError) as exc:
            raise Unreachable("dns", "ERR_NAME_NOT_RESOLVED") from exc
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not addresses:
            raise Unreachable("dns", "ERR_NAME_NOT_RESOLVED")
        return addresses

    def refuses(self, address: str, own: frozenset[Address] | None = None) -> bool:
        """Whether connections to the address are forbidden; `own` are the addresses of this machine.

        A machine's public address is refused as well: services bound to it often trust local callers.
        """
        plain = ipaddress.ip_address(address.partition("%")[0])
        if is_blocked(str(plain), self.allow_networks):
            return True
        own = own_addresses() if own is None else own
        return plain in own and not any(plain in net for net in self._allowed)

    def is_own(self, address: str) -> bool:
        """Whether it is an address of this machine."""
        plain = ipaddress.ip_address(address.partition("%")[0])
        return plain.is_loopback or plain.is_unspecified or plain in own_addresses()


def own_addresses() -> frozenset[Address]:
    """Addresses of this machine's interfaces."""
    texts = (
        entry.address.partition("%")[0]
        for entries in psutil.net_if_addrs().values()
        for entry in entries
        if entry.family in (socket.AF_INET, socket.AF_INET6)
    )
    return frozenset(ipaddress.ip_address(text) for text in texts)
