"""Decides which network addresses pages may be fetched from. (pure)

The table is explicit: `ipaddress.is_global` calls multicast, NAT64 of loopback and others global.
Sources: IANA special-purpose registries (RFC 6890), plus clouds' own metadata addresses.
"""

import ipaddress
from collections.abc import Sequence
from functools import cache, lru_cache

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

REFUSED_V4 = tuple(
    ipaddress.IPv4Network(net)
    for net in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
    )
)  # fmt: skip
ALLOWED_V6 = ipaddress.IPv6Network("2000::/3")
REFUSED_V6 = tuple(
    ipaddress.IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
EMBEDDED_V4 = tuple(ipaddress.IPv6Network(net) for net in ("::/96", "64:ff9b::/96"))
"""IPv4-compatible and NAT64 addresses: the last 32 bits are the IPv4 address meant."""

REFUSED_SUFFIXES = (".local", ".internal", ".localhost", ".localdomain", ".home.arpa", ".lan")
REFUSED_NAMES = frozenset({"localhost", "ip6-localhost", "ip6-loopback", "broadcasthost"})
LOOPBACK_NAMES = frozenset({"localhost", "ip6-localhost", "ip6-loopback"})
LOOPBACK = ipaddress.IPv4Address("127.0.0.1")
LISTENING_HERE = ("127.0.0.1", "localhost", "::1", "0.0.0.0", "::")  # noqa: S104  # compared, not bound
"""Listening on one of these is reachable under every loopback name."""
LOOPBACK_V4 = ipaddress.IPv4Network("127.0.0.0/8")
LOOPBACK_V6 = ipaddress.IPv6Network("::1/128")


def is_blocked(address: str | Address, allow_networks: Sequence[str] = ()) -> bool:
    """Whether fetching from this address is refused; `allow_networks` are CIDR exceptions.

    Anything that is not an address is blocked.
    """
    try:
        parsed = ipaddress.ip_address(address) if isinstance(address, str) else address
    except ValueError:
        return True
    if _allowed(parsed, allow_networks):
        return False
    # What such an address leads to counts, or it would be a way round the table.
    inner = embedded_ipv4(parsed)
    if inner is not parsed:
        return is_blocked(inner, allow_networks)
    if isinstance(parsed, ipaddress.IPv4Address):
        return any(parsed in net for net in REFUSED_V4)
    if parsed not in ALLOWED_V6:
        return True
    return any(parsed in net for net in REFUSED_V6)


def embedded_ipv4(address: Address) -> Address:
    """The IPv4 address inside a mapped, compatible, NAT64, 6to4 or Teredo one; else itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    if address.teredo:
        return address.teredo[1]
    # :: and ::1 lie in ::/96 and hold no IPv4 address.
    if int(address) > 1 and any(address in net for net in EMBEDDED_V4):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def blocked_host_name(host: str, allow_networks: Sequence[str] = ()) -> bool:
    """Whether a name is one of a private network: no dot, `.local`, `localhost`, …

    Loopback names are allowed when the loopback network is, other names of private networks when
    one of these is: the address they resolve to is checked at connect time.
    """
    name = host.rstrip(".").lower()
    if is_loopback_name(name):
        return not is_in_allowed_network(name, allow_networks)
    private = "." not in name or name in REFUSED_NAMES or name.endswith(REFUSED_SUFFIXES)
    return private and not any(_is_private(_network(text)) for text in allow_networks)


def is_in_allowed_network(host: str, allow_networks: Sequence[str]) -> bool:
    """Whether `allow_networks` names the network of this address or loopback name."""
    name = host.rstrip(".").strip("[]").lower()
    if is_loopback_name(name):
        return _allowed(LOOPBACK, allow_networks)
    try:
        return _allowed(embedded_ipv4(ipaddress.ip_address(name)), allow_networks)
    except ValueError:
        return False


def is_loopback_name(name: str) -> bool:
    """`localhost`, `a.localhost` and their like (RFC 6761 §6.3)."""
    return name in LOOPBACK_NAMES or name.endswith(".localhost")


def _is_private(network: Network) -> bool:
    """Whether the network is, or holds, a refused one that is not loopback."""
    if isinstance(network, ipaddress.IPv6Network):
        return not network.subnet_of(ALLOWED_V6) and network != LOOPBACK_V6
    refused = any(network.overlaps(net) for net in REFUSED_V4)
    return refused and not network.subnet_of(LOOPBACK_V4)


def _allowed(address: Address, allow_networks: Sequence[str]) -> bool:
    return any(
        address.version == net.version and address in net for net in map(_network, allow_networks)
    )


@cache
def _network(text: str) -> Network:
    return ipaddress.ip_network(text, strict=False)


@lru_cache(maxsize=8)
def own_hosts(host: str, port: int, more: tuple[str, ...]) -> frozenset[str]:
    """`host:port` of every name under which an interface listening there is reached, and `more`:
    `host`, `host:port`, or either with a path below which everything is ours."""
    here = {host, "localhost", "127.0.0.1", "[::1]"} if host in LISTENING_HERE else {host}
    return frozenset({f"{name}:{port}" for name in here} | set(more))
