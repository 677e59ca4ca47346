"""Applies X-Forwarded-* headers of trusted proxies: client address, scheme, host and port.

Pure ASGI, outside of RequestGuard, which checks the result. The headers of any other peer are ignored; `Forwarded` (RFC 7239) and X-Forwarded-Prefix are not read.
"""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from linkshot.domain.public_url import PORTS

ORIGINAL_HOST = "linkshot.sent_host"
"""Key in the scope: the Host header as the proxy sent it, where another one stands for it now."""
Network = IPv4Network | IPv6Network


class ForwardedMiddleware:
    """Replaces the connection's client, scheme and host by what a trusted proxy forwards."""

    def __init__(self, app: ASGIApp, trusted: Iterable[str]) -> None:
        self.app = app
        self.networks = tuple(ip_network(one, strict=False) for one in trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, changed or not."""
        peer = scope.get("client")
        if self.networks and peer and scope["type"] == "http" and self._trusts(str(peer[0])):
            scope = self._apply(scope)
        await self.app(scope, receive, send)

    def _apply(self, scope: Scope) -> Scope:
        headers = Headers(scope=scope)
        scheme = _last_value(headers, "x-forwarded-proto").lower()
        changed = {**scope, "scheme": scheme if scheme in PORTS else scope.get("scheme", "http")}
        if client := self._client(headers):
            changed["client"] = (client, 0)
        sent = headers.getlist("host")
        if len(sent) == 1 and (host := _authority(headers, sent[0], changed["scheme"])) != sent[0]:
            rest = [(name, value) for name, value in scope["headers"] if name != b"host"]
            changed["headers"] = [(b"host", host.encode("latin-1")), *rest]
            changed[ORIGINAL_HOST] = sent[0]
        return changed

    def _client(self, headers: Headers) -> str:
        """The rightmost address that is no trusted proxy: each proxy appends its peer."""
        said = ",".join(headers.getlist("x-forwarded-for")).split(",")
        heard = [one for one in map(_address, said) if one]
        return next((one for one in reversed(heard) if not self._trusts(one)), "") or next(
            iter(heard), ""
        )

    def _trusts(self, peer: str) -> bool:
        try:
            address = ip_address(peer.partition("%")[0])
        except ValueError:
            return False
        if isinstance(address, IPv6Address):
            address = address.ipv4_mapped or address
        return any(address in network for network in self.networks)


def _authority(headers: Headers, sent: str, scheme: str) -> str:
    """The host that the browser asked for, with its port where that is not the usual one."""
    host = _last_value(headers, "x-forwarded-host") or sent
    port = _last_value(headers, "x-forwarded-port")
    bare = not host.rpartition("]")[2].count(":")
    usable = port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536
    return f"{host}:{int(port)}" if bare and usable and port != PORTS[scheme] else host


def _last_value(headers: Headers, name: str) -> str:
    """The last value of a header: the one that the peer itself has put there."""
    return ",".join(headers.getlist(name)).rpartition(",")[2].strip()


def _address(text: str) -> str:
    """`192.0.2.1`, `192.0.2.1:4711`, `[2001:db8::1]:4711` → the address; else nothing."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return str(ip_address(bare))
    except ValueError:
        return ""
