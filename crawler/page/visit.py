"""What does one visit bring back? Goes to the page, waits until it stands still, takes everything."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError

from crawler import failures
from crawler.egress.traffic import Account
from crawler.failures import VisitFailed
from crawler.page import navigation, page_capture, settle
from crawler.page.capture_builder import make_capture
from crawler.page.page_capture import Taken
from crawler.page.page_session import Opened, open_page
from crawler.page.steps import PageLost, is_gone
from linkshot.domain.model import Capture
from linkshot.domain.urls import without_credentials
from linkshot.system.config import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One page in one fresh context, from the first request to the last byte taken."""

    url: str
    context: BrowserContext
    account: Account
    password: str
    settings: Settings
    certificate_error: str = ""
    """Why the server's certificate was refused at the first try; now it is accepted and noted."""

    async def capture(self) -> Capture:
        """What the page was; VisitFailed when there is none, PageLost when the browser died."""
        try:
            opened = await open_page(self.context, self.account, self.password, self.settings)
            try:
                return await unless_crashed(opened, self._capture(opened))
            except VisitFailed as exc:
                exc.failure = exc.failure.after(opened.documents.hops)
                raise
            finally:
                opened.documents.stop()
        except PlaywrightError as exc:
            if is_gone(exc):
                raise PageLost(str(exc)) from exc
            raise failures.failed("navigation", str(exc)) from exc

    async def _capture(self, opened: Opened) -> Capture:
        started = datetime.now(UTC)
        document = await navigation.go(opened, self.url, self.settings)
        final_url = document.url
        if opened.documents.file is None:
            taken = await self._take(opened)
            final_url = without_credentials(opened.page.url)
            document = opened.documents.page or document
        else:
            taken = await page_capture.beside_a_file(opened, final_url)
        times = (started, datetime.now(UTC))
        return make_capture(opened, document, taken, final_url, times, self._tls(final_url))

    async def _take(self, opened: Opened) -> Taken:
        await settle.wait(opened, self.settings)
        await settle.hold(opened)
        taken = await self._take_one_document(opened)
        if not opened.page.url.startswith(("http://", "https://")):
            raise failures.failed("navigation", "the page left for an address that is not kept")
        if not taken.html:
            raise failures.failed("timeout", "script: the page did not answer any more")
        return taken

    async def _take_one_document(self, opened: Opened) -> Taken:
        """All parts of one document: taken again when another one arrived meanwhile."""
        cut_before, loader = list(opened.steps.partial), opened.lifecycle.loader
        taken = await page_capture.take(opened, self.settings)
        if opened.lifecycle.loader == loader:
            return taken
        opened.steps.partial[:] = cut_before
        await settle.hold(opened)
        return await page_capture.take(opened, self.settings)

    def _tls(self, final_url: str) -> dict[str, object]:
        """Whether the certificate was good; nothing for http."""
        if not final_url.startswith("https://"):
            return {}
        reason = {"reason": self.certificate_error} if self.certificate_error else {}
        return {"tls": {"valid": not self.certificate_error, **reason}}


async def unless_crashed(opened: Opened, work: Coroutine[Any, Any, Capture]) -> Capture:
    """The result of the work; PageLost as soon as the page's process is gone."""
    working = asyncio.ensure_future(work)
    crash = asyncio.ensure_future(opened.guards.crashed.wait())
    try:
        await asyncio.wait({working, crash}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise PageLost("the page's process ended")
        return working.result()
    finally:
        for task in (working, crash):
            task.cancel()
        await asyncio.gather(working, crash, return_exceptions=True)
