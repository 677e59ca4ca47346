"""May this page be visited, when robots.txt is obeyed? A downloader middleware that asks the site.

Scrapy's own remembers every site for ever and takes any answer for rules; ours follows RFC 9309:
no file, no rules (§2.3.1.3); a server that cannot answer allows nothing for now (§2.3.1.4); what was
read counts for a day (§2.4).
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    DownloadCancelledError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotConfigured,
    StopDownload,
)
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler import failures
from crawler.failures import VisitFailed
from crawler.robots_rules import MAX_BYTES, Rules, for_us
from linkshot.system.config import Settings

KEPT_S = 86_400.0
MAX_SITES = 200
"""Whose rules are remembered."""
MAX_REDIRECTS = 5
MAX_FILE_BYTES = 16_777_216
"""A file said or found to be longer after decompression is none."""


class Memory:
    """The rules of the sites asked last."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    def get(self, site: str) -> bytes | None:
        """What is known and not too old."""
        found = self._kept.get(site)
        if found is None or self._clock() - found[0] > KEPT_S:
            return None
        self._kept.move_to_end(site)
        return found[1]

    def put(self, site: str, rules: bytes) -> None:
        """Remember; the site asked for longest ago is forgotten."""
        self._kept[site] = (self._clock(), rules)
        self._kept.move_to_end(site)
        while len(self._kept) > MAX_SITES:
            self._kept.popitem(last=False)


class RobotsMiddleware:
    """Stands before every visit when the setting `robots` is on."""

    def __init__(self, crawler: Crawler) -> None:
        settings: Settings | None = crawler.settings.get("LINKSHOT_SETTINGS")
        if settings is None or not settings.robots:
            raise NotConfigured
        self.crawler = crawler
        self.timeout_s = settings.goto_timeout_s
        self.delay_max_s = settings.robots_delay_max_s
        self.memory = Memory()
        crawler.signals.connect(self.enough, signals.bytes_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy makes it."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let a visit pass, with the pause its host asks for, or refuse it."""
        if not request.meta.get("playwright"):
            return
        rules = Rules(await self._rules(request))
        request.meta["least_gap_s"] = min(rules.delay_s, self.delay_max_s)
        if not rules.allow(str(request.meta.get("url") or request.url)):
            raise IgnoreRequest("robots.txt does not allow this page")

    def enough(self, data: bytes, request: Request) -> None:
        """Of an endless file its beginning is read."""
        if "robots_bytes" in request.meta:
            request.meta["robots_bytes"] += len(data)
            if request.meta["robots_bytes"] > MAX_BYTES:
                raise StopDownload(fail=False)

    async def _rules(self, request: Request) -> bytes:
        parts = urlsplit(request.url)
        site = f"{parts.scheme}://{parts.netloc}"
        known = self.memory.get(site)
        if known is not None:
            return known
        began = time.monotonic()
        try:
            rules = await self._fetched(site)
        except VisitFailed:
            request.meta["visit_s"] = time.monotonic() - began
            raise
        self.memory.put(site, rules)
        return rules

    async def _fetched(self, site: str) -> bytes:
        """The rules that count; VisitFailed when the site cannot say now."""
        asking = Request(
            f"{site}/robots.txt",
            callback=NO_CALLBACK,
            dont_filter=True,
            meta={
                "robots_bytes": 0,
                "download_timeout": self.timeout_s,
                "download_maxsize": MAX_FILE_BYTES,
                "max_redirect_times": MAX_REDIRECTS,
            },
        )
        engine = self.crawler.engine
        assert engine is not None  # it runs while it asks us
        try:
            return rules_of(await engine.download_async(asking))
        except (IgnoreRequest, DownloadCancelledError):
            return b""
        except Exception as exc:
            if (failure := failure_of(exc)) is None:
                return b""
            raise failure from exc


def rules_of(response: Response) -> bytes:
    """The rules in an answer; VisitFailed when the server has none to give now. (pure but for the clock)"""
    status = response.status
    if status == 429 or status >= 500:
        value = (response.headers.get("Retry-After") or b"").decode("latin-1")
        wait_s = failures.retry_after(value, datetime.now(UTC))
        kind = "http_429" if status == 429 else "http_5xx"
        raise failures.failed(kind, f"robots.txt: the server answered {status}", wait_s)
    return for_us(response.body) if 200 <= status < 300 else b""


def failure_of(exc: Exception) -> VisitFailed | None:
    """Why there was no answer; None when that means that there is no file."""
    if isinstance(exc, VisitFailed):
        kind = exc.failure.kind
        return None if kind in ("address_blocked", "too_large") else exc
    kind = "timeout" if isinstance(exc, DownloadTimeoutError | TimeoutError) else "connect"
    return failures.failed(kind, f"robots.txt: {type(exc).__name__}")
