"""What does one visit bring back? Goes to the page, waits until it stands still, takes everything."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from playwright.async_api import Browser, BrowserContext, CDPSession, Page
from playwright.async_api import Error as PlaywrightError

from crawler import failures, media, taking, waiting
from crawler.account import Account
from crawler.documents import Document, Documents
from crawler.guards import Guards
from crawler.steps import PageLost, Steps, is_gone
from crawler.waiting import Lifecycle
from crawler.world import World
from linkshot.config import Settings
from linkshot.model import Capture

KEPT_OUT = frozenset(
    (
        "set-cookie",
        "set-cookie2",
        "cookie",
        "authorization",
        "www-authenticate",
        "proxy-authenticate",
    )
)
"""Never recorded: snapshots are shared."""
MAX_HEADER = 8192


@dataclass(slots=True, kw_only=True)
class Visit:
    """One page in one fresh context, from the first request to the last byte taken."""

    url: str
    context: BrowserContext
    account: Account
    password: str
    settings: Settings
    any_certificate: bool = False

    async def capture(self) -> Capture:
        """What the page was; VisitFailed when there is none, PageLost when the browser died."""
        started, began = datetime.now(UTC), time.monotonic()
        page = await self.context.new_page()
        cdp = await self.context.new_cdp_session(page)
        documents = Documents(cdp, self.account, self.password, self.settings)
        await documents.start()
        guards = Guards(page, self.context, cdp)
        lifecycle = Lifecycle(cdp, documents.frame_id)
        await lifecycle.start()
        steps = Steps()
        try:
            await self._go(page, documents, steps)
            document = documents.file or documents.page
            if document is None:
                raise failures.failed("navigation", "no answer came for the page itself")
            self._check(document)
            facts: dict[str, Any] = {"started_at": started}
            if documents.file is None:
                facts |= await self._page(page, cdp, documents, guards, lifecycle, steps)
            return self._capture(document, documents, steps, guards, facts, began)
        except PlaywrightError as exc:
            if is_gone(exc):
                raise PageLost(str(exc)) from exc
            raise failures.failed("navigation", str(exc)) from exc
        finally:
            documents.stop()

    async def _go(self, page: Page, documents: Documents, steps: Steps) -> None:
        """Until the main document is there, as a page in the browser or as a file in our hands."""
        began = time.monotonic()
        try:
            await self._goto(page, documents)
        except PlaywrightError as exc:
            if is_gone(exc):
                raise
            if documents.file is None and documents.page is None:
                raise self._no_page(exc.message, documents) from exc
        finally:
            steps.seconds["goto"] = round(time.monotonic() - began, 3)

    async def _goto(self, page: Page, documents: Documents) -> None:
        """An answer must begin within one limit, its body be there within another."""
        limits = self.settings
        whole = (limits.goto_timeout_s + limits.load_timeout_s * 2) * 1000
        going = asyncio.ensure_future(page.goto(self.url, wait_until="commit", timeout=whole))
        answered = asyncio.ensure_future(documents.answered.wait())
        try:
            done, _ = await asyncio.wait(
                {going, answered},
                timeout=limits.goto_timeout_s,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if not done:
                raise failures.failed("timeout", "the server did not begin to answer in time")
            await going
        finally:
            for task in (going, answered):
                task.cancel()
            await asyncio.gather(going, answered, return_exceptions=True)

    def _no_page(self, message: str, documents: Documents) -> failures.VisitFailed:
        if documents.location and not documents.location.startswith(("http://", "https://")):
            scheme = documents.location.partition(":")[0]
            return failures.failed("redirect_scheme", f"the page redirects to {scheme}:")
        asked = documents.asked or self.url
        return failures.VisitFailed(failures.of_navigation(message, asked, self.account))

    def _check(self, document: Document) -> None:
        """Answers that are no page and no file."""
        status, headers = document.status, document.headers
        if status in (204, 205, 304):
            raise failures.failed("no_content", f"the server answered {status}")
        wait_s = failures.retry_after(headers.get("retry-after", ""), datetime.now(UTC))
        if status == 429 or (status == 503 and wait_s is not None):
            kind = "http_429" if status == 429 else "http_5xx"
            raise failures.failed(kind, f"the server answered {status}", wait_s)
        if document.truncated == "length" and not document.body:
            raise failures.failed("connect", "the answer broke off before anything of it came")
        is_html = (document.media_type or media.sniff(document.body)) in media.PAGES
        if document.truncated == "bytes" and is_html:
            raise failures.failed("too_large", f"the page has over {len(document.body)} bytes")

    async def _page(
        self,
        page: Page,
        cdp: CDPSession,
        documents: Documents,
        guards: Guards,
        lifecycle: Lifecycle,
        steps: Steps,
    ) -> dict[str, Any]:
        world = World(cdp, documents.frame_id)
        await waiting.wait(steps, world, lifecycle, guards, self.settings)
        documents.held = True
        taken = await taking.take(steps, world, cdp, self.settings)
        if not page.url.startswith(("http://", "https://")):
            raise failures.failed("navigation", "the page left for an address that is not kept")
        if not taken.html:
            raise failures.failed("timeout", "script: the page did not answer any more")
        if taken.favicon_url.startswith(("http://", "https://")):
            icon = taking.favicon(cdp, documents.frame_id, taken.favicon_url)
            taken.favicon = await steps.do("favicon", icon, taking.FAVICON_S) or b""
        return {
            "final_url": page.url,
            "html": taken.html,
            "title": taken.title,
            "styles": taken.styles,
            "dom": taken.dom,
            "screenshot": taken.screenshot,
            "thumbnail": taken.thumbnail,
            "favicon": taken.favicon,
            "favicon_url": taken.favicon_url,
        }

    def _capture(
        self,
        document: Document,
        documents: Documents,
        steps: Steps,
        guards: Guards,
        facts: dict[str, Any],
        began: float,
    ) -> Capture:
        if self.account.cut:
            steps.cut("bytes")
        if documents.navigations > 20:
            steps.cut("navigations")
        if document.truncated:
            steps.cut("body")
        given = {"final_url": document.url} | facts
        return Capture(
            **given,
            finished_at=datetime.now(UTC),
            http_status=document.status,
            media_type=document.media_type or media.sniff(document.body),
            headers=kept_headers(document.headers),
            hops=tuple(documents.hops),
            body=document.body,
            body_truncated=bool(document.truncated),
            partial=tuple(steps.partial),
            notes=self._notes(steps, guards, began),
        )

    def _notes(self, steps: Steps, guards: Guards, began: float) -> dict[str, object]:
        account = self.account
        tls: dict[str, object] = {}
        if self.url.startswith("https://"):
            tls = {"tls": {"valid": not self.any_certificate}}
        return {
            "seconds": {**steps.seconds, "visit": round(time.monotonic() - began, 3)},
            "bytes_received": account.received,
            "requests": account.requests,
            "blocked_requests": list(account.refused),
            "blocked_count": account.refused_count,
            "addresses": dict(account.peers),
            "dialogs": list(guards.dialogs),
            "dialog_count": guards.dialog_count,
            "popups": list(guards.popups),
            "popup_count": guards.popup_count,
        } | tls


def kept_headers(headers: dict[str, str]) -> dict[str, str]:
    """The headers that are recorded: no cookies, no credentials, none without end."""
    return {name: value[:MAX_HEADER] for name, value in headers.items() if name not in KEPT_OUT}


async def user_agent(browser: Browser) -> str:
    """The browser's own, without the word that tells it has no window."""
    context = await browser.new_context()
    try:
        page = await context.new_page()
        agent = str(await asyncio.wait_for(page.evaluate("navigator.userAgent"), 10))
    finally:
        await context.close()
    return agent.replace("HeadlessChrome", "Chrome")
