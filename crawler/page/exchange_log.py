"""Collects the HTTP exchanges of one page, within limits and without secrets."""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crawler.egress.traffic import host_and_port
from crawler.page.body_read_mode import MAX_BODY_BYTES, is_whole_range
from linkshot.domain.model import Exchange, TlsParameters
from linkshot.domain.urls import without_credentials

MAX_EXCHANGES = 10_000
MAX_TOTAL_BYTES = 100_000_000
"""All bodies of one page together; those after it are recorded without their bytes."""
MAX_URL = 65_536
MAX_HEADER = 8192
MAX_RECORDED_URL = 2048
"""Characters of an address in the manifest's list of bodies that are not whole."""
WITHHELD = "net::ERR_BLOCKED_BY_ORB"
SECRET_HEADERS = frozenset(
    (
        "set-cookie",
        "set-cookie2",
        "cookie",
        "authorization",
        "proxy-authorization",
        "www-authenticate",
        "proxy-authenticate",
    )
)
"""Never recorded: snapshots are shared."""
HOP_BY_HOP_HEADERS = frozenset(
    ("connection", "proxy-connection", "keep-alive", "trailer", "transfer-encoding", "upgrade")
)
"""The browser's cache drops them (Chromium's HttpResponseHeaders::PERSIST_SANS_HOP_BY_HOP)."""
ADDRESS_HEADERS = frozenset(("location", "content-location", "referer", "refresh"))
"""Their values can hold credentials before a host."""

Headers = tuple[tuple[str, str], ...]


class ExchangeLog:
    """The exchanges of a page in the order of their answers."""

    def __init__(self, peers: Mapping[str, str], tls: Mapping[str, TlsParameters]) -> None:
        self.left_out = 0
        """Exchanges beyond MAX_EXCHANGES."""
        self.cut = 0
        """Bodies that are not whole because of our limits."""
        self.withheld: list[str] = []
        """Addresses whose answers the browser withheld from the page, as it does with some of other sites (Opaque
        Response Blocking); what was in them it tells nobody, so they are not recorded."""
        self.truncated: list[dict[str, str]] = []
        """Address and reason of each body that is not whole."""
        self._peers = peers
        """`host:port` → address connected to."""
        self._tls = tls
        """`host:port` → what was agreed on."""
        self._found: list[Exchange] = []
        self._room = MAX_TOTAL_BYTES
        self._cacheable: set[tuple[str, Headers]] = set()

    def add(
        self, event: dict[str, Any], at: datetime, body: bytes = b"", truncated: str = ""
    ) -> None:
        """Record the exchange of a Fetch.requestPaused event whose answer began at `at`."""
        request, status = event["request"], event["responseStatusCode"]
        whole_range = status == 206 and not truncated and is_whole_range(header_values(event))
        self._add(
            url=request["url"],
            method=request["method"],
            # the whole file, which was asked for as a range, serves any other request of it
            status=200 if whole_range else status,
            reason="OK" if whole_range else event.get("responseStatusText") or "",
            request_headers=_recorded(request["headers"].items()),
            response_headers=tuple(
                (name, value)
                for name, value in response_headers(event)
                if not (whole_range and name.lower() == "content-range")
            ),
            body=body,
            resource_type=event.get("resourceType", "other").lower(),
            started_at=at,
            truncated=truncated,
            post_data=post_data(request),
        )

    def add_loaded(
        self, url: str, headers: Mapping[str, str], body: bytes, resource_type: str
    ) -> None:
        """Record a file that was loaded in the page's name beside the page's own requests."""
        self._add(
            url=url,
            method="GET",
            status=200,
            reason="OK",
            response_headers=_recorded(headers.items()),
            body=body,
            resource_type=resource_type,
            started_at=datetime.now(UTC),
        )

    def _add(self, *, url: str, body: bytes, truncated: str = "", **facts: Any) -> None:
        if len(self._found) >= MAX_EXCHANGES or len(url) > MAX_URL:
            self.left_out += 1
            return
        if len(body) > self._room:
            body, truncated = b"", "length"
        self._room -= len(body)
        self.cut += truncated == "length"
        address = without_credentials(url).partition("#")[0]
        target, secure = host_and_port(url), url.startswith("https:")
        if truncated:
            self.truncated.append({"url": address[:MAX_RECORDED_URL], "reason": truncated})
        made = Exchange(
            url=address,
            body=body,
            truncated=truncated,
            remote_address=self._peers.get(target, ""),
            tls=agreed.version if (agreed := self._tls.get(target)) and secure else "",
            **facts,
        )
        self._found.append(made)
        if made.method == "GET" and not truncated and _may_be_cached(made.response_headers):
            self._cacheable.add((address, _cached(made.response_headers)))

    def add_failed(self, url: str, failure: str) -> None:
        """Note a request that failed in the browser, when that was because its answer was withheld."""
        if failure == WITHHELD and len(self.withheld) < MAX_EXCHANGES:
            self.withheld.append(without_credentials(url).partition("#")[0][:MAX_RECORDED_URL])

    def is_repeated(self, event: dict[str, Any]) -> bool:
        """Whether an answer is that of an exchange before, from the browser's cache.

        The HTTP cache hands out the same head, its `Date` included, and CDP does not tell.
        """
        request = event["request"]
        address = without_credentials(request["url"]).partition("#")[0]
        if request["method"] != "GET":
            return False
        return (address, _cached(response_headers(event))) in self._cacheable

    def whole(self, url: str) -> Exchange | None:
        """The exchange that brought the whole file at this address."""
        address = without_credentials(url).partition("#")[0]
        whole = (
            one
            for one in self._found
            if one.url == address and one.status == 200 and not one.truncated
        )
        return next(whole, None)

    def in_order(self) -> tuple[Exchange, ...]:
        """All of them, in the order in which their answers began."""
        return tuple(sorted(self._found, key=lambda one: one.started_at))


def response_headers(event: dict[str, Any]) -> Headers:
    """The headers of the answer that may be kept. (pure)"""
    return _recorded((one["name"], one["value"]) for one in event.get("responseHeaders", ()))


def header_values(event: dict[str, Any]) -> dict[str, str]:
    """Name in lower case → value; of several equal names the values joined by `, `. (pure)"""
    found: dict[str, str] = {}
    for one in event.get("responseHeaders", ()):
        name = one["name"].lower()
        found[name] = f"{found[name]}, {one['value']}" if name in found else one["value"]
    return found


def _recorded(headers: Any) -> Headers:
    return tuple(
        (name, without_credentials(value) if name.lower() in ADDRESS_HEADERS else value)
        for name, value in ((name, str(value)[:MAX_HEADER]) for name, value in headers)
        if name.lower() not in SECRET_HEADERS and not name.startswith(":")
    )


def _cached(headers: Headers) -> Headers:
    return tuple(one for one in headers if one[0].lower() not in HOP_BY_HOP_HEADERS)


def _may_be_cached(headers: Headers) -> bool:
    """Whether a browser may answer again with it (RFC 9111 §4.2)."""
    known = {name.lower(): value.lower() for name, value in headers}
    control = known.get("cache-control", "")
    dated = "max-age" in control or not known.keys().isdisjoint(
        ("expires", "last-modified", "etag")
    )
    return dated and "no-store" not in control


def post_data(request: dict[str, Any]) -> bytes:
    """The body of a request of CDP, as far as CDP tells it. (pure)"""
    try:
        return b"".join(
            base64.b64decode(entry.get("bytes", "")) for entry in request.get("postDataEntries", ())
        )[:MAX_BODY_BYTES]
    except (binascii.Error, TypeError):
        return b""
