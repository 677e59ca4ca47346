"""Intercepts the main document: reads the server's answer itself, then hands it to the browser.

Every document of the main frame is paused when its answer begins (exchange_recorder.py gives it
here), read whole, capped in bytes and time, and fulfilled to the browser afterwards: as far as it came,
when it has no end within the limits. `page.on("response")`
would not do: the bodies of downloads and PDFs are not available there, a second request could get
another answer, and a body without end would be found out about only when memory is gone. This way
the raw body is in hand after one request, whatever its type, and a file never reaches the browser.
"""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

from crawler.egress.traffic import TrafficMeter
from crawler.page import fetch_domain, page_types
from crawler.page.auth_challenges import AuthChallenges
from crawler.page.body_read_mode import REDIRECTS, is_part
from crawler.page.confinement import Confinement
from crawler.page.exchange_log import ExchangeLog, header_values
from crawler.page.fetch_domain import PageTasks
from crawler.page.steps import is_gone
from linkshot.domain.model import Hop
from linkshot.domain.urls import without_credentials
from linkshot.system.config import Settings

MAX_NAVIGATIONS = 20
TRUNCATED = {
    "bytes": "length", "bomb": "length", "time": "time", "length": "disconnect", "range": "unspecified",
}  # fmt: skip
"""Why a document is not whole → the word of its exchange."""
CUT_PAGE_BYTES, CUT_PAGE_TAGS = 5_000_000, 100_000
"""What is kept of a page that has no end within `body_bytes`. It is not whole anyhow, and as much as this a
browser can show, photograph and freeze; 385,000 elements in 5 MB took it 3 GB and more time than a visit has."""
BOMB_RATIO = 40
"""Decoded bytes for one on the wire, from which a body without an end counts as a decompression bomb. Real
markup reaches 30, DEFLATE 1032 (zlib technical details); what is on the wire may run ahead of what is unpacked."""
BOMB_BYTES = 10_000_000
"""What a bomb has unpacked to when its time is over before it reaches `body_bytes`."""
_HTML_END_MARKS = re.compile(rb"<script|</script|<!--(?:-?>)?|-->|</html")
AFTER_CUT_S = 5.0
"""How long a stream may take to end once its connection was cut."""


@dataclass(slots=True, kw_only=True)
class MainDocument:
    """The server's answer for one document of the main frame."""

    url: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    """Names in lower case; of several equal names the values joined by `, `."""
    media_type: str = ""
    body: bytes = b""
    truncated: str = ""
    """Why the body is not whole: `bytes` (over the limit), `bomb` (over it, out of next to nothing), `time`,
    `length` (it broke off), or `range` (the server sent a part that nobody had asked for)."""
    page: bool = True
    """Whether the browser shows it as a page."""


class MainDocumentInterceptor:
    """Reads and counts the documents of one page's main frame."""

    def __init__(
        self, cdp: CDPSession, meter: TrafficMeter, settings: Settings, log: ExchangeLog
    ) -> None:
        self.cdp = cdp
        self.meter = meter
        self.settings = settings
        self.log = log
        self.frame_id = ""
        self.hops: list[Hop] = []
        self.file: MainDocument | None = None
        """The first main document, when it is no page."""
        self.page: MainDocument | None = None
        """The newest main document that is a page."""
        self.requested_url = ""
        """Address of the newest request for a main document."""
        self.location = ""
        """Target of the newest redirect of a main document."""
        self.answered = asyncio.Event()
        """Set when the first answer that is no redirect has begun."""
        self.auth_challenges = AuthChallenges()
        self.navigations = 0
        self.frozen = False
        """Whether further navigations are refused."""
        self.confinement: Confinement | None = None
        """While set, the page may load itself again and go nowhere else."""
        self._tasks = PageTasks()

    async def start(self) -> None:
        """Find the main frame; before the first navigation."""
        tree = await self.cdp.send("Page.getFrameTree")
        self.frame_id = tree["frameTree"]["frame"]["id"]

    def owns(self, event: dict[str, Any]) -> bool:
        """Whether a Fetch.requestPaused event is of a document of the main frame."""
        return event.get("resourceType") == "Document" and event.get("frameId") == self.frame_id

    def take(self, event: dict[str, Any]) -> None:
        """Handle a paused document, or the failure of one."""
        self._tasks.spawn(self._paused(event))

    def stop(self) -> None:
        """Cancel what is under way."""
        self._tasks.cancel()

    async def idle(self) -> None:
        """Wait until every answer that has begun was fulfilled or refused."""
        await self._tasks.idle()

    async def _paused(self, event: dict[str, Any]) -> None:
        if event.get("responseErrorReason") and self.page is not None:
            # the page navigates to an unreachable address: an error page would replace it
            await self._send("Fetch.failRequest", event, errorReason="Aborted")
        elif event.get("responseErrorReason"):
            await self._continue(event)
        elif "responseStatusCode" not in event:
            await self._request_started(event)
        elif event["responseStatusCode"] in REDIRECTS and header_values(event).get("location"):
            # Chromium follows it itself: its cookies, HSTS and limit of redirects stay in force
            self.location = urljoin(event["request"]["url"], header_values(event)["location"])
            self.hops.append(Hop(url=_address(event)[:8192], status=event["responseStatusCode"]))
            self.log.add(event, datetime.now(UTC))
            await self._continue(event)
        else:
            await self._response_started(event)

    async def _request_started(self, event: dict[str, Any]) -> None:
        self.requested_url = event["request"]["url"]
        # a hop of a redirect is part of the navigation that it began with
        redirected = bool(event.get("redirectedRequestId"))
        self.navigations += not redirected
        confined = self.confinement is not None and not self.confinement.allows(
            event["request"], redirected=redirected
        )
        if confined or (not redirected and (self.frozen or self.navigations > MAX_NAVIGATIONS)):
            await self._send("Fetch.failRequest", event, errorReason="Aborted")
            return
        if not redirected:
            self.hops.clear()
        await self._continue(event)

    async def _response_started(self, event: dict[str, Any]) -> None:
        self.answered.set()
        began = datetime.now(UTC)
        document = _document(event)
        empty = document.status in (204, 205, 304)
        if not empty:
            await self._read_body(event, document)
            document.page = page_types.is_page(document.media_type, document.headers, document.body)
        if document.page and document.truncated == "bytes":
            document.body = beginning(document.body)
        self.log.add(event, began, document.body, TRUNCATED.get(document.truncated, ""))
        if not document.page or empty or document.truncated == "bomb":
            # once there is a page, a download that its scripts start is not the document
            if self.page is None:
                self.file = document
            await self._send("Fetch.failRequest", event, errorReason="Aborted")
            return
        self.page = document
        kind = {"name": "Content-Type", "value": document.media_type}
        more = () if document.headers.get("content-type") else (kind,)
        await fetch_domain.fulfill(self.cdp, event, document.body, more_headers=more)

    async def _read_body(self, event: dict[str, Any], document: MainDocument) -> None:
        handle = (await self._send("Fetch.takeResponseBodyAsStream", event))["stream"]
        limit, body, has_ended = self.settings.body_bytes, bytearray(), False
        until = asyncio.get_running_loop().time() + self.settings.load_timeout_s
        # one byte over the limit tells a body that is too large from one that just fits
        while not has_ended and len(body) <= limit:
            left = limit + 1 - len(body)
            reading = asyncio.ensure_future(fetch_domain.read_chunk(self.cdp, handle, left))
            if not await self._chunk_arrived(reading, until):
                document.truncated = "time"
            piece, has_ended = await _chunk_or_end(reading, document)
            body += piece
        if len(body) > limit:
            del body[limit:]
            document.truncated = "bytes"
        if document.truncated in ("bytes", "time") and self._is_bomb(len(body)):
            document.truncated = "bomb"
        document.body = bytes(body)
        is_short = is_body_incomplete(document) or self.meter.is_broken_off(document.url)
        if not document.truncated and is_short:
            document.truncated = "length"
        if not document.truncated and is_part(document.status, document.headers):
            document.truncated = "range"
        await self.cdp.send("IO.close", {"handle": handle})

    def _is_bomb(self, size: int) -> bool:
        """Whether a body that had no end within its limits came out of next to nothing."""
        large = min(BOMB_BYTES, self.settings.body_bytes)
        return size >= large and size > BOMB_RATIO * self.meter.received

    async def _chunk_arrived(self, reading: "asyncio.Future[Any]", until: float) -> bool:
        """Wait for a chunk; when the server stalls or time is up, cut its connection.

        IO.read cannot be cancelled. Once the connection is cut it returns what came so far.
        """
        clock = asyncio.get_running_loop().time
        quiet_s, asked_at = self.settings.quiet_timeout_s, self.meter.clock()
        while not (await asyncio.wait({reading}, timeout=0.25))[0]:
            # a browser that is busy unpacking what has come is no silent server
            silent_s = self.meter.clock() - max(asked_at, self.meter.last_byte_at)
            if clock() > until or silent_s > quiet_s:
                self.meter.cut_connections()
                return False
        return True

    async def _continue(self, event: dict[str, Any]) -> None:
        answered = "responseStatusCode" in event or "responseErrorReason" in event
        await self._send("Fetch.continueResponse" if answered else "Fetch.continueRequest", event)

    async def _send(self, method: str, event: dict[str, Any], **more: Any) -> Any:
        return await fetch_domain.answer(self.cdp, method, event, **more)


async def _chunk_or_end(
    reading: "asyncio.Future[tuple[bytes, bool]]", document: MainDocument
) -> tuple[bytes, bool]:
    """The next chunk and whether the body has ended; a stream that fails has ended too early."""
    try:
        return await asyncio.wait_for(reading, AFTER_CUT_S)
    except (TimeoutError, PlaywrightError) as exc:
        if is_gone(exc):
            raise
        document.truncated = document.truncated or "length"
        return b"", True


def beginning(body: bytes) -> bytes:
    """So much of the markup as is kept when it has no end. (pure)"""
    tags = re.finditer(b"<", body[:CUT_PAGE_BYTES])
    over = next(islice(tags, CUT_PAGE_TAGS, None), None)
    return body[: over.start() if over else CUT_PAGE_BYTES]


def is_body_incomplete(document: MainDocument) -> bool:
    """Whether the body is shorter than announced. (pure)

    The length counts encoded bytes, so it says nothing about a body that was decoded; an empty one
    is incomplete, too, when its transfer or content encoding announced anything.
    """
    headers, got = document.headers, len(document.body)
    length = headers.get("content-length", "")
    encoded = bool(headers.get("content-encoding"))
    if length.isascii() and length.isdigit() and not encoded:
        return got < int(length)
    return not got and (encoded or "chunked" in headers.get("transfer-encoding", "").lower())


def lacks_html_end(document: MainDocument) -> bool:
    """Whether a page breaks off: it has `<html` and no `</html>`. (pure)

    Chromium does not report that gzip or chunks broke off; the stream of CDP just ends. A body as long as it was
    announced may have been cut before, by a program behind the server: it then ends within a sentence or a tag,
    and pages that leave the closing tag out, as HTML permits, end with another tag.
    """
    headers, body = document.headers, document.body.lower()
    if document.media_type != "text/html" or b"<html" not in body or has_html_end(body):
        return False
    if headers.get("content-length") and not headers.get("content-encoding"):
        return b"</body" not in body and not body.rstrip().endswith(b">")
    return True


def has_html_end(body: bytes) -> bool:
    """Whether `</html` stands in this markup (in lower case) outside scripts and comments. (pure)"""
    inside = b""
    for found in _HTML_END_MARKS.finditer(body):
        mark = found[0]
        if inside == b"<!--":
            inside = b"" if mark.endswith(b"->") else inside
        elif inside:
            inside = b"" if mark == b"</script" else inside
        elif mark == b"</html":
            return True
        elif mark in (b"<script", b"<!--"):
            inside = mark
    return False


def _address(event: dict[str, Any]) -> str:
    """The document's address, without credentials that a redirect put before its host."""
    return without_credentials(str(event["request"]["url"]))


def _document(event: dict[str, Any]) -> MainDocument:
    headers = header_values(event)
    return MainDocument(
        url=_address(event),
        status=event["responseStatusCode"],
        headers=headers,
        media_type=page_types.essence(headers.get("content-type", "")),
    )
