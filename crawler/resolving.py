"""Which checked addresses does a host lead to?"""

import asyncio
import ipaddress
import socket

import psutil

from linkshot.addresses import is_blocked

RESOLVE_TIMEOUT_S = 10.0

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Unreachable(Exception):
    """No connection may or can be made; `reason` is dns, connect or address_blocked."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Resolver:
    """Names to addresses, every one of them checked against the deny table."""

    def __init__(self, allow_networks: tuple[str, ...]) -> None:
        self.allow_networks = allow_networks
        self._allowed = [ipaddress.ip_network(item, strict=False) for item in allow_networks]

    async def resolve(self, host: str) -> list[str]:
        """The addresses of `host`, best first; Unreachable when one of them is refused."""
        found = await _lookup(host)
        if any(self.refuses(address) for address in found):
            raise Unreachable("address_blocked")
        return found

    def refuses(self, address: str) -> bool:
        """Whether nobody may be sent there."""
        plain = ipaddress.ip_address(address.partition("%")[0])
        if is_blocked(str(plain), self.allow_networks):
            return True
        return plain in own_addresses() and not any(plain in net for net in self._allowed)

    def is_own(self, address: str) -> bool:
        """Whether it is an address of this machine."""
        plain = ipaddress.ip_address(address.partition("%")[0])
        return plain.is_loopback or plain.is_unspecified or plain in own_addresses()


async def _lookup(host: str) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_TIMEOUT_S):
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError) as exc:
        raise Unreachable("dns") from exc
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses:
        raise Unreachable("dns")
    return addresses


def own_addresses() -> frozenset[Address]:
    """Addresses of this machine's interfaces."""
    texts = (
        entry.address.partition("%")[0]
        for entries in psutil.net_if_addrs().values()
        for entry in entries
        if entry.family in (socket.AF_INET, socket.AF_INET6)
    )
    return frozenset(ipaddress.ip_address(text) for text in texts)
