"""What did the server answer for the page's own address?

Every document of the main frame is stopped when its answer begins, read whole by us (capped in
bytes and time), and handed to the browser afterwards. So the raw body is in hand, whatever its
type, after one request; and a document that is no page never reaches the browser.
"""

import asyncio
import base64
import http
import logging
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

from crawler.egress.traffic import Account
from crawler.page import page_types
from crawler.page.auth_challenges import Logins
from linkshot.domain.model import Hop
from linkshot.domain.urls import without_credentials
from linkshot.system.config import Settings

logger = logging.getLogger(__name__)

PIECE = 1 << 20
"""Bytes read at a time; a whole body in one message can end the driver."""
MAX_NAVIGATIONS = 20
REDIRECTS = frozenset((301, 302, 303, 307, 308))
_STATUSES = frozenset(http.HTTPStatus)
UNSENT = frozenset(("content-length", "content-encoding", "transfer-encoding"))
"""Headers that no longer fit a body read and decoded."""


@dataclass(slots=True, kw_only=True)
class Document:
    """The answer for one main document."""

    url: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    """Names in lower case; of several equal names the values joined by `, `."""
    media_type: str = ""
    body: bytes = b""
    truncated: str = ""
    """Why the body is not whole: `bytes`, `time` or `length` (it broke off)."""
    page: bool = True
    """Whether the browser shows it as a page."""


class Documents:
    """Reads and counts the documents of one page's main frame."""

    def __init__(
        self, cdp: CDPSession, account: Account, password: str, settings: Settings
    ) -> None:
        self.cdp = cdp
        self.account = account
        self.password = password
        self.settings = settings
        self.frame_id = ""
        self.hops: list[Hop] = []
        self.file: Document | None = None
        """The first main document, when it is no page."""
        self.page: Document | None = None
        """The newest main document that is a page."""
        self.asked = ""
        """Address of the newest request for a main document."""
        self.location = ""
        """Where the newest redirect of a main document led."""
        self.answered = asyncio.Event()
        """Set when the first answer that is no redirect has begun."""
        self.logins = Logins()
        self.navigations = 0
        self.held = False
        """Whether further navigations are refused."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to stop documents; before the first navigation."""
        tree = await self.cdp.send("Page.getFrameTree")
        self.frame_id = tree["frameTree"]["frame"]["id"]
        self.cdp.on("Fetch.requestPaused", lambda event: self._spawn(self._paused(event)))
        self.cdp.on("Fetch.authRequired", lambda event: self._spawn(self._asked(event)))
        stages = ("Request", "Response")
        patterns = [{"resourceType": "Document", "requestStage": stage} for stage in stages]
        await self.cdp.send("Fetch.enable", {"handleAuthRequests": True, "patterns": patterns})

    def stop(self) -> None:
        """Forget what is under way."""
        for task in self._tasks:
            task.cancel()

    async def idle(self) -> None:
        """Wait until every answer that has begun was handed to the browser or refused."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(_quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _asked(self, event: dict[str, Any]) -> None:
        """The proxy gets the page's credentials, servers get none: their 401 is the answer."""
        answer = {"response": "CancelAuth"}
        if event["authChallenge"].get("source") == "Proxy":
            answer = {
                "response": "ProvideCredentials",
                "username": self.account.name,
                "password": self.password,
            }
        else:
            self.logins.asked(event, self.frame_id)
        await self._send("Fetch.continueWithAuth", event, authChallengeResponse=answer)

    async def _paused(self, event: dict[str, Any]) -> None:
        if event.get("frameId") != self.frame_id:
            await self._let_go(event)
        elif event.get("responseErrorReason"):
            await self._broke(event)
        elif "responseStatusCode" not in event:
            await self._requested(event)
        elif event["responseStatusCode"] in REDIRECTS and _header(event, "location"):
            self.location = urljoin(event["request"]["url"], _header(event, "location"))
            self.hops.append(Hop(url=_address(event)[:8192], status=event["responseStatusCode"]))
            await self._let_go(event)
        else:
            await self._answered(event)

    async def _broke(self, event: dict[str, Any]) -> None:
        """A page that leaves for an address that cannot be reached stays; it is the page."""
        if self.page is None:
            await self._let_go(event)
        else:
            await self._send("Fetch.failRequest", event, errorReason="Aborted")

    async def _requested(self, event: dict[str, Any]) -> None:
        self.asked = event["request"]["url"]
        redirected = bool(event.get("redirectedRequestId"))
        self.navigations += not redirected
        if not redirected and (self.held or self.navigations > MAX_NAVIGATIONS):
            await self._send("Fetch.failRequest", event, errorReason="Aborted")
            return
        if not redirected:
            self.hops.clear()
        await self._let_go(event)

    async def _answered(self, event: dict[str, Any]) -> None:
        self.answered.set()
        document = _document(event)
        empty = document.status in (204, 205, 304)
        if not empty:
            await self._read(event, document)
            document.page = page_types.is_page(document.media_type, document.headers, document.body)
        if not document.page or empty or document.truncated == "bytes":
            if self.page is None:
                self.file = document
            await self._send("Fetch.failRequest", event, errorReason="Aborted")
            return
        self.page = document
        await self._hand_over(event, document)

    async def _read(self, event: dict[str, Any], document: Document) -> None:
        taken = await self._send("Fetch.takeResponseBodyAsStream", event)
        handle = taken["stream"]
        pieces: list[bytes] = []
        left = self.settings.body_bytes
        clock = asyncio.get_running_loop().time
        until = clock() + self.settings.load_timeout_s
        while left > 0:
            reading = asyncio.ensure_future(
                self.cdp.send("IO.read", {"handle": handle, "size": min(PIECE, left + 1)})
            )
            if not await self._piece_came(reading, until):
                document.truncated = "time"
            piece = await asyncio.wait_for(reading, 5)
            data = piece["data"]
            pieces.append(base64.b64decode(data) if piece.get("base64Encoded") else data.encode())
            left -= len(pieces[-1])
            if piece["eof"]:
                break
        document.body = b"".join(pieces)[: self.settings.body_bytes]
        if left < 0:
            document.truncated = "bytes"
        elif broke_off(document):
            document.truncated = "length"
        await self.cdp.send("IO.close", {"handle": handle})

    async def _piece_came(self, reading: "asyncio.Future[Any]", until: float) -> bool:
        """Wait for a piece; when the server falls silent or time is up, cut its connection."""
        clock = asyncio.get_running_loop().time
        patience = self.settings.quiet_timeout_s
        while not (await asyncio.wait({reading}, timeout=0.25))[0]:
            silent = self.account.clock() - self.account.last_byte_at
            if clock() > until or silent > patience:
                self.account.cut_connections()
                return False
        return True

    async def _hand_over(self, event: dict[str, Any], document: Document) -> None:
        headers = [h for h in event["responseHeaders"] if h["name"].lower() not in UNSENT]
        if not document.headers.get("content-type"):
            headers.append({"name": "Content-Type", "value": document.media_type})
        await self._send(
            "Fetch.fulfillRequest",
            event,
            responseCode=document.status,
            responsePhrase=_phrase(document.status),
            responseHeaders=headers,
            body=base64.b64encode(document.body).decode("ascii"),
        )

    async def _let_go(self, event: dict[str, Any]) -> None:
        answered = "responseStatusCode" in event or "responseErrorReason" in event
        await self._send("Fetch.continueResponse" if answered else "Fetch.continueRequest", event)

    async def _send(self, method: str, event: dict[str, Any], **more: Any) -> Any:
        return await self.cdp.send(method, {"requestId": event["requestId"], **more})


def _phrase(status: int) -> str:
    """The browser has none for statuses that nobody defined, and refuses an answer without one."""
    return http.HTTPStatus(status).phrase if status in _STATUSES else "Unknown"


def broke_off(document: Document) -> bool:
    """Whether the body is shorter than it was said to be; with nothing of it, also when only
    its transfer or content encoding says that there was to be something. (pure)"""
    headers, got = document.headers, len(document.body)
    length = headers.get("content-length", "")
    encoded = bool(headers.get("content-encoding"))
    if length.isascii() and length.isdigit() and not encoded:
        return got < int(length)
    return not got and (encoded or "chunked" in headers.get("transfer-encoding", "").lower())


def unended(document: Document) -> bool:
    """Whether a page whose length nobody said, or said of the packed bytes only, breaks off: it
    begins `<html` and never ends it. The browser does not tell that its gzip or its chunks broke off
    (CDP: the stream just ends). (pure)"""
    headers = document.headers
    if document.media_type != "text/html" or not document.body:
        return False
    if headers.get("content-length") and not headers.get("content-encoding"):
        return False
    body = document.body.lower()
    return b"<html" in body and b"</html" not in body


def _address(event: dict[str, Any]) -> str:
    """Where a document was asked for, without what a redirect put before its host."""
    return without_credentials(str(event["request"]["url"]))


def _header(event: dict[str, Any], name: str) -> str:
    found = [h["value"] for h in event.get("responseHeaders", ()) if h["name"].lower() == name]
    return ", ".join(found)


def _document(event: dict[str, Any]) -> Document:
    names = dict.fromkeys(h["name"].lower() for h in event.get("responseHeaders", ()))
    headers = {name: _header(event, name) for name in names}
    return Document(
        url=_address(event),
        status=event["responseStatusCode"],
        headers=headers,
        media_type=page_types.essence(headers.get("content-type", "")),
    )


async def _quietly(work: Awaitable[None]) -> None:
    """The page may vanish at any moment; what is then still to be said to it does not matter."""
    try:
        await work
    except (PlaywrightError, TimeoutError) as exc:
        logger.debug("A document was given up", extra={"reason": str(exc)[:200]})
