"""Takes from a page that stands still: screenshot, document, text, style sheets, icon, parts."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

from crawler.browser.launch import VIEWPORT
from crawler.page.page_session import Opened
from crawler.page.subresources import Parts, loaded_again, parts, sheets
from linkshot.domain.model import Picture
from linkshot.system.config import Settings
from linkshot.text.line_breaks import join_lines

FAST_PNG = {"format": "png", "optimizeForSpeed": True}
"""The cheapest form that loses nothing; pipelines/screenshot.py makes WebP of it for a third of the
CPU time that Chromium needs for WebP (docs/benchmarks.md)."""
SMALL_WEBP = {"format": "webp", "quality": 80}
MAX_PIXELS = 60_000_000
TOP = {"x": 0, "y": 0, "width": 1280, "height": 720, "scale": 0.5}
"""What the thumbnail shows."""
MAX_WIDTH = 2560
MAX_NODES = 200_000
MAX_FAVICON_BYTES, FAVICON_S = 262_144, 3.0
SHEETS_S, PARTS_S = 5.0, 20.0
COMPUTED_STYLES = ["display", "visibility", "white-space-collapse", "font-size"]
"""In this order in the DOM snapshot; pipelines/visible_text.py reads them."""


@dataclass(slots=True, kw_only=True)
class Taken:
    """The parts of a Capture that come out of the browser."""

    html: str = ""
    title: str = ""
    favicon_url: str = ""
    favicon: bytes = b""
    screenshot: Picture | None = None
    thumbnail: Picture | None = None
    dom: dict[str, object] = field(default_factory=dict)
    styles: dict[str, str] = field(default_factory=dict)
    parts: Parts = field(default_factory=Parts)


async def take(opened: Opened, settings: Settings) -> Taken:
    """Screenshot first, then the document; what cannot be had is left out and noted."""
    steps, cdp, cap = opened.steps, opened.cdp, settings.capture_timeout_s
    taken = Taken()
    taken.screenshot = await steps.do("screenshot", screenshot(cdp, settings.screenshot_px), cap)
    if taken.screenshot is not None:
        steps.partial += cut_off(taken.screenshot)
    else:
        taken.thumbnail = await steps.do("thumbnail", thumbnail(cdp), cap)
    read: dict[str, Any] = await steps.do("html", opened.world.run("read"), cap) or {}
    taken.html = read.get("html", "")
    taken.title = " ".join(join_lines(read.get("title", "")).split())
    opened.documents.logins.refused(read.get("refused", []))
    if read.get("nodes", 0) <= MAX_NODES:
        taken.dom = await steps.do("dom", dom(cdp), cap) or {}
    else:
        steps.cut("dom")
    taken.styles = await steps.do("styles", sheets(cdp, opened.account), SHEETS_S) or {}
    taken.favicon_url, taken.favicon = await icon(opened, opened.page.url, read.get("favicon", ""))
    taken.parts = await steps.do("parts", parts(cdp), PARTS_S) or Parts()
    return taken


async def screenshot(cdp: CDPSession, max_height: int) -> Picture:
    """The whole page from the top left, as large as a picture of it may be, in CSS pixels."""
    metrics = await cdp.send("Page.getLayoutMetrics")
    size = metrics["cssContentSize"]
    whole = (max(int(size["width"]), VIEWPORT["width"]), max(int(size["height"]), 1))
    width = min(whole[0], MAX_WIDTH)
    height = min(whole[1], max_height, MAX_PIXELS // width)
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    data = await _shot(cdp, {**FAST_PNG, "captureBeyondViewport": True, "clip": clip})
    return Picture(data=data, media_type="image/png", width=width, height=height, page=whole)


def cut_off(shot: Picture) -> Iterator[str]:
    """What the screenshot does not show, as stable words with the size of the page. (pure)"""
    width, height = shot.page or (shot.width, shot.height)
    if height > shot.height:
        yield f"screenshot_height:{height}"
    if width > shot.width:
        yield f"screenshot_width:{width}"


async def thumbnail(cdp: CDPSession) -> Picture:
    """The top of the page, small: of a page that is too much for a whole screenshot."""
    data = await _shot(cdp, {**SMALL_WEBP, "clip": TOP})
    return Picture(data=data, media_type="image/webp", width=640, height=360)


async def _shot(cdp: CDPSession, how: dict[str, Any]) -> bytes:
    """The picture's bytes; one that cannot be encoded comes back empty, without an error."""
    shot = await cdp.send("Page.captureScreenshot", how)
    data = base64.b64decode(shot["data"])
    if not data:
        raise PlaywrightError("the browser gave an empty picture")
    return data


async def dom(cdp: CDPSession) -> dict[str, object]:
    """All documents of the page with their laid-out text."""
    snapshot: dict[str, object] = await cdp.send(
        "DOMSnapshot.captureSnapshot", {"computedStyles": COMPUTED_STYLES}
    )
    return snapshot


async def beside_a_file(opened: Opened, url: str) -> Taken:
    """What there is to take when the document is no page: the icon of its site."""
    taken = Taken()
    taken.favicon_url, taken.favicon = await icon(opened, url, "")
    return taken


async def icon(opened: Opened, url: str, declared: str) -> tuple[str, bytes]:
    """Address and bytes of the icon that the document at `url` declares, else of the one where
    browsers look for it (HTML standard, 4.6.7.8: `/favicon.ico`); the address of one that was only
    looked for stays empty when there is none."""
    where = declared or urljoin(url, "/favicon.ico")
    if not where.startswith(("http://", "https://")):
        return declared, b""
    load = loaded_again(opened.cdp, opened.documents.frame_id, where, MAX_FAVICON_BYTES)
    data = await opened.steps.do("favicon", load, FAVICON_S, promised=bool(declared)) or b""
    return (where if data else declared), data
