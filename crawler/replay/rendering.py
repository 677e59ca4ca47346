"""Renders a page again without a network: the original from its archive, or the saved page.html.

The browser context has no way out: HTTP is answered from what is stored, and everything else ends in
an EgressSink. Pages are settled and photographed as at a visit, so that the pictures can be compared.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError

from crawler.browser.browser_pool import CLOSE_TIMEOUT_S
from crawler.browser.launch import VIEWPORT, context_options
from crawler.egress.traffic import TrafficMeter
from crawler.page import page_capture, settle
from crawler.page.dialog_guard import DialogGuard
from crawler.page.isolated_world import IsolatedWorld, script
from crawler.page.lifecycle import Lifecycle
from crawler.page.page_session import OpenPage
from crawler.page.steps import PageLost, Steps, is_gone
from crawler.page.visit import run_unless_crashed
from crawler.replay.archived_answers import ArchivedAnswer, ArchivedAnswers
from crawler.replay.egress_sink import EgressSink
from crawler.replay.replay_network import Answers, ReplayNetwork
from linkshot.domain.model import Picture
from linkshot.domain.site_rules import Viewport
from linkshot.system.config import Settings
from pipelines.visible_text import visible_text

T = TypeVar("T")
SAVED_PAGE_URL = "https://page.invalid/page.html"
"""Where page.html seems to lie; `.invalid` never resolves (RFC 2606)."""


class RenderingFailed(Exception):
    """The page could not be shown; `code` is a stable word for why."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code


class ContextStuck(PageLost):
    """The browser does not close the context in time; it needs to be killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """What a page looks like and says, and what it asked for in vain."""

    pictures: tuple[Picture, ...]
    """Tiles from the top, PNG; empty when none could be made."""
    text: str
    missing: tuple[str, ...]
    """Requests over HTTP, until it was photographed, that what is stored has no answer for."""
    leaks: int
    """Attempts to reach the network by other ways; none of them got there."""
    leak_targets: tuple[str, ...]


class SavedPage:
    """page.html as the only answer that there is."""

    def __init__(self, html: bytes) -> None:
        headers = (("Content-Type", "text/html; charset=utf-8"),)
        self._answer = ArchivedAnswer(status=200, reason="OK", headers=headers, body=html)

    def has(self, url: str, methods: Iterable[str] = ("GET",)) -> bool:
        """Whether it is asked for."""
        return url == SAVED_PAGE_URL and "GET" in methods

    def find(
        self, method: str, url: str, body: bytes
    ) -> "Callable[[], ArchivedAnswer | None] | None":
        """The page, for its own address."""
        return (lambda: self._answer) if self.has(url, (method,)) and not body else None


@dataclass(frozen=True, slots=True)
class Taken(Generic[T]):
    """What was taken of a page that was shown, and what it asked for in vain."""

    value: T
    network: ReplayNetwork
    sink: EgressSink


Take = Callable[[OpenPage, ReplayNetwork], Awaitable[T]]
"""Takes something of a settled page; sets `frozen` of the network before."""


async def render_archive(
    browser: Browser,
    agent: str,
    answers: ArchivedAnswers,
    url: str,
    settings: Settings,
    viewport: Viewport = VIEWPORT,
) -> Rendering:
    """The page at `url` as the archive brings it back, scripts included; RenderingFailed, PageLost."""
    work = show_archive(browser, agent, answers, url, settings, _photograph, viewport)
    return _rendering(await work)


async def render_saved_page(
    browser: Browser, agent: str, html: bytes, settings: Settings, viewport: Viewport = VIEWPORT
) -> Rendering:
    """page.html, without scripts; RenderingFailed, PageLost."""
    page = SavedPage(html)
    work = _show(browser, agent, page, SAVED_PAGE_URL, settings, _photograph, viewport)
    return _rendering(await work)


async def show_archive(
    browser: Browser,
    agent: str,
    answers: ArchivedAnswers,
    url: str,
    settings: Settings,
    take: Take[T],
    viewport: Viewport = VIEWPORT,
    device: Mapping[str, Any] | None = None,
) -> Taken[T]:
    """What is taken of the page at `url`, shown from the archive on a device with these context options;
    RenderingFailed, PageLost."""
    first = url if answers.has(url) else answers.page_url
    clock = "" if answers.page_at is None else clock_script(answers.page_at)
    return await _show(
        browser, agent, answers, first, settings, take, viewport, before=clock, device=device
    )


async def _show(
    browser: Browser,
    agent: str,
    answers: Answers,
    url: str,
    settings: Settings,
    take: Take[T],
    viewport: Viewport,
    *,
    before: str | None = None,
    device: Mapping[str, Any] | None = None,
) -> Taken[T]:
    """`before` runs in each document before its own scripts; None: no scripts at all."""
    options = context_options(settings, agent, any_certificate=False, viewport=viewport)
    options |= {"java_script_enabled": before is not None, **(device or {})}
    async with EgressSink() as sink, _context(browser, sink, options) as context:
        try:
            if before:
                await context.add_init_script(before)
            opened, network = await _open(context, answers, settings, viewport)
            try:
                work = _settled(opened, network, url, take, scripts=before is not None)
                value = await run_unless_crashed(opened, work)
            finally:
                network.stop()
        except PlaywrightError as exc:
            if is_gone(exc):
                raise PageLost(str(exc)) from exc
            raise RenderingFailed("browser", str(exc)[:300]) from exc
        return Taken(value, network, sink)


async def _open(
    context: Any, answers: Answers, settings: Settings, viewport: Viewport
) -> tuple[OpenPage, ReplayNetwork]:
    page = await context.new_page()
    cdp = await context.new_cdp_session(page)
    frame_id = (await cdp.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
    network = ReplayNetwork(cdp, answers, frame_id)
    await network.start()
    lifecycle = Lifecycle(cdp, frame_id)
    await lifecycle.start()
    opened = OpenPage(
        page=page,
        cdp=cdp,
        meter=TrafficMeter(name="", password="", max_bytes=0, max_requests=0),
        dialog_guard=DialogGuard(page, context, cdp),
        lifecycle=lifecycle,
        steps=Steps(),
        world=IsolatedWorld(cdp, frame_id),
        settings=settings,
        viewport=viewport,
    )
    return opened, network


async def _settled(
    opened: OpenPage, network: ReplayNetwork, url: str, take: Take[T], *, scripts: bool
) -> T:
    """What is taken of the page once it has settled."""
    settings, steps = opened.settings, opened.steps
    try:
        await opened.page.goto(url, wait_until="commit", timeout=settings.goto_timeout_s * 1000)
    except PlaywrightError as exc:
        if is_gone(exc):
            raise
        raise RenderingFailed("not_shown", exc.message[:300]) from exc
    if scripts:
        await settle.wait_until_settled(opened)
    else:
        await steps.run("load", opened.lifecycle.until("load"), settings.load_timeout_s)
        await steps.run("quiet", opened.lifecycle.until_quiet(), settings.quiet_timeout_s)
    return await take(opened, network)


async def _photograph(opened: OpenPage, network: ReplayNetwork) -> tuple[tuple[Picture, ...], str]:
    """Pictures and text of the page."""
    network.frozen = True
    await page_capture.photograph(opened)
    first = opened.parts.screenshot or opened.parts.first_screen
    reading = page_capture.dom_snapshot(opened.cdp)
    dom: dict[str, Any] | None = await opened.steps.run(
        "dom", reading, opened.settings.capture_timeout_s
    )
    text = await asyncio.to_thread(visible_text, dom) if dom else ""
    return (first, *opened.parts.screenshot_tiles) if first is not None else (), text


def _rendering(taken: Taken[tuple[tuple[Picture, ...], str]]) -> Rendering:
    pictures, text = taken.value
    return Rendering(
        pictures=pictures,
        text=text,
        missing=tuple(taken.network.missing),
        leaks=taken.sink.count,
        leak_targets=tuple(taken.sink.targets),
    )


def clock_script(at: datetime) -> str:
    """Lets a document see this instant as the time of its beginning."""
    return f"({script('clock')})({json.dumps({'at': int(at.timestamp() * 1000)})})"


@asynccontextmanager
async def _context(
    browser: Browser, sink: EgressSink, given: Mapping[str, Any]
) -> AsyncIterator[Any]:
    """A fresh context without any way out; PageLost when the browser is gone, or cannot close it."""
    options = {**given, **sink.context_options()}
    try:
        context = await browser.new_context(**options)
    except PlaywrightError as exc:
        raise PageLost(str(exc)) from exc
    try:
        yield context
    finally:
        try:
            await asyncio.wait_for(context.close(), CLOSE_TIMEOUT_S)
        except TimeoutError as exc:
            raise ContextStuck("the context does not close") from exc
        except PlaywrightError as exc:
            raise PageLost(str(exc)) from exc
