"""Parses the heads of proxy requests, and rewrites them and those of responses. (pure)

Requests come from a page that may be hostile, and are parsed by h11. Heads of responses are only
edited, line by line: servers send much that h11 refuses and Chromium accepts (folded lines, control
characters in values, status lines of all kinds), and which sites can be visited is for the browser
to decide.
"""

import base64
import binascii
import re
from dataclasses import dataclass

import h11

HOP_BY_HOP = frozenset(
    (
        "connection",
        "proxy-connection",
        "proxy-authorization",
        "proxy-authenticate",
        "keep-alive",
        "te",
        "trailer",
        "upgrade",
        "host",
    )
)
"""Not forwarded (RFC 9110 §7.6.1); Host is set from the target (RFC 9112 §3.2.2)."""

MAX_TARGET = 65_536

_TOLERATED = re.compile(rb"(?<!\r)\n|\r(?!\n)|\r\n[ \t]")
"""What h11 reads as RFC 9112 §2.2 and §5.2 permit: bare LF as a line end, and folded lines."""


class BadRequestHead(Exception):
    """A request head that no honest browser sends; the connection is closed."""


class BadResponseHead(Exception):
    """A response head that would mislead the browser; the message is the failure kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyRequest:
    """The head of one request to the proxy."""

    method: str
    host: str
    """Name or address without brackets."""
    port: int
    path: str
    """Empty for a tunnel."""
    headers: tuple[tuple[str, str], ...]
    body_bytes: int

    @property
    def tunnel(self) -> bool:
        """Whether it is a CONNECT."""
        return self.method == "CONNECT"

    @property
    def target(self) -> str:
        """`host:port`, brackets around IPv6."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_request(head: bytes) -> ProxyRequest:
    """The request in `head` (with its empty line); BadRequestHead for anything ambiguous.

    A head that two parsers read differently smuggles a request past the checks, so h11 reads it
    strictly, and what h11 tolerates on top of RFC 9112 is refused here.
    """
    if _TOLERATED.search(head):
        raise BadRequestHead("line ends")
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(head)
    try:
        request = connection.next_event()
    except h11.RemoteProtocolError as exc:
        raise BadRequestHead(str(exc)) from exc
    if not isinstance(request, h11.Request) or request.http_version not in (b"1.0", b"1.1"):
        raise BadRequestHead("no request of HTTP/1")
    method, target = request.method.decode(), request.target.decode()
    if len(target) > MAX_TARGET:
        raise BadRequestHead("target too long")
    if any(name == b"transfer-encoding" for name, _ in request.headers):
        # browsers send it to no proxy; with only a length, where a body ends needs no parser
        raise BadRequestHead("chunked request")
    # h11 has refused contradicting lengths and merged equal ones
    length = next((value for name, value in request.headers if name == b"content-length"), b"0")
    authority, path = (target, "") if method == "CONNECT" else _split(target)
    host, port = _authority(authority, default=None if method == "CONNECT" else 80)
    return ProxyRequest(
        method=method,
        host=host,
        port=port,
        path=path,
        headers=tuple(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in request.headers.raw_items()
        ),
        body_bytes=int(length),
    )


def _split(target: str) -> tuple[str, str]:
    if not target.lower().startswith("http://"):
        raise BadRequestHead("not an absolute http address")
    rest = target[7:]
    end = min((i for i in map(rest.find, "/?#") if i >= 0), default=len(rest))
    path = rest[end:].partition("#")[0]
    return rest[:end], path if path.startswith("/") else f"/{path}"


def _authority(text: str, default: int | None) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, str(default or "")
    if host.startswith("[") != host.endswith("]"):
        raise BadRequestHead("brackets")
    host = host.strip("[]")
    if not host or "@" in host or not (port.isascii() and port.isdigit() and len(port) <= 5):
        raise BadRequestHead("authority")
    if not 0 < int(port) < 65_536:
        raise BadRequestHead("port")
    return host.lower(), int(port)


def credentials(request: ProxyRequest) -> tuple[str, str]:
    """User and password of the request, both empty without."""
    for name, value in request.headers:
        scheme, _, given = value.partition(" ")
        if name.lower() == "proxy-authorization" and scheme.lower() == "basic":
            try:
                user, _, password = base64.b64decode(given, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                return "", ""
            return user, password
    return "", ""


def connect_request(target: str, user: str, password: str) -> bytes:
    """A request for a tunnel to `host:port`, with these credentials."""
    login = base64.b64encode(f"{user}:{password}".encode()).decode()
    lines = [
        f"CONNECT {target} HTTP/1.1",
        f"Host: {target}",
        f"Proxy-Authorization: Basic {login}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def origin_head(request: ProxyRequest) -> bytes:
    """The head for the server: origin form, Host of the target, one request per connection.

    A reused connection could carry a second request past the checks of the first.
    """
    host = request.target.removesuffix(":80")
    lines = [f"{request.method} {request.path} HTTP/1.1", f"Host: {host}", "Connection: close"]
    lines += [
        f"{name}: {value}" for name, value in request.headers if name.lower() not in HOP_BY_HOP
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def response_head(head: bytes) -> bytes:
    """The head of a response with `Connection: close`, so that no connection is reused.

    What is no HTTP/1 head is returned as it is: the browser names the failure better than we could.
    """
    if not (head.startswith(b"HTTP/1") and head.endswith(b"\r\n\r\n")):
        return head
    first, *lines = head.split(b"\r\n\r\n")[0].split(b"\r\n")
    kept = [line for line in lines if line.split(b":")[0].strip().lower() not in _CONNECTION]
    return b"\r\n".join([first, *kept, b"Connection: close", b"", b""])


_CONNECTION = (b"connection", b"proxy-connection", b"keep-alive", b"upgrade")


def header_values(head: bytes, name: bytes) -> list[bytes]:
    """The values of all headers of this name (which is in lower case)."""
    lines = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    return [value.strip() for found, _, value in lines if found.strip().lower() == name]


def is_interim(head: bytes) -> bool:
    """Whether another head follows (1xx)."""
    return head[9:10] == b"1" and head[:5] == b"HTTP/"


def proxy_response(status: str, *headers: str) -> bytes:
    """A response of the proxy itself, without a body."""
    lines = [f"HTTP/1.1 {status}", "Content-Length: 0", "Connection: close", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
