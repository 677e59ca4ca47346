"""Stands in for the network of a page that is shown again: answers its requests, or fails them."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from playwright.async_api import CDPSession

from crawler.egress.traffic import TrafficLimitExceeded, TrafficMeter
from crawler.page import fetch_domain
from crawler.page.exchange_log import post_data
from crawler.page.fetch_domain import PageTasks
from crawler.page.main_document import MAX_NAVIGATIONS
from crawler.replay.archived_answers import ArchivedAnswer

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
SEEN_TYPES = frozenset(("Document", "Stylesheet", "Image", "Media", "Font", "Script"))
"""What a page is made of, in the words of CDP's Network.ResourceType; without it, it looks different."""
MAX_MISSING = 1000
"""Different requests without an answer that are told apart."""
ANY_ORIGIN = (
    ("Access-Control-Allow-Methods", "*"),
    ("Access-Control-Allow-Headers", "*"),
    ("Access-Control-Allow-Credentials", "true"),
)
"""For preflights that were not recorded, because the browser remembered an earlier one."""


class Answers(Protocol):
    """Where answers come from."""

    def has(self, url: str, methods: Iterable[str] = ("GET",)) -> bool:
        """Whether there is an answer for this address and one of these methods."""

    def find(
        self, method: str, url: str, body: bytes
    ) -> Callable[[], ArchivedAnswer | None] | None:
        """Reads the answer for this request; None when there is none."""


class ReplayNetwork:
    """The answers to one page's requests; each is paused before it leaves (CDP Fetch)."""

    def __init__(
        self,
        cdp: CDPSession,
        answers: Answers,
        frame_id: str,
        meter: TrafficMeter | None = None,
    ) -> None:
        """`meter` counts what is given to the page, and limits it. With one the page is visited: its first
        document, when it is missing, fails as an unreachable address does."""
        self.cdp = cdp
        self.frame_id = frame_id
        """Of the main frame."""
        self.frozen = False
        """Whether the page is as it will be photographed: further navigations of the main frame are
        refused, and what it asks for now in vain (photographing shows the end of a page that grows)
        was not part of it and is not counted as missing."""
        self._answers = answers
        self._missing: dict[str, str] = {}
        """With the type of what was asked for."""
        self._meter = meter
        self._navigations = 0
        self._shown = False
        """Whether anything but a redirect was answered."""
        self._tasks = PageTasks()

    @property
    def missing(self) -> Mapping[str, str]:
        """Different requests before the page was photographed that had no answer, `GET https://…`, with the
        type of what was asked for (CDP Network.ResourceType); MAX_MISSING at most."""
        return self._missing

    async def start(self) -> None:
        """Begin to answer; before the first navigation."""
        self.cdp.on("Fetch.requestPaused", lambda event: self._tasks.spawn(self._paused(event)))
        await self.cdp.send("Fetch.enable", {"patterns": [{"urlPattern": "http*"}]})

    def stop(self) -> None:
        """Cancel what is under way."""
        self._tasks.cancel()

    async def _paused(self, event: dict[str, Any]) -> None:
        request = event["request"]
        if self._is_refused_navigation(event):
            await self._fail(event)
            return
        found = await self._find(request["method"], request["url"], request)
        if found is None:
            if not self.frozen and len(self._missing) < MAX_MISSING:
                name = f"{request['method']} {request['url'][:2000]}"
                self._missing.setdefault(name, event.get("resourceType", ""))
            await self._fail(event)
            return
        status, headers, body = _wanted_part(found, request["headers"])
        if not self._counts(request["url"], len(body)):
            await self._fail(event)
            return
        self._shown = self._shown or not 300 <= status < 400
        given = event | {
            "responseStatusCode": status,
            "responseHeaders": [{"name": name, "value": value} for name, value in headers],
        }
        await fetch_domain.fulfill(self.cdp, given, body, found.reason)

    def _counts(self, url: str, size: int) -> bool:
        """Counts an answer; False when the page has had as much as it may."""
        if self._meter is None:
            return True
        try:
            self._meter.begin_request(url)
            self._meter.add_bytes(size)
        except TrafficLimitExceeded:
            return False
        return True

    async def _find(self, method: str, url: str, request: dict[str, Any]) -> ArchivedAnswer | None:
        # chosen here, so that answers go out in the order of the requests; read in a thread
        reading = self._answers.find(method, url, post_data(request))
        if reading is not None:
            return await asyncio.to_thread(reading)
        if method == "OPTIONS" and self._answers.has(url, METHODS):
            return _preflight(request["headers"])
        return None

    def _is_refused_navigation(self, event: dict[str, Any]) -> bool:
        """Whether it is a navigation of the main frame that comes too late, or is one too many."""
        if event.get("resourceType") != "Document" or event.get("frameId") != self.frame_id:
            return False
        self._navigations += 1
        return self.frozen or self._navigations > MAX_NAVIGATIONS

    async def _fail(self, event: dict[str, Any]) -> None:
        # when a navigation fails with `Aborted`, the page stays that is shown
        is_first = self._meter is not None and not self._shown
        reason = "AddressUnreachable" if is_first else "Aborted"
        await fetch_domain.answer(self.cdp, "Fetch.failRequest", event, errorReason=reason)


def _preflight(asked: dict[str, str]) -> ArchivedAnswer:
    origin = next((value for name, value in asked.items() if name.lower() == "origin"), "*")
    headers = (("Access-Control-Allow-Origin", origin), *ANY_ORIGIN)
    return ArchivedAnswer(status=204, reason="No Content", headers=headers, body=b"")


def _wanted_part(
    found: ArchivedAnswer, asked: dict[str, str]
) -> tuple[int, Iterable[tuple[str, str]], bytes]:
    """Status, headers and body; of a file that is asked for in parts this part (RFC 9110 §14)."""
    wanted = next((value for name, value in asked.items() if name.lower() == "range"), "")
    unit, _, span = wanted.partition("=")
    first, dash, last = span.partition("-")
    size = len(found.body)
    whole = found.status, found.headers, found.body
    if found.status != 200 or unit != "bytes" or not dash or not first.isdecimal():
        return whole
    start = int(first)
    end = min(int(last), size - 1) if last.isdecimal() else size - 1
    if start > end:
        return whole
    told = ("Content-Range", f"bytes {start}-{end}/{size}")
    return 206, (*found.headers, told), found.body[start : end + 1]
