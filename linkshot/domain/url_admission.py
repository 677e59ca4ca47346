"""Decides which URLs may be kept and visited, by network, host name and port. (pure)

Applies to normal forms (urls.py), so that no spelling of an address gets round it. It is the first of
two barriers: where a name leads is known only when it is resolved, which crawler/egress/ checks.
"""

import re
from collections.abc import Collection, Sequence

from linkshot.domain.addresses import (
    REFUSED_SUFFIXES,
    blocked_host_name,
    is_blocked,
    is_in_allowed_network,
    is_loopback_name,
)
from linkshot.domain.public_url import PORTS
from linkshot.domain.urls import SITE, NormalURL, is_ip_address
from linkshot.errors import InvalidURL

SERVICE_PORTS = frozenset({3306, 5432, 6379, 9092, 9200, 9300, 11211, 27017})
"""Ports of databases and queues: no page is there."""


def admit(
    url: NormalURL,
    *,
    allow_networks: Sequence[str] = (),
    own_hosts: Collection[str] = (),
    blocked_ports: Collection[int] = SERVICE_PORTS,
) -> NormalURL:
    """The same URL if it may be kept and visited; otherwise InvalidURL with a stable code.

    `own_hosts` are our own addresses, `host` or `host:port`, with a path where only what lies below it
    is ours. Addresses and loopback names inside `allow_networks` may have any port from 1024.
    """
    if own_hosts and _is_own(url, own_hosts):
        raise InvalidURL("this is linkshot's own address", code="url.self")
    if not SITE.fullmatch(url.host) or url.host.endswith(REFUSED_SUFFIXES):
        _check_host(url, allow_networks)
    if url.port is not None:
        _check_port(url.port, url.host, allow_networks, blocked_ports)
    return url


def _is_own(url: NormalURL, own: Collection[str]) -> bool:
    scheme, _, address = url.url.partition("://")
    path = "/" + re.split(r"[?#]", address.partition("/")[2], maxsplit=1)[0]
    host = url.host.rstrip(".")
    names = {host, f"{host}:{url.port or PORTS[scheme]}"}
    if not names.isdisjoint(own):
        return True
    below = [one for one in own if "/" in one and one.partition("/")[0] in names]
    # A slash behind both, so that /linkshot is not the beginning of /linkshot-notes.
    return any(f"{path}/".startswith(f"/{one.partition('/')[2]}/") for one in below)


def _check_host(url: NormalURL, allow_networks: Sequence[str]) -> None:
    name = url.host.rstrip(".")
    if is_ip_address(name):
        address = name.strip("[]")
        if is_blocked(address, allow_networks):
            raise InvalidURL(
                f"{address} is an address of a private network; LINKSHOT_ALLOW_NETWORKS can allow it",
                code="url.address_blocked",
            )
    elif blocked_host_name(name, allow_networks):
        raise _private_name(url, name)


def _private_name(url: NormalURL, name: str) -> InvalidURL:
    if "scheme_added" in url.warnings and "." not in name and not is_loopback_name(name):
        return InvalidURL(
            f"{url.given[:60]!r} is a word, not an address; one looks like "
            "https://example.com/page, a name in your own network like http://nas/",
            code="url.not_an_address",
        )
    name = name[:60]
    if "." not in name and re.match(r"https?:[/\\]{3}", url.given, re.IGNORECASE):
        return InvalidURL(
            f"the link has no host; a browser would read it as http://{name}/",
            code="url.host_missing",
        )
    return InvalidURL(
        f"{name} is a name of a private network, not of a site; LINKSHOT_ALLOW_NETWORKS can allow it",
        code="url.host_blocked",
    )


def _check_port(
    port: int, host: str, allow_networks: Sequence[str], blocked: Collection[int]
) -> None:
    if port in (80, 443):
        return
    if port >= 1024 and (port not in blocked or is_in_allowed_network(host, allow_networks)):
        return
    raise InvalidURL(f"pages are not fetched from port {port}", code="url.port_not_allowed")
