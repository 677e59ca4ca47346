"""Records every HTTP exchange of a page: the one owner of the CDP Fetch domain.

Each answer is paused when its head is there, read, and passed on to the page, so that a body
crosses the network once. This sees redirects, preflights, dedicated workers and frames of other
sites too, as long as the browser runs without site isolation (crawler/browser/launch.py).
Documents of the main frame are handed to MainDocumentInterceptor.
"""

import asyncio
import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

from crawler.egress.traffic import TrafficMeter
from crawler.page import fetch_domain, network_resource
from crawler.page.body_read_mode import MAX_BODY_BYTES, ReadMode, read_mode
from crawler.page.exchange_log import ExchangeLog, header_values
from crawler.page.fetch_domain import PageTasks
from crawler.page.main_document import MainDocumentInterceptor
from linkshot.system.config import Settings

MAX_PASSED_BYTES = 32_000_000
"""The longest body of unknown length that a page gets; a request with a longer one fails."""
FINISH_S = 1.0
"""How long answers under way are waited for once the page was captured."""
MAX_RANGED_FILES, RANGED_FILE_S = 10, 5.0
"""Files of which a page asked for parts only, and the limit for loading all of them whole."""
UNREAD = {
    ReadMode.ENDLESS: "unspecified",
    ReadMode.RANGE: "unspecified",
    ReadMode.TOO_LARGE: "length",
    ReadMode.NO_BODY: "",
}
"""How an answer is not read → the word for its body."""


@dataclass(slots=True, eq=False)
class _Answer:
    """An answer whose body is being read."""

    event: dict[str, Any]
    began: datetime
    chunks: list[bytes] = field(default_factory=list)


class ExchangeRecorder:
    """Records the exchanges of one page from its first request on."""

    def __init__(
        self,
        cdp: CDPSession,
        meter: TrafficMeter,
        settings: Settings,
        main_document: MainDocumentInterceptor,
        log: ExchangeLog,
    ) -> None:
        self.cdp = cdp
        self.meter = meter
        self.settings = settings
        self.main_document = main_document
        self.log = log
        self._tasks = PageTasks()
        self._open: set[_Answer] = set()
        self._ranged: dict[str, str] = {}
        """Address of a file that a page asked for in parts → resource type."""

    async def start(self) -> None:
        """Begin to record; before the first navigation."""
        await self.main_document.start()
        self.cdp.on("Fetch.requestPaused", self._paused)
        self.cdp.on(
            "Fetch.authRequired", lambda event: self._tasks.spawn(self._auth_required(event))
        )
        # requests of documents are paused too, for the proxy's challenge and to refuse navigations;
        # the egress proxy decides about all others, and a pause costs a quarter of a millisecond
        patterns = [
            {"resourceType": "Document", "requestStage": "Request"},
            {"resourceType": "Document", "requestStage": "Response"},
            {"urlPattern": "http*", "requestStage": "Response"},
        ]
        await self.cdp.send("Fetch.enable", {"handleAuthRequests": True, "patterns": patterns})

    def stop(self) -> None:
        """Record what came of answers under way, and cancel them."""
        self.end_open()
        self.main_document.stop()
        self._tasks.cancel()

    async def finish(self) -> None:
        """Wait a moment for answers under way, and record those that do not end as cut by time."""
        await self._tasks.wait(FINISH_S)
        self.end_open()
        wanted = [url for url in self._ranged if self.log.whole(url) is None][:MAX_RANGED_FILES]
        if wanted:
            loading = [asyncio.ensure_future(self._load_whole(url)) for url in wanted]
            await asyncio.wait(loading, timeout=RANGED_FILE_S)
            for task in loading:
                task.cancel()

    def end_open(self) -> None:
        """Record what came so far of answers under way."""
        for answer in list(self._open):
            self._end(answer, "time")

    def _paused(self, event: dict[str, Any]) -> None:
        if self.main_document.owns(event):
            self.main_document.take(event)
        else:
            self._tasks.spawn(self._part_paused(event))

    async def _auth_required(self, event: dict[str, Any]) -> None:
        """Give the proxy the page's credentials, and servers none: their 401 is the answer."""
        answer = {"response": "CancelAuth"}
        if event["authChallenge"].get("source") == "Proxy":
            answer = {
                "response": "ProvideCredentials",
                "username": self.meter.name,
                "password": self.meter.password,
            }
        elif event["resourceType"] == "Document":
            challenges = self.main_document.auth_challenges
            challenges.add_document(event, self.main_document.frame_id)
        await self._send("Fetch.continueWithAuth", event, authChallengeResponse=answer)

    async def _part_paused(self, event: dict[str, Any]) -> None:
        if "responseErrorReason" in event:
            await self._send("Fetch.continueResponse", event)
        elif "responseStatusCode" not in event:
            await self._send("Fetch.continueRequest", event)
        elif not event["request"]["url"].startswith("http") or self.log.is_repeated(event):
            await self._send("Fetch.continueResponse", event)
        else:
            await self._record(event)

    async def _record(self, event: dict[str, Any]) -> None:
        answer = _Answer(event, datetime.now(UTC))
        request = event["request"]
        reading = read_mode(request["method"], event["responseStatusCode"], header_values(event))
        if reading in UNREAD:
            if reading is ReadMode.RANGE and request["method"] == "GET":
                self._ranged[request["url"]] = event["resourceType"].lower()
            self.log.add(event, answer.began, truncated=UNREAD[reading])
            await self._send("Fetch.continueResponse", event)
            return
        self._open.add(answer)
        try:
            if reading is ReadMode.AT_ONCE:
                await self._read_at_once(answer)
            else:
                await self._read_in_pieces(answer)
        except PlaywrightError:
            self._end(answer, "disconnect")
            raise
        finally:
            self._open.discard(answer)

    def _end(self, answer: _Answer, truncated: str = "") -> None:
        if answer in self._open:
            self._open.discard(answer)
            body = b"".join(answer.chunks)
            if len(body) > MAX_BODY_BYTES:
                body, truncated = body[:MAX_BODY_BYTES], "length"
            self.log.add(answer.event, answer.began, body, truncated)

    async def _read_at_once(self, answer: _Answer) -> None:
        try:
            got = await self._send("Fetch.getResponseBody", answer.event)
            content = got["body"]
            body = base64.b64decode(content) if got["base64Encoded"] else content.encode()
            answer.chunks.append(body)
            headers = header_values(answer.event)
            plain = headers.get("content-encoding", "identity").lower() == "identity"
            broke_off = plain and len(body) < int(headers["content-length"])
            self._end(answer, "disconnect" if broke_off else "")
        finally:
            # a body that broke off fails in the page as it would without us
            await self._send("Fetch.continueResponse", answer.event)

    async def _read_in_pieces(self, answer: _Answer) -> None:
        """Read a body of unknown length; `continueResponse` is impossible afterwards, so the page gets
        what was read."""
        handle = (await self._send("Fetch.takeResponseBodyAsStream", answer.event))["stream"]
        clock = asyncio.get_running_loop().time
        until, size, truncated = clock() + self.settings.load_timeout_s, 0, ""
        try:
            while size <= MAX_PASSED_BYTES:
                async with asyncio.timeout_at(until):
                    piece, has_ended = await fetch_domain.read_chunk(self.cdp, handle)
                size += len(piece)
                answer.chunks.append(piece)
                if has_ended:
                    break
        except TimeoutError:
            truncated = "time"
        body = b"".join(answer.chunks)
        self._end(answer, truncated)
        if size > MAX_PASSED_BYTES:
            await self._send("Fetch.failRequest", answer.event, errorReason="Aborted")
        else:
            phrase = answer.event.get("responseStatusText") or ""
            await fetch_domain.fulfill(self.cdp, answer.event, body, phrase)
        await self.cdp.send("IO.close", {"handle": handle})

    async def _load_whole(self, url: str) -> None:
        frame = self.main_document.frame_id
        loaded = await network_resource.load(self.cdp, frame, url, MAX_BODY_BYTES)
        if loaded is not None:
            self.log.add_loaded(url, loaded.headers, loaded.body, self._ranged[url])

    async def _send(self, method: str, event: dict[str, Any], **more: Any) -> Any:
        return await fetch_domain.answer(self.cdp, method, event, **more)
