"""How does a Scrapy request become a visit? Our download handler: deadline, fresh context, browser life."""

import asyncio
import logging
import time
import uuid
from base64 import b64encode
from typing import Any

from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from crawler import failures
from crawler.browser.browser_pool import Browsers, Life
from crawler.browser.launch import context_options, launch_options
from crawler.egress.proxy import Egress
from crawler.failures import GivenBack, VisitFailed
from crawler.page.steps import PageLost
from crawler.page.visit import Visit
from crawler.queue.visit_gate import Turnstile
from crawler.watchdog import watchdog_of
from linkshot.domain.model import Capture
from linkshot.errors import Unavailable
from linkshot.system.config import Settings, load_settings
from linkshot.system.failpoints import failpoint

logger = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 8.0
UNDO_TIMEOUT_S = 5.0
TRIES = 3
"""Visits of one request in a row, when another page's browser was killed under it."""


class BrowserUnavailable(Unavailable):
    """The browser does not start; visits wait."""

    code = "browser.unavailable"
    part = "browser"


class SnapshotHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # untyped base
    """One instance serves http and https; every request leaves through the egress proxy."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.linkshot: Settings = crawler.settings.get("LINKSHOT_SETTINGS") or load_settings()
        self.egress = Egress(self.linkshot)
        self.browsers = Browsers(
            self._new_browser, self.linkshot.browser_pages, self.linkshot.browser_memory_bytes
        )
        self.turnstile = Turnstile()
        self.watchdog = watchdog_of(crawler)
        self.hurried = False
        self._draining = asyncio.Event()
        self._visits: set[asyncio.Task[Capture]] = set()
        self._closed = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "SnapshotHandler":
        """The one instance of this crawler: two would mean two drivers and two browsers."""
        shared = getattr(crawler, "linkshot_handler", None)
        if shared is None:
            shared = cls(crawler)
            crawler.linkshot_handler = shared  # type: ignore[attr-defined]  # ours
        return shared

    async def _launch(self) -> None:
        """Scrapy's engine has started: open the way out, then start Playwright."""
        await self.egress.start()
        self.config.launch_options = launch_options(self.linkshot, self.egress.url)
        await super()._launch()

    async def _new_browser(self) -> Any:
        try:
            return await self.browser_provider.launch_browser()
        except PlaywrightError as exc:
            raise BrowserUnavailable(f"the browser does not start: {exc.message}") from exc

    async def close(self) -> None:
        """End the browser, the driver and the way out. Scrapy calls it once per scheme."""
        if self._closed:
            return
        self._closed = True
        await self.browsers.close()
        await super().close()
        await self.egress.stop()

    def drain(self) -> None:
        """The worker ends: visits that still wait for a browser to start go back."""
        self._draining.set()

    def hurry(self) -> None:
        """Break off every visit; their deliveries go back."""
        self.hurried = True
        for task in self._visits:
            task.cancel()

    async def download_request(self, request: Request) -> Response:
        """A visit, or for Scrapy's own needs (robots.txt) a plain download."""
        if request.meta.get("playwright"):
            return await self._visited(request)
        account = self.egress.open(f"scrapy-{uuid.uuid4().hex}")
        login = b64encode(f"{account.name}:{self.egress.password}".encode()).decode()
        request.meta["proxy"] = self.egress.url
        request.headers["Proxy-Authorization"] = f"Basic {login}"
        try:
            response: Response = await super().download_request(request)
        except Exception as exc:
            if account.troubles:
                target, kind = next(iter(account.troubles.items()))
                raise failures.failed(kind, f"{target} {account.codes[target]}") from exc
            raise
        finally:
            self.egress.close(account)
        return response

    async def _visited(self, request: Request) -> Response:
        capture = await self._tries(request)
        request.meta["capture"] = capture
        return Response(url=capture.final_url, status=capture.http_status, request=request)

    async def _tries(self, request: Request) -> Capture:
        """Again after a certificate error (then noted), a crash (then alone), or another's crash."""
        alone, crashed, certificate_error = bool(request.meta.get("alone")), False, ""
        for _ in range(TRIES):
            async with self.turnstile.enter(alone=alone):
                try:
                    return await self._try(request, certificate_error)
                except PageLost as exc:
                    if exc.by_other:
                        continue
                    if crashed:
                        raise failures.failed(exc.kind, str(exc)) from exc
                    crashed = alone = True
                except VisitFailed as exc:
                    if certificate_error or not self._may_be_recorded(exc.failure.detail):
                        raise
                    certificate_error = exc.failure.detail
        raise failures.failed("crash", "the browser ended again and again")

    def _may_be_recorded(self, detail: str) -> bool:
        """Whether it failed for a certificate alone, and sites without a good one are kept."""
        return detail.startswith("ERR_CERT_") and self.linkshot.certificates == "record"

    async def _try(self, request: Request, certificate_error: str) -> Capture:
        if self.hurried:
            raise GivenBack
        if (begin := request.meta.get("begin")) is not None:
            begin()
        name = str(request.meta["visit"])
        life = await self._browser()
        try:
            return await self._in_context(life, request, name, certificate_error)
        except PageLost as exc:
            exc.by_other = bool(life.killed_for) and life.killed_for != name
            exc.kind = "memory" if life.too_big else "crash"
            life.retired = True
            if life.killed_for == name:
                raise failures.failed("timeout", "its browser had to be killed") from exc
            raise
        finally:
            self.watchdog.left(name)
            request.meta["visit_s"] = time.monotonic() - request.meta.get("visit_began", 0.0)
            await self.browsers.give(life)

    async def _browser(self) -> Life:
        taking = asyncio.ensure_future(self.browsers.take())
        draining = asyncio.ensure_future(self._draining.wait())
        try:
            await asyncio.wait({taking, draining}, return_when=asyncio.FIRST_COMPLETED)
            if taking.done():
                return taking.result()
            raise GivenBack
        finally:
            draining.cancel()
            taking.cancel()

    async def _in_context(
        self, life: Life, request: Request, name: str, certificate_error: str
    ) -> Capture:
        request.meta["visit_began"] = time.monotonic()
        patience_s = self.linkshot.page_deadline_s + self.linkshot.browser_grace_s
        self.watchdog.browser(name, patience_s, lambda: self.browsers.kill_beside(life, name))
        failpoint("before-visit")
        account = self.egress.open(name)
        options = context_options(
            self.linkshot, life.agent, any_certificate=bool(certificate_error)
        )
        context: BrowserContext | None = None
        try:
            context = await _or_lost(life.browser.new_context(**options))
            visit = Visit(
                url=str(request.meta.get("url") or request.url),
                context=context,
                account=account,
                password=self.egress.password,
                settings=self.linkshot,
                certificate_error=certificate_error,
            )
            capture = await self._within_deadline(visit, life, name)
            failpoint("after-visit")
            return capture
        finally:
            self.egress.close(account)
            if context is not None:
                await self._drop(context, life, name)

    async def _within_deadline(self, visit: Visit, life: Life, name: str) -> Capture:
        task = asyncio.ensure_future(visit.capture())
        self._visits.add(task)
        try:
            done, _ = await asyncio.wait({task}, timeout=self.linkshot.page_deadline_s)
            if done:
                return task.result()
            await self._drop(visit.context, life, name)
            await asyncio.wait({task}, timeout=UNDO_TIMEOUT_S)
        except asyncio.CancelledError:
            if self.hurried:
                raise GivenBack from None
            raise
        finally:
            self._visits.discard(task)
            if not task.done():
                task.cancel()
        if not task.done() or task.cancelled():
            await self.browsers.kill(life, name)
        elif (error := task.exception()) is not None:
            logger.debug("What the visit said at its end", extra={"reason": repr(error)[:200]})
        raise failures.failed("timeout", "the whole visit took longer than its deadline")

    async def _drop(self, context: BrowserContext, life: Life, name: str) -> None:
        """Close the context; a browser that cannot do that in time is killed."""
        if not life.alive:
            return
        try:
            await asyncio.wait_for(context.close(), CLOSE_TIMEOUT_S)
        except (PlaywrightError, TimeoutError):
            await self.browsers.kill(life, name)


async def _or_lost(work: Any) -> Any:
    try:
        return await work
    except PlaywrightError as exc:
        raise PageLost(str(exc)) from exc
