"""How does the browser get to the main document, and which answers are none?"""

import asyncio
import time
from datetime import UTC, datetime

from playwright.async_api import Error as PlaywrightError

from crawler import failures
from crawler.failures import VisitFailed
from crawler.page import page_types
from crawler.page.main_document import Document
from crawler.page.page_session import Opened
from crawler.page.steps import PageLost, is_gone
from linkshot.system.config import Settings


async def go(opened: Opened, url: str, settings: Settings) -> Document:
    """The main document, as a page in the browser or as a file in our hands; else VisitFailed."""
    began = time.monotonic()
    documents = opened.documents
    try:
        await _goto(opened, url, settings)
    except PlaywrightError as exc:
        if is_gone(exc):
            raise
        if documents.file is None and documents.page is None:
            failed = _no_page(opened, url, exc.message)
            if failed.failure.detail == "ERR_ABORTED":
                # nobody of us aborted it: a process of the browser was lost under it
                raise PageLost(exc.message) from exc
            raise failed from exc
    finally:
        opened.steps.seconds["goto"] = round(time.monotonic() - began, 3)
    document = documents.file or documents.page
    if document is None:
        raise failures.failed("navigation", "no answer came for the page itself")
    check(document)
    return document


async def _goto(opened: Opened, url: str, settings: Settings) -> None:
    """An answer must begin within one limit, its body be there within another."""
    whole = (settings.goto_timeout_s + settings.load_timeout_s * 2) * 1000
    going = asyncio.ensure_future(opened.page.goto(url, wait_until="commit", timeout=whole))
    answered = asyncio.ensure_future(opened.documents.answered.wait())
    try:
        done, _ = await asyncio.wait(
            {going, answered},
            timeout=settings.goto_timeout_s,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if not done:
            raise failures.failed("timeout", "the server did not begin to answer in time")
        await going
    finally:
        for task in (going, answered):
            task.cancel()
        await asyncio.gather(going, answered, return_exceptions=True)


def _no_page(opened: Opened, url: str, message: str) -> VisitFailed:
    location = opened.documents.location
    if location and not location.startswith(("http://", "https://")):
        scheme = location.partition(":")[0]
        return failures.failed("redirect_scheme", f"the page redirects to {scheme}:")
    asked = opened.documents.asked or url
    return VisitFailed(failures.of_navigation(message, asked, opened.account))


def check(document: Document) -> None:
    """VisitFailed for answers that are neither page nor file. (pure but for the clock)"""
    status, headers = document.status, document.headers
    if status in (204, 205, 304):
        raise failures.failed("no_content", f"the server answered {status}")
    wait_s = failures.retry_after(headers.get("retry-after", ""), datetime.now(UTC))
    if status == 429 or (status == 503 and wait_s is not None):
        kind = "http_429" if status == 429 else "http_5xx"
        raise failures.failed(kind, f"the server answered {status}", wait_s)
    if document.truncated == "length" and not document.body:
        raise failures.failed("connect", "the answer broke off before anything of it came")
    is_html = (document.media_type or page_types.sniff(document.body)) in page_types.PAGES
    if document.truncated == "bytes" and is_html:
        raise failures.failed("too_large", f"the page has over {len(document.body)} bytes")
