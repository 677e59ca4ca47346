"""Rejects bad requests before any work, and sets security headers on every response.

Pure ASGI, around routes and authentication: rejected requests do no further work.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from linkshot.errors import Forbidden, InvalidInput, LinkshotError
from linkshot.system.config import Settings
from linkshot.use_cases import uploads
from web import problem_details
from web.security.base_path import route_path
from web.security.forwarded import ORIGINAL_HOST

logger = logging.getLogger(__name__)

MIB = 1024 * 1024
BODY_BYTES = 10 * MIB
UPLOAD_BYTES = 256 * MIB
"""Limit of an import file; it is streamed, never held in memory."""
BODY_S = 30.0
"""Timeout of a whole body; of an upload the timeout between two chunks, seconds."""
UPLOADS = ("/import", "/api/v1/imports")
FORMS = (*UPLOADS, "/api/v1/cookies")
"""Paths below /api that take a form with a file."""
PAGE_UPLOAD = re.compile(r"/links/[^/]+/upload|/api/v1/(?:uploads|links/[^/]+/snapshots)")
"""Paths that take a saved page."""
PAGE_TYPES = (
    "multipart/form-data",
    "text/html",
    "multipart/related",
    "application/x-mimearchive",
    "application/wacz",
    "application/warc",
)
"""How it comes: in a form or as it is. No page of another site can send any but the first without asking
first (CORS-safelisted types, Fetch §2.2.2)."""
PAGE_BYTES = uploads.MAX_BYTES + MIB
"""The rest is for the other fields of the form."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
ANY_ADDRESS = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  # what is refused as a name
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; frame-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), "
        "fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), "
        "payment=(), picture-in-picture=(), publickey-credentials-get=(), "
        "screen-wake-lock=(), usb=(), xr-spatial-tracking=()"
    ),
    "Cache-Control": "private, no-cache",
}
"""Set on every response that does not set its own."""


class BodyRejected(HTTPException):
    """A body that proved too large or too slow while it was read."""

    def __init__(self, error: LinkshotError) -> None:
        super().__init__(problem_details.status_of(error), error.message)
        self.error = error


class RequestGuard:
    """Checks method, host, origin and content of a request; catches what routes raise."""

    def __init__(
        self, app: ASGIApp, settings: Settings, on_error: Callable[[Scope], ASGIApp]
    ) -> None:
        self.app = app
        self.settings = settings
        self.on_error = on_error
        """Renders the response to an unexpected exception."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Rejects the request or passes it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        secured = _SecurityHeaders(send, head=head)
        error = rejection(scope, self.settings)
        if error is not None:
            await problem_details.from_error(error)(scope, receive, secured)
            return
        inner = {**scope, "method": "GET"} if head else scope
        try:
            await self.app(inner, _limit_body(receive, route_path(scope)), secured)
        except Exception:
            logger.exception("A request failed", extra={"path": _logged(scope)})
            if not secured.started:
                await self.on_error(scope)(scope, receive, secured)


def _logged(scope: Scope) -> str:
    """The path without the token that it may hold."""
    return re.sub(r"/replay/[^/]*", "/replay/…", str(scope["path"])[:200])


def rejection(scope: Scope, settings: Settings) -> LinkshotError | None:
    """Why the request is rejected by its head alone; None when it is not."""
    method = scope["method"]
    # TRACE sends a request's cookies back in the body (RFC 9110 §9.3.8), CONNECT is for proxies
    if method in ("TRACE", "CONNECT", "TRACK"):
        return InvalidInput(f"{method} is not answered.", code="method")
    headers = Headers(scope=scope)
    own = (scope.get("server") or ("", 0))[0]
    sent = scope.get(ORIGINAL_HOST)
    return (
        reject_host(headers.getlist("host"), own, settings)
        or (sent and reject_host([sent], own, settings))
        or (
            None
            if _is_token_upload(route_path(scope), headers)
            else _reject_origin(method, headers, sent or headers["host"], settings)
        )
        or _reject_content(method, route_path(scope), headers)
    )


def reject_host(given: list[str], own: str, settings: Settings) -> LinkshotError | None:
    """Accepts known host names only, against DNS rebinding.

    IP addresses cannot be rebound: when listening on every address, any of them is accepted.
    """
    if len(given) != 1:
        return InvalidInput("A request names one host.", code="host.invalid")
    name = host_name(given[0])
    known = {own, settings.host, settings.public.host, *settings.allowed_hosts} - ANY_ADDRESS
    if name in LOOPBACK_NAMES | {item.lower() for item in known}:
        return None
    if settings.host in ANY_ADDRESS and name not in ANY_ADDRESS:
        with suppress(ValueError):
            ip_address(name)
            return None
    return Forbidden(
        f"This linkshot does not answer to the name {name[:100]!r}; add it to the setting "
        "allowed_hosts (LINKSHOT_ALLOWED_HOSTS) if it is yours.",
        code="host.not_allowed",
    )


def host_name(value: str) -> str:
    """The name in a Host header or authority: lower case, without port and brackets."""
    try:
        return (urlsplit(f"//{value}").hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address we listen on."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_token_upload(path: str, headers: Headers) -> bool:
    """Whether an extension or program sends a page with a token. Its origin is its own, and no page of
    another site can send this header: that takes a preflight (Fetch §4.8), which is not granted."""
    is_upload = path.startswith("/api/") and PAGE_UPLOAD.fullmatch(path) is not None
    return is_upload and headers.get("authorization", "").lower().startswith("bearer ")


def _reject_origin(
    method: str, headers: Headers, sent: str, settings: Settings
) -> LinkshotError | None:
    """CSRF check: a change must come from our own pages or from a program without an origin."""
    if method in SAFE_METHODS:
        return None
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    own = (
        origin is None
        or origin == settings.public.origin
        or _is_same_origin(origin, site, headers, sent)
    )
    foreign_site = site is not None and site not in ("same-origin", "none")
    unknown = origin is None and site is None and "cookie" in headers
    if own and not foreign_site and not unknown:
        return None
    return Forbidden(
        "Changes are only taken from linkshot's own pages."
        + _other_port(origin or "", headers["host"]),
        code="csrf",
    )


def _is_same_origin(origin: str, site: str | None, headers: Headers, sent: str) -> bool:
    """Host and port; the scheme may have been changed by a proxy that ends TLS.

    Where a proxy dropped the port, the browser's word counts that the page is of the same origin:
    no page can set that header (Fetch Metadata §2.3), and the host is one that is answered to.
    """
    scheme, _, authority = origin.lower().partition("://")
    if scheme not in ("http", "https"):
        return False
    hosts = {headers["host"].lower(), sent.lower()}
    same_host = host_name(authority) in map(host_name, hosts)
    return authority in hosts or (site == "same-origin" and same_host)


def _other_port(origin: str, host: str) -> str:
    """Advice when only the port differs: most likely a proxy drops it."""
    authority = origin.partition("://")[2]
    if not authority or host_name(authority) != host_name(host):
        return ""
    return (
        f" This one comes from {origin[:100]}, sent to {host[:100]}: if that is a proxy of yours, let "
        "it pass Host with its port, or set LINKSHOT_PUBLIC_URL."
    )


def _reject_content(method: str, path: str, headers: Headers) -> LinkshotError | None:
    # a request has a body when one of the two headers says so (RFC 9112 §6)
    if method in SAFE_METHODS or not ("transfer-encoding" in headers or _length(headers) > 0):
        return None
    if headers.get("content-encoding", "identity").lower() != "identity":
        return InvalidInput("A body comes as it is, not compressed.", code="content.encoding")
    if _length(headers) > limit_of(path):
        return too_large(path)
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    upload = path in FORMS and kind == "multipart/form-data"
    upload = upload or (PAGE_UPLOAD.fullmatch(path) is not None and kind in PAGE_TYPES)
    if path.startswith("/api/") and kind != "application/json" and not upload:
        return InvalidInput(
            "The API takes application/json.", code="content.type", field="Content-Type"
        )
    return None


def _length(headers: Mapping[str, str]) -> int:
    value = headers.get("content-length", "0")
    return int(value) if value.isascii() and value.isdigit() else 0


def limit_of(path: str) -> int:
    """Bytes a body to this path may have."""
    if path in UPLOADS:
        return UPLOAD_BYTES
    return PAGE_BYTES if PAGE_UPLOAD.fullmatch(path) else BODY_BYTES


def too_large(path: str) -> LinkshotError:
    """The refusal of a longer one."""
    mib = limit_of(path) // MIB
    if PAGE_UPLOAD.fullmatch(path):
        return uploads.too_large()
    return InvalidInput(f"At most {mib} MiB are taken here.", code="body.too_large")


def _limit_body(receive: Receive, path: str) -> Receive:
    """Wraps `receive` with the size limit and timeout of a body."""
    left, begun = limit_of(path), asyncio.get_running_loop().time()
    complete = False
    is_upload = path in UPLOADS or PAGE_UPLOAD.fullmatch(path) is not None

    async def limited() -> Message:
        nonlocal left, complete
        if complete:
            return await receive()
        now = asyncio.get_running_loop().time()
        patience = BODY_S if is_upload else begun + BODY_S - now
        try:
            message = await asyncio.wait_for(receive(), max(patience, 0.001))
        except TimeoutError:
            slow = InvalidInput("The body took too long to arrive.", code="body.slow")
            raise BodyRejected(slow) from None
        left -= len(message.get("body", b""))
        if left < 0:
            raise BodyRejected(too_large(path))
        complete = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    return limited


class _SecurityHeaders:
    """Wraps `send`: adds HEADERS, and drops the body of a response to HEAD."""

    def __init__(self, send: Send, *, head: bool) -> None:
        self.send = send
        self.head = head
        self.started = False
        self._ended = False

    async def __call__(self, message: Message) -> None:
        if self._ended:
            return
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        elif self.head and message["type"] == "http.response.body":
            message, self._ended = {"type": "http.response.body", "body": b""}, True
        await self.send(message)
