"""One visit: navigates to the page, waits until it has settled, and captures it.

A visit has a browser context of its own and ends in exactly one of three ways: a Capture,
VisitFailed (the site's fault, final for this visit) or PageLost (the browser died; the download
handler decides whether to try again). What came of it until then is in its Attempt.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError

from crawler import failures
from crawler.egress.traffic import TrafficMeter
from crawler.failures import VisitFailed
from crawler.page import navigation, page_capture, settle
from crawler.page.attempt import Attempt
from crawler.page.main_document import MainDocument
from crawler.page.page_session import OpenPage, PageSession, open_page
from crawler.page.steps import PageLost, is_gone
from linkshot.domain.failure_details import detail_text
from linkshot.domain.model import Capture
from linkshot.domain.urls import without_credentials
from linkshot.system.config import Settings

T = TypeVar("T")


async def visit_page(
    attempt: Attempt, context: BrowserContext, meter: TrafficMeter, settings: Settings
) -> Capture:
    """The capture of the attempt's page; VisitFailed when there is none, PageLost when the browser died."""
    try:
        if attempt.jar is not None:
            await attempt.jar.set_in(context)
        session = await open_page(
            context,
            meter,
            settings,
            attempt.rules,
            obeys_robots=attempt.obeys_robots,
            network=attempt.network,
        )
        attempt.begin(session)
        try:
            return await run_unless_crashed(session, _capture(session, attempt))
        except VisitFailed as exc:
            exc.failure = exc.failure.after(session.main_document.hops)
            raise
        finally:
            session.recorder.stop()
            if attempt.jar is not None:
                await attempt.jar.note_changes(context)
    except PlaywrightError as exc:
        if is_gone(exc):
            raise PageLost(str(exc)) from exc
        raise failures.failed("navigation", str(exc)) from exc


async def _capture(session: PageSession, attempt: Attempt) -> Capture:
    document = await navigation.navigate(session, attempt.url)
    attempt.ask_for_certificates(document.url)
    try:
        return await _capture_document(session, attempt, document)
    finally:
        attempt.stop_asking()


async def _capture_document(
    session: PageSession, attempt: Attempt, document: MainDocument
) -> Capture:
    if session.main_document.file is not None:
        await page_capture.capture_file_page(session, document.url)
        await attempt.wait_for_certificates(document.url)
        return attempt.capture(session, document, document.url)
    is_suspect = bool(attempt.lost_by) or document.truncated == "bytes"
    await settle.wait_until_settled(session, look_first=is_suspect)
    session.steps.has_settled = True
    await settle.freeze_navigation(session)
    await _capture_one_document(session)
    if not session.page.url.startswith(("http://", "https://")):
        raise failures.failed("navigation", detail_text("page.left"))
    await attempt.wait_for_certificates(session.page.url)
    if not session.parts.html:
        return attempt.partial_capture(failures.failed("timeout", detail_text("page.silent")))
    # scripts may have moved on to another address or another document since the navigation
    final_url = without_credentials(session.page.url)
    return attempt.capture(session, session.main_document.page or document, final_url)


async def _capture_one_document(session: PageSession) -> None:
    """All parts of one document: captured again when another one arrived meanwhile.

    Without this the screenshot could show one document and the text another.
    """
    partial_before, loader = list(session.steps.partial), session.lifecycle.loader
    await page_capture.capture_page(session)
    if session.lifecycle.loader == loader:
        return
    session.steps.partial[:] = partial_before
    await settle.freeze_navigation(session)
    await page_capture.capture_page(session)


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
