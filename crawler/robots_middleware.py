"""Downloader middleware that obeys robots.txt, for the visits that the setting `robots` or a site's rules name.

Scrapy's own caches every site for ever and takes any response for rules. This one follows RFC 9309:
no file means no rules (§2.3.1.3), a server error forbids everything for now (§2.3.1.4), and rules
are cached for a day (§2.4).
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Self
from urllib.parse import urlsplit

from cachetools import TTLCache
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
from crawler.queue.ready_visit import (
    META_KEY,
    ReadyVisit,
    RobotsDownload,
    robots_download_of,
    visit_of,
)
from crawler.robots_policy import is_obeyed
from crawler.robots_rules import MAX_BYTES, Rules, relevant_groups
from linkshot.domain.failure_details import detail_text
from linkshot.domain.failures import WAIT_STATUSES, kind_of_refusal
from linkshot.system.config import Settings

RULES_TTL_S = 86_400.0
MAX_SITES = 200
"""Size of the cache."""
MAX_REDIRECTS = 5
MAX_FILE_BYTES = 16_777_216
"""A file longer than this, as announced or once decompressed, counts as none."""


def rules_cache(clock: Callable[[], float] = time.monotonic) -> TTLCache[str, bytes]:
    """Rules by site, while they are fresh; drops the least recently used."""
    return TTLCache(MAX_SITES, RULES_TTL_S, clock)


class RobotsMiddleware:
    """Checks every visit; robots.txt itself is downloaded through the same egress proxy."""

    def __init__(self, crawler: Crawler) -> None:
        settings: Settings | None = crawler.settings.get("LINKSHOT_SETTINGS")
        if settings is None:
            raise NotConfigured
        self.crawler = crawler
        self.reasons = settings.robots
        self.timeout_s = settings.goto_timeout_s
        self.delay_max_s = settings.robots_delay_max_s
        self.cache = rules_cache()
        crawler.signals.connect(self.limit_size, signals.bytes_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor; NotConfigured without our settings."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let a visit pass, with the pause its host asks for, or reject it."""
        visit = visit_of(request)
        if visit is None or visit.request.upload or not is_obeyed(visit.request, self.reasons):
            return
        rules = Rules(await self._rules(visit))
        visit.report.min_gap_s = min(rules.delay_s, self.delay_max_s)
        if not rules.allow(visit.url):
            raise IgnoreRequest(detail_text("robots.forbids"))

    def limit_size(self, data: bytes, request: Request) -> None:
        """Stop an endless file after MAX_BYTES; its beginning counts."""
        download = robots_download_of(request)
        if download is None:
            return
        download.received += len(data)
        if download.received > MAX_BYTES:
            raise StopDownload(fail=False)

    async def _rules(self, visit: ReadyVisit) -> bytes:
        parts = urlsplit(visit.url)
        site = f"{parts.scheme}://{parts.netloc}"
        known = self.cache.get(site)
        if known is not None:
            return known
        began = time.monotonic()
        try:
            rules = await self._fetch(site, visit.rules.user_agent)
        except VisitFailed:
            visit.report.seconds = time.monotonic() - began
            raise
        self.cache[site] = rules
        return rules

    async def _fetch(self, site: str, user_agent: str | None) -> bytes:
        """The rules of a site; VisitFailed when it cannot answer now."""
        request = Request(
            f"{site}/robots.txt",
            callback=NO_CALLBACK,
            dont_filter=True,
            headers={"User-Agent": user_agent} if user_agent else None,
            meta={
                META_KEY: RobotsDownload(),
                "download_timeout": self.timeout_s,
                "download_maxsize": MAX_FILE_BYTES,
                "max_redirect_times": MAX_REDIRECTS,
            },
        )
        engine = self.crawler.engine
        assert engine is not None  # it is running: it called us
        try:
            return rules_of(await engine.download_async(request))
        except (IgnoreRequest, DownloadCancelledError):  # too many redirects, too large: no file
            return b""
        except Exception as exc:
            if (failure := failure_of(exc)) is None:
                return b""
            raise failure from exc


def rules_of(response: Response) -> bytes:
    """The rules in a response; VisitFailed for a server error. (pure but for the clock)"""
    status = response.status
    if status == 429 or status >= 500:
        value = (response.headers.get("Retry-After") or b"").decode("latin-1")
        wait_s = failures.retry_after(value, datetime.now(UTC)) if status in WAIT_STATUSES else None
        raise failures.failed(
            kind_of_refusal(status), detail_text("robots.answered", status=status), wait_s
        )
    return relevant_groups(response.body) if 200 <= status < 300 else b""


def failure_of(exc: Exception) -> VisitFailed | None:
    """Why there was no response; None when that counts as no file."""
    if isinstance(exc, VisitFailed):
        kind = exc.failure.kind
        return None if kind in ("address_blocked", "too_large") else exc
    kind = "timeout" if isinstance(exc, DownloadTimeoutError | TimeoutError) else "connect"
    return failures.failed(kind, detail_text("robots.unread", error=type(exc).__name__))
