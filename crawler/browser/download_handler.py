"""Scrapy's download handler for visits: deadline, fresh browser context, retries after crashes.

scrapy-playwright's own handler has no total deadline and keeps contexts between requests
(docs/architecture.md §9), so only its driver and its plain downloads are used.
"""

import asyncio
import logging
import time
import uuid
from base64 import b64encode
from dataclasses import replace
from typing import Any

from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from crawler import failures
from crawler.browser.browser_pool import CLOSE_TIMEOUT_S, BrowserPool, BrowserProcess
from crawler.browser.launch import VIEWPORT, context_options, launch_options
from crawler.egress.proxy import EgressProxy
from crawler.failures import VisitAborted, VisitFailed
from crawler.page.attempt import Attempt
from crawler.page.cookie_jar import CookieJar
from crawler.page.steps import PageLost, is_gone
from crawler.page.visit import visit_page
from crawler.queue.ready_visit import CaptureResponse, ReadyVisit, visit_of
from crawler.queue.visit_gate import VisitGate
from crawler.replay.archive_replay import UNREADABLE, ArchiveReplay
from crawler.robots_policy import is_obeyed
from crawler.worker import worker_of
from linkshot.archives.warc_records import MAX_SCAN_S
from linkshot.domain.failure_details import detail_text
from linkshot.domain.model import Capture
from linkshot.domain.site_rules import VisitOptions
from linkshot.errors import BrowserUnavailable
from linkshot.system.config import Settings
from linkshot.system.failpoints import failpoint
from pipelines.runtime import app_of

logger = logging.getLogger(__name__)

CANCEL_TIMEOUT_S = 5.0
MAX_TRIES = 5
"""Tries of one visit in a row: those that lose its browser, and those whose browser was killed for another page."""


class SnapshotDownloadHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # untyped base
    """One instance serves http and https; every request leaves through the egress proxy."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._crawler = crawler
        self.linkshot: Settings = crawler.settings["LINKSHOT_SETTINGS"]
        self.egress = EgressProxy(self.linkshot)
        self.browser_pool = BrowserPool(
            self._launch_browser, self.linkshot.browser_pages, self.linkshot.browser_memory_bytes
        )
        self.visit_gate = VisitGate()
        self.watchdog = worker_of(crawler).watchdog
        self.aborted = False
        self._draining = asyncio.Event()
        self._visits: set[asyncio.Task[Capture]] = set()
        self._closed = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "SnapshotDownloadHandler":
        """The one instance of this worker: Scrapy asks once per scheme, and two would mean two browsers."""
        worker = worker_of(crawler)
        if worker.download_handler is None:
            worker.download_handler = cls(crawler)
        return worker.download_handler

    async def _launch(self) -> None:
        """Scrapy's engine has started: open the egress proxy, then start Playwright."""
        await self.egress.start()
        self.config.launch_options = launch_options(self.linkshot, self.egress.url)
        await super()._launch()

    async def _launch_browser(self) -> Any:
        try:
            return await self.browser_provider.launch_browser()
        except PlaywrightError as exc:
            raise BrowserUnavailable(f"the browser does not start: {exc.message}") from exc

    async def close(self) -> None:
        """End the browser, the driver and the egress proxy. Scrapy calls it once per scheme."""
        if self._closed:
            return
        self._closed = True
        await self.browser_pool.close()
        await super().close()
        await self.egress.stop()

    def drain(self) -> None:
        """Abort visits that still wait for a browser to start; the others go on."""
        self._draining.set()

    def abort(self) -> None:
        """Abort every visit; their deliveries are returned."""
        self.aborted = True
        for task in self._visits:
            task.cancel()

    async def download_request(self, request: Request) -> Response:
        """A visit, or for Scrapy's own needs (robots.txt) a plain download."""
        if (visit := visit_of(request)) is not None:
            return CaptureResponse(request, await self._visit_with_cookies(visit))
        meter = self.egress.open(f"scrapy-{uuid.uuid4().hex}")
        login = b64encode(f"{meter.name}:{meter.password}".encode()).decode()
        request.meta["proxy"] = self.egress.url
        request.headers["Proxy-Authorization"] = f"Basic {login}"
        try:
            response: Response = await super().download_request(request)
        except Exception as exc:
            if meter.failures:
                target, kind = next(iter(meter.failures.items()))
                raise failures.failed(kind, f"{target} {meter.error_codes[target]}") from exc
            raise
        finally:
            self.egress.close(meter)
        return response

    async def _visit_with_cookies(self, visit: ReadyVisit) -> Capture:
        """The visit with the cookies given for its site; what it brings holds none of their values."""
        if visit.cookies is None:
            return await self._visit(visit)
        jar = CookieJar(visit.cookies)
        try:
            capture = await self._visit(visit, jar)
        except VisitFailed as exc:
            # a new one: the words of the exception itself, which logs may quote, repeat the detail
            raise VisitFailed(jar.redact(exc.failure)) from None
        return await asyncio.to_thread(jar.redact, capture)

    async def _visit(self, visit: ReadyVisit, jar: CookieJar | None = None) -> Capture:
        upload = visit.request.upload
        if upload is None:
            obeys_robots = is_obeyed(visit.request, self.linkshot.robots)
            attempt = Attempt(url=visit.url, rules=visit.rules, obeys_robots=obeys_robots, jar=jar)
            return await self._attempts(visit, attempt)
        visit.completion.watch(MAX_SCAN_S + self.linkshot.page_deadline_s)
        replay = await asyncio.to_thread(ArchiveReplay.open, app_of(self._crawler), upload)
        async with replay:
            attempt = Attempt(url=upload.url, network=replay)
            try:
                return replay.described(await self._attempts(visit, attempt))
            except VisitFailed as exc:
                # what the archive has of it cannot be shown, now or later
                failure = exc.failure
                raise failures.failed(UNREADABLE, failure.detail or failure.kind) from exc

    async def _attempts(self, visit: ReadyVisit, attempt: Attempt) -> Capture:
        """Try again after a certificate error (recorded then), a lost browser (isolated), or another's crash."""
        isolated = visit.isolated
        for _ in range(MAX_TRIES):
            # waiting for the others to leave is not the page's time
            visit.completion.watch(self.linkshot.page_deadline_s)
            async with self.visit_gate.enter(exclusive=isolated):
                try:
                    return await self._try(visit, attempt)
                except PageLost as exc:
                    if exc.by_other:
                        continue
                    following = attempt.after_loss(exc.kind, was_alone=exc.was_alone)
                    if following is None:
                        return attempt.partial_capture(failures.failed(exc.kind, str(exc)))
                    attempt, isolated = following, True
                    visit.report.lost_browser = True
                except VisitFailed as exc:
                    detail = exc.failure.detail
                    # whoever answers without the site's certificate would get its cookies
                    may_record = self.linkshot.certificates == "record" and attempt.jar is None
                    if attempt.certificate_error or not (
                        may_record and detail.startswith("ERR_CERT_")
                    ):
                        raise
                    attempt.accept_certificate(detail)
        raise failures.failed("crash", detail_text("browser.ended"))

    async def _try(self, visit: ReadyVisit, attempt: Attempt) -> Capture:
        if self.aborted:
            raise VisitAborted
        visit.completion.watch(self.linkshot.page_deadline_s)
        name = visit.request.request_id
        process = await self._acquire_browser()
        began = time.monotonic()
        try:
            return await self._in_context(process, name, attempt)
        except PageLost as exc:
            exc.by_other = bool(process.killed_for) and process.killed_for != name
            exc.kind = "memory" if process.over_memory else "crash"
            exc.was_alone = process.users == 1
            process.retired = True
            if process.killed_for == name:
                return attempt.partial_capture(
                    failures.failed("timeout", detail_text("browser.killed"))
                )
            raise
        finally:
            self.watchdog.browser_left(name)
            visit.report.seconds = time.monotonic() - began
            await self.browser_pool.release(process)

    async def _acquire_browser(self) -> BrowserProcess:
        """A browser; VisitAborted as soon as the worker drains, since a launch can take a minute."""
        acquiring = asyncio.ensure_future(self.browser_pool.acquire())
        draining = asyncio.ensure_future(self._draining.wait())
        try:
            await asyncio.wait({acquiring, draining}, return_when=asyncio.FIRST_COMPLETED)
            if acquiring.done():
                return acquiring.result()
            raise VisitAborted
        finally:
            draining.cancel()
            acquiring.cancel()

    async def _in_context(self, process: BrowserProcess, name: str, attempt: Attempt) -> Capture:
        limit_s = self.linkshot.page_deadline_s + self.linkshot.browser_grace_s
        self.watchdog.watch_browser(
            name, limit_s, lambda: self.browser_pool.kill_from_thread(process, name)
        )
        failpoint("before-visit")
        meter = self.egress.open(name)
        settings = settings_under(attempt.rules, self.linkshot)
        options = context_options(
            settings,
            process.agent,
            any_certificate=bool(attempt.certificate_error),
            scripts=attempt.runs_scripts,
            viewport=attempt.rules.viewport or VIEWPORT,
        )
        if attempt.network is not None:
            options |= attempt.network.context_options()
        context: BrowserContext | None = None
        try:
            try:
                context = await process.browser.new_context(**options)
            except PlaywrightError as exc:
                raise PageLost(str(exc)) from exc
            visiting = visit_page(attempt, context, meter, settings)
            capturing = asyncio.ensure_future(visiting)
            if not await self._ends_in_time(capturing, context, process, attempt, name):
                end = failures.failed("timeout", detail_text("visit.deadline"))
                return attempt.partial_capture(end)
            failpoint("after-visit")
            return capturing.result()
        finally:
            self.egress.close(meter)
            if context is not None:
                await self._close_context(context, process, name)

    async def _ends_in_time(
        self,
        capturing: "asyncio.Task[Capture]",
        context: BrowserContext,
        process: BrowserProcess,
        attempt: Attempt,
        name: str,
    ) -> bool:
        """Whether the visit ends by itself; past the deadline the context is closed, and a browser that
        still hangs killed."""
        self._visits.add(capturing)
        try:
            if (await asyncio.wait({capturing}, timeout=self.linkshot.page_deadline_s))[0]:
                if self.aborted and capturing.cancelled():
                    raise VisitAborted
                return True
            if attempt.jar is not None:
                await attempt.jar.note_changes(context)
            await self._close_context(context, process, name)
            await asyncio.wait({capturing}, timeout=CANCEL_TIMEOUT_S)
        except asyncio.CancelledError:
            if self.aborted:
                raise VisitAborted from None
            raise
        finally:
            self._visits.discard(capturing)
            if not capturing.done():
                capturing.cancel()
        if not capturing.done() or capturing.cancelled():
            await self.browser_pool.kill(process, name)
        elif (error := capturing.exception()) is not None:
            logger.debug("How an overdue visit ended", extra={"reason": repr(error)[:200]})
        return False

    async def _close_context(
        self, context: BrowserContext, process: BrowserProcess, name: str
    ) -> None:
        """Close the context; a browser that cannot do that in time is killed."""
        if not process.alive:
            return
        try:
            await asyncio.wait_for(context.close(), CLOSE_TIMEOUT_S)
        except (PlaywrightError, TimeoutError) as exc:
            # a browser that has just died is not yet known to be dead; nobody killed it for this visit
            if is_gone(exc):
                await self.browser_pool.end(process)
            else:
                await self.browser_pool.kill(process, name)


def settings_under(rules: VisitOptions, settings: Settings) -> Settings:
    """The settings of a visit under the rules for its site. (pure)"""
    said = {"consent": rules.consent, "user_agent": rules.user_agent}
    given = {name: value for name, value in said.items() if value is not None}
    return replace(settings, **given) if given else settings  # type: ignore[arg-type]  # by name
