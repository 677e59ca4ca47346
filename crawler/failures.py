"""Translates failures of Scrapy, Playwright and the network into ours."""

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from crawler.egress.traffic import TrafficMeter
from linkshot.domain.failure_details import detail_text
from linkshot.domain.failures import make_failure
from linkshot.domain.model import Failure
from linkshot.errors import InvalidURL

MAX_RETRY_AFTER_S = 86_400.0

NETWORK = {
    "ERR_NAME_NOT_RESOLVED": "dns",
    "ERR_TOO_MANY_REDIRECTS": "redirects",
    "ERR_UNSAFE_REDIRECT": "redirect_scheme",
    "ERR_UNKNOWN_URL_SCHEME": "redirect_scheme",
    "ERR_RESPONSE_HEADERS_TOO_BIG": "headers",
    "ERR_INVALID_HTTP_RESPONSE": "headers",
    "ERR_RESPONSE_HEADERS_MULTIPLE_LOCATION": "headers",
    "ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH": "headers",
    "ERR_INVALID_REDIRECT": "redirects",
    "ERR_TIMED_OUT": "timeout",
    "ERR_CONNECTION_TIMED_OUT": "timeout",
    "ERR_INVALID_URL": "bad_url",
    "ERR_DISALLOWED_URL_SCHEME": "bad_url",
    "ERR_BAD_SSL_CLIENT_AUTH_CERT": "tls",
    "ERR_UNSAFE_PORT": "address_blocked",
    "ERR_BLOCKED_BY_CLIENT": "blocked",
    "ERR_BLOCKED_BY_RESPONSE": "blocked",
    "ERR_OUT_OF_MEMORY": "memory",
    "ERR_INSUFFICIENT_RESOURCES": "memory",
    "ERR_ABORTED": "navigation",
}
"""Chromium's error code → kind; the others are `connect`."""

PREFIXES = (
    ("ERR_PROXY_", "internal"),
    ("ERR_CERT_", "tls"),
    ("ERR_SSL_", "tls"),
    ("ERR_CONTENT_DECODING", "headers"),
)


class VisitFailed(Exception):
    """A visit ended without a page; `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.kind}: {failure.detail}")
        self.failure = failure


class VisitAborted(Exception):
    """We broke the visit off; its delivery is returned and the attempt not counted."""


def failed(kind: str, detail: str = "", retry_after_s: float | None = None) -> VisitFailed:
    """An exception with the failure of this kind."""
    return VisitFailed(make_failure(kind, detail, retry_after_s))


def navigation_failure(message: str, requested: str, meter: TrafficMeter) -> Failure:
    """Why the browser could not open `requested`; what the egress proxy saw takes precedence.

    To the browser every failure of the proxy is the same ERR_TUNNEL_CONNECTION_FAILED.
    """
    found = re.search(r"net::(ERR_[A-Z0-9_]+)", message)
    code = found[1] if found else ""
    target = target_of(requested)
    if target not in meter.failures:
        # Chromium upgrades http to https for hosts it knows (HSTS, RFC 6797 §8.3)
        secure = target_of(requested.replace("http://", "https://", 1))
        target = secure if secure in meter.failures else target
    if meter.limit_exceeded or target in meter.failures:
        kind = "too_large" if meter.limit_exceeded else meter.failures[target]
        # the browser reports a failed tunnel or an empty response whatever the proxy met
        said = "" if code == "ERR_TUNNEL_CONNECTION_FAILED" else code
        return make_failure(kind, f"{target} {meter.error_codes.get(target, '') or said}")
    if not code:
        return make_failure("timeout" if "Timeout" in message else "navigation", message)
    return make_failure(kind_of(code), code)


def kind_of(code: str) -> str:
    """The kind of a Chromium network error."""
    for prefix, kind in PREFIXES:
        if code.startswith(prefix):
            return kind
    return NETWORK.get(code, "connect")


def exception_failure(exc: BaseException) -> Failure:
    """The failure for any exception of a download or a callback."""
    if isinstance(exc, VisitFailed):
        return exc.failure
    if isinstance(exc, InvalidURL):
        inside = exc.code in ("url.address_blocked", "url.host_blocked")
        return make_failure(
            "address_blocked" if inside else "bad_url", f"{exc.code}: {exc.message}"
        )
    if type(exc).__name__ == "IgnoreRequest":
        return make_failure("robots", detail_text("robots.forbids"))
    return make_failure("internal", f"{type(exc).__name__}: {exc}")


def stage_of(exc: BaseException) -> str:
    """The module of ours in which an exception was raised, e.g. `pipelines.text`."""
    found = "scrapy"
    trace = exc.__traceback__
    while trace is not None:
        name = str(trace.tb_frame.f_globals.get("__name__", ""))
        if name.startswith(("pipelines.", "crawler.")):
            found = name
        trace = trace.tb_next
    return found


def target_of(url: str) -> str:
    """`host:port` of an address, as the egress proxy notes it."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds of a Retry-After header (RFC 9110 §10.2.3), at most a day; None when unreadable."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), MAX_RETRY_AFTER_S)
    try:
        at = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now.timestamp()
    return min(max(math.ceil(seconds), 0.0), MAX_RETRY_AFTER_S)
