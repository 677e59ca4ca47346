"""Shows a page in a browser: live, or a saved form of it without a network and without scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, CDPSession, Page, async_playwright

from crawler.browser.launch import ARGUMENTS, VIEWPORT, find_browser, sandbox_available
from linkshot.system.config import Settings

SETTLE_MS = 1_500
"""After the load event and the way down: what the pages of the benchmark still fetch arrives in it."""
STEP_PX = 600
STEP_MS = 350
"""Longer than loaders wait for scrolling to stop."""
LOOKS = ("color", "background-color", "display", "font-family", "font-size", "width", "height", "opacity", "column-count")  # fmt: skip
"""Computed styles of probes that must be the same; widths and heights in pixels."""
DEAD_PROXY = {"server": "http://127.0.0.1:9"}
"""Nothing listens there: whatever a saved page asks for fails, and is counted."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a browser shows of one form of a page."""

    picture: bytes
    """PNG of the whole page."""
    text: str
    """Every laid-out text, frames and shadow roots included."""
    probes: dict[str, dict[str, str]]
    """`data-probe` → computed styles."""
    requests: list[str] = field(default_factory=list)
    """Addresses that were asked for over HTTP."""


@dataclass(frozen=True, slots=True)
class LivePage:
    """A page as it is, and two ways to save it that need no tool."""

    seen: Rendering
    content: bytes
    """`page.content()`."""
    mhtml: bytes
    """`Page.captureSnapshot`."""


@asynccontextmanager
async def browser(*, offline: bool) -> AsyncIterator[Browser]:
    """A Chromium of this machine, with the options that decide about pixels."""
    async with async_playwright() as driver:
        started = await driver.chromium.launch(
            executable_path=str(find_browser(Settings())),
            chromium_sandbox=sandbox_available(),
            args=[one for one in ARGUMENTS if offline or not one.startswith("--host-resolver")],
            proxy=DEAD_PROXY if offline else None,  # type: ignore[arg-type]
        )
        yield started
        await started.close()


async def live(browser: Browser, address: str) -> LivePage:
    """The page at this address, once it has been scrolled through and is quiet."""
    context = await _context(browser, scripts=True)
    page = await context.new_page()
    await page.goto(address, wait_until="load")
    await _walk(page)
    cdp = await context.new_cdp_session(page)
    seen = await _rendering(page, cdp)
    saved = await cdp.send("Page.captureSnapshot", {"format": "mhtml"})
    content = await page.content()
    await context.close()
    return LivePage(seen, content.encode(), saved["data"].encode("utf-8", "surrogatepass"))


async def offline(browser: Browser, file: Path) -> Rendering:
    """The saved page in this file."""
    context = await _context(browser, scripts=False)
    page = await context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    await page.goto(file.as_uri(), wait_until="load")
    seen = await _rendering(page, await context.new_cdp_session(page))
    await context.close()
    asked = [url for url in requests if url.startswith("http")]
    return Rendering(seen.picture, seen.text, seen.probes, asked)


async def _context(browser: Browser, *, scripts: bool) -> BrowserContext:
    return await browser.new_context(
        viewport={"width": VIEWPORT.width, "height": VIEWPORT.height},
        reduced_motion="reduce",
        service_workers="block",
        java_script_enabled=scripts,
    )


async def _walk(page: Page) -> None:
    """Down the page step by step, to its top again, and until it is quiet."""
    for _ in range(60):
        ended = await page.evaluate(
            f"() => {{ scrollBy(0, {STEP_PX}); return scrollY + innerHeight + 1 >= document.documentElement.scrollHeight }}"
        )
        await page.wait_for_timeout(STEP_MS)
        if ended:
            break
    await page.evaluate("scrollTo(0, 0)")
    await page.wait_for_timeout(SETTLE_MS)


async def _rendering(page: Page, cdp: CDPSession) -> Rendering:
    picture = await page.screenshot(full_page=True)
    dom = await cdp.send("DOMSnapshot.captureSnapshot", {"computedStyles": list(LOOKS)})
    return Rendering(picture, _text(dom), _probes(dom))


def _text(dom: dict[str, Any]) -> str:
    """Without what a sheet or the browser writes: list markers, counters, arrows of details."""
    strings = dom["strings"]
    return " ".join(
        strings[text]
        for document in dom["documents"]
        for text, node in zip(
            document["layout"]["text"], document["layout"]["nodeIndex"], strict=True
        )
        if text >= 0 and not _is_generated(document["nodes"], node)
    )


def _is_generated(nodes: dict[str, Any], node: int) -> bool:
    pseudo = set(nodes["pseudoType"]["index"])
    while node >= 0:
        if node in pseudo:
            return True
        node = nodes["parentIndex"][node]
    return False


def _probes(dom: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Of the elements with `data-probe` that are laid out, in all documents."""
    strings = dom["strings"]
    found: dict[str, dict[str, str]] = {}
    for document in dom["documents"]:
        attributes = document["nodes"]["attributes"]
        layout = document["layout"]
        for node, styles in zip(layout["nodeIndex"], layout["styles"], strict=True):
            pairs = [strings[one] for one in attributes[node]]
            name = dict(zip(pairs[::2], pairs[1::2], strict=True)).get("data-probe")
            if name and styles:
                found[name] = dict(zip(LOOKS, (strings[one] for one in styles), strict=True))
    return found
