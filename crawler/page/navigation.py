"""Navigates the browser to the main document, and rejects answers that are neither page nor file."""

import asyncio
import time
from datetime import UTC, datetime

from playwright.async_api import Error as PlaywrightError

from crawler import failures
from crawler.failures import VisitFailed
from crawler.page.main_document import MainDocument
from crawler.page.page_session import PageSession
from crawler.page.steps import PageLost, is_gone
from linkshot.domain.failure_details import detail_text
from linkshot.domain.failures import WAIT_STATUSES, kind_of_refusal
from linkshot.domain.media_sniffing import HTML_TYPES, sniff


async def navigate(session: PageSession, url: str) -> MainDocument:
    """The main document, loaded as a page or read as a file; else VisitFailed."""
    at, began, ended = datetime.now(UTC), time.monotonic(), "failed"
    interceptor = session.main_document
    try:
        await _goto(session, url)
        ended = "done"
    except PlaywrightError as exc:
        if is_gone(exc):
            raise
        if interceptor.file is None and interceptor.page is None:
            failed = _navigation_failed(session, url, exc.message)
            if failed.failure.detail == "ERR_ABORTED":
                # the interceptor aborts only what it has recorded as file or page, so a process of the
                # browser was lost under this navigation
                raise PageLost(exc.message) from exc
            raise failed from exc
        ended = "done"  # the navigation was aborted because the answer is in hand
    finally:
        session.steps.record("goto", at, time.monotonic() - began, ended)
    document = interceptor.file or interceptor.page
    if document is None:
        raise failures.failed("navigation", detail_text("answer.none"))
    reject_non_documents(document)
    return document


async def _goto(session: PageSession, url: str) -> None:
    """Navigate with two limits: one until the answer begins, a longer one for its body."""
    settings = session.settings
    whole = (settings.goto_timeout_s + settings.load_timeout_s * 2) * 1000
    going = asyncio.ensure_future(session.page.goto(url, wait_until="commit", timeout=whole))
    answered = asyncio.ensure_future(session.main_document.answered.wait())
    try:
        done, _ = await asyncio.wait(
            {going, answered},
            timeout=settings.goto_timeout_s,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if not done:
            raise failures.failed("timeout", detail_text("answer.late"))
        await going
    finally:
        for task in (going, answered):
            task.cancel()
        await asyncio.gather(going, answered, return_exceptions=True)


def _navigation_failed(session: PageSession, url: str, message: str) -> VisitFailed:
    location = session.main_document.location
    if location and not location.startswith(("http://", "https://")):
        scheme = location.partition(":")[0]
        return failures.failed("redirect_scheme", detail_text("redirect.scheme", scheme=scheme))
    requested = session.main_document.requested_url or url
    return VisitFailed(failures.navigation_failure(message, requested, session.meter))


def reject_non_documents(document: MainDocument) -> None:
    """VisitFailed for an answer that is neither page nor file. (pure but for the clock)"""
    status, headers = document.status, document.headers
    if status in (204, 205, 304):
        raise failures.failed("no_content", detail_text("answered", status=status))
    wait_s = failures.retry_after(headers.get("retry-after", ""), datetime.now(UTC))
    if status == 429 or (status in WAIT_STATUSES and wait_s is not None):
        raise failures.failed(
            kind_of_refusal(status), detail_text("answered", status=status), wait_s
        )
    if document.truncated == "length" and not document.body:
        raise failures.failed("connect", detail_text("answer.broke_off"))
    is_html = (document.media_type or sniff(document.body)) in HTML_TYPES
    if document.truncated == "bomb" and is_html:
        raise failures.failed("too_large", detail_text("page.too_large", bytes=len(document.body)))
