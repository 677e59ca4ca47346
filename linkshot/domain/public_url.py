"""The address under which people reach the web interface, when a reverse proxy stands before it. (pure)"""

import re
from dataclasses import dataclass
from functools import lru_cache

from ada_url import URL

BASE_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
"""Segments of unreserved characters (RFC 3986 §2.3): written alike in addresses, cookies and configs."""
PORTS = {"http": "80", "https": "443"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicAddress:
    """The proxy's public origin and the path below which it forwards requests."""

    origin: str = ""
    """`https://links.example.org:8443` as browsers write it (RFC 6454 §6.1); empty = not known."""
    base_path: str = ""
    """`/linkshot`, without a slash at its end; empty = the whole host is ours."""

    @property
    def url(self) -> str:
        """The address of the first page without its last slash; empty when the origin is not known."""
        return f"{self.origin}{self.base_path}" if self.origin else ""

    @property
    def authority(self) -> str:
        """Host, and the port when it is not the usual one."""
        return self.origin.partition("://")[2]

    @property
    def host(self) -> str:
        """The host alone."""
        return URL(self.origin).hostname if self.origin else ""

    @property
    def names(self) -> tuple[str, ...]:
        """`host:port/path` for whatever lies there; both usual ports where the usual one is meant."""
        if not self.origin:
            return ()
        port = URL(self.origin).port
        ports = (port,) if port else tuple(PORTS.values())
        return tuple(f"{self.host}:{one}{self.base_path}" for one in ports)


def base_path(text: str) -> str:
    """The path as it is put before others; ValueError says what it must be."""
    path = text.rstrip("/")
    segments = path.split("/")
    if path and (not BASE_PATH.fullmatch(path) or "." in segments or ".." in segments):
        raise ValueError("must be a path of letters, digits and -._~, like /linkshot")
    return path


@lru_cache(maxsize=8)
def public_address(public_url: str, given_path: str) -> PublicAddress:
    """Of the settings `public_url` and `base_path`; ValueError says what is wrong with `public_url`."""
    path = base_path(given_path)
    if not public_url:
        return PublicAddress(base_path=path)
    wrong = ValueError("must be an address like https://links.example.org or https://…/linkshot")
    try:
        parsed = URL(public_url)
        own_path = base_path(parsed.pathname)
    except ValueError:
        raise wrong from None
    odd = parsed.username or parsed.password or parsed.search or parsed.hash
    if parsed.protocol not in ("http:", "https:") or odd or not parsed.hostname:
        raise wrong
    if own_path and path and own_path != path:
        raise ValueError(f"ends in {own_path} while base_path is {path}; one of them is enough")
    return PublicAddress(origin=parsed.origin, base_path=own_path or path)
