"""One visit: navigates to the page, waits until it has settled, and captures it.

A visit has a browser context of its own and ends in exactly one of three ways: a Capture,
VisitFailed (the site's fault, final for this visit) or PageLost (the browser died; the download
handler decides whether to try again).
"""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError

from crawler import failures
from crawler.egress.certificates import ask_certificates
from crawler.egress.traffic import TrafficMeter
from crawler.failures import VisitFailed
from crawler.page import navigation, page_capture, settle
from crawler.page.capture_builder import build_capture
from crawler.page.main_document import MainDocument
from crawler.page.page_capture import PageParts
from crawler.page.page_session import OpenPage, PageSession, open_page
from crawler.page.steps import PageLost, is_gone
from linkshot.domain.failure_details import detail_text
from linkshot.domain.model import Capture
from linkshot.domain.urls import without_credentials
from linkshot.system.config import Settings

CERTIFICATES_GRACE_S = 0.5
"""How long the certificates are waited for once the page was captured."""
T = TypeVar("T")


async def visit_page(
    url: str,
    context: BrowserContext,
    meter: TrafficMeter,
    settings: Settings,
    certificate_error: str = "",
) -> Capture:
    """The capture of `url`; VisitFailed when there is none, PageLost when the browser died.

    `certificate_error` is why the server's certificate was refused at the first try; the context
    then accepts any certificate, and the capture records the reason.
    """
    try:
        session = await open_page(context, meter, settings)
        try:
            return await run_unless_crashed(session, _capture(session, url, certificate_error))
        except VisitFailed as exc:
            exc.failure = exc.failure.after(session.main_document.hops)
            raise
        finally:
            session.recorder.stop()
    except PlaywrightError as exc:
        if is_gone(exc):
            raise PageLost(str(exc)) from exc
        raise failures.failed("navigation", str(exc)) from exc


async def _capture(session: PageSession, url: str, certificate_error: str) -> Capture:
    started = datetime.now(UTC)
    document = await navigation.navigate(session, url)
    asking = asyncio.ensure_future(_certificates(session, document.url))
    try:
        return await _capture_document(session, document, started, certificate_error, asking)
    finally:
        asking.cancel()


async def _capture_document(
    session: PageSession,
    document: MainDocument,
    started: datetime,
    certificate_error: str,
    asking: "asyncio.Future[dict[str, Any]]",
) -> Capture:
    asked_for, final_url = document.url, document.url
    if session.main_document.file is None:
        parts = await _capture_page(session)
        # scripts may have moved on to another address or another document since the navigation
        final_url = without_credentials(session.page.url)
        document = session.main_document.page or document
    else:
        parts = await page_capture.capture_file_page(session, final_url)
    facts: dict[str, object] = {}
    if final_url.startswith("https://"):
        reason = {"reason": certificate_error} if certificate_error else {}
        facts["tls"] = {"valid": not certificate_error, **reason}
    if asked_for.startswith("https://"):
        # it had the whole visit; one that still waits is not waited for
        await asyncio.wait({asking}, timeout=CERTIFICATES_GRACE_S)
        facts["certificates"] = asking.result() if asking.done() else {"error": "timeout"}
    times = (started, datetime.now(UTC))
    return build_capture(session, document, parts, final_url, times, facts)


async def _certificates(session: PageSession, url: str) -> dict[str, Any]:
    return await ask_certificates(session.meter, url) if url.startswith("https://") else {}


async def _capture_page(session: PageSession) -> PageParts:
    await settle.wait_until_settled(session)
    await settle.freeze_navigation(session)
    parts = await _capture_one_document(session)
    if not session.page.url.startswith(("http://", "https://")):
        raise failures.failed("navigation", detail_text("page.left"))
    if not parts.html:
        raise failures.failed("timeout", detail_text("page.silent"))
    return parts


async def _capture_one_document(session: PageSession) -> PageParts:
    """All parts of one document: captured again when another one arrived meanwhile.

    Without this the screenshot could show one document and the text another.
    """
    partial_before, loader = list(session.steps.partial), session.lifecycle.loader
    parts = await page_capture.capture_page(session)
    if session.lifecycle.loader == loader:
        return parts
    session.steps.partial[:] = partial_before
    await settle.freeze_navigation(session)
    return await page_capture.capture_page(session)


async def run_unless_crashed(session: OpenPage, work: Coroutine[Any, Any, T]) -> T:
    """The result of the work; PageLost as soon as the page's process is gone.

    Playwright reports a crashed renderer by an event only: calls under way would wait for ever.
    """
    working = asyncio.ensure_future(work)
    crash = asyncio.ensure_future(session.dialog_guard.crashed.wait())
    try:
        await asyncio.wait({working, crash}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise PageLost(detail_text("page.process_ended"))
        return working.result()
    finally:
        for task in (working, crash):
            task.cancel()
        await asyncio.gather(working, crash, return_exceptions=True)
