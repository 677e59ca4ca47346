"""Captures a settled page: screenshot, HTML, DOM snapshot, style sheets, icon, subresources."""

import base64
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urljoin

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

from crawler.page import network_resource
from crawler.page.freezer import Freezer
from crawler.page.page_parts import PageParts
from crawler.page.page_session import OpenPage, PageSession
from linkshot.domain.model import Picture
from linkshot.domain.site_rules import Viewport
from linkshot.text.line_breaks import join_lines

FAST_PNG = {"format": "png", "optimizeForSpeed": True}
"""The cheapest lossless form; pipelines/screenshot.py makes WebP of it for a third of the CPU time
that Chromium needs for WebP (docs/benchmarks.md)."""
SMALL_WEBP = {"format": "webp", "quality": 80}
MAX_PIXELS = 60_000_000
"""Of all screenshots of a page together."""
TILE_HEIGHT = 16_000
"""CSS pixels: WebP ends at 16,383, and with a GPU Chromium repeats the page after 16,384."""
THUMBNAIL_CLIP = {"x": 0, "y": 0, "width": 1280, "height": 720, "scale": 0.5}
"""The part of the page that the thumbnail shows."""
MAX_WIDTH = 2560
MAX_NODES = 200_000
MAX_MHTML = 60_000_000
"""Characters; its pictures are written in base64."""
FIRST_SCREEN_S = 5.0
MAX_FAVICON_BYTES, FAVICON_S = 262_144, 3.0
RECORDER_TIMEOUT_S = 8.0
"""More than the recorder takes by its own limits."""
COMPUTED_STYLES = [
    "display",
    "visibility",
    "white-space-collapse",
    "font-size",
    "position",
    "background-color",
    "opacity",
    "z-index",
]
"""In this order in the DOM snapshot; pipelines/visible_text.py and consent_overlay.py read them."""


async def capture_page(session: PageSession) -> None:
    """All parts of the page into the session; what cannot be had is left out and recorded.

    The screenshot comes first, because reading a huge document can cost a page its life.
    """
    steps, cdp, cap = session.steps, session.cdp, session.settings.capture_timeout_s
    parts = session.parts = PageParts(first_screen=session.parts.first_screen)
    await photograph(session)
    read: dict[str, Any] = await steps.run("html", session.world.run("read"), cap) or {}
    parts.html = read.get("html", "")
    parts.title = " ".join(join_lines(read.get("title", "")).split())
    session.main_document.auth_challenges.add_resources(read.get("refused", []))
    if read.get("nodes", 0) <= MAX_NODES:
        parts.dom = await steps.run("dom", dom_snapshot(cdp), cap) or {}
        freezing = Freezer(cdp, parts.dom).freeze(session.main_document.frame_id)
        parts.frozen = await steps.run("freeze", freezing, cap)
        if parts.frozen is None:
            parts.mhtml = await steps.run("mhtml", mhtml(cdp), cap, promised=False) or b""
    else:
        steps.mark_partial("dom")
        steps.mark_partial("freeze")
    await steps.run("finish", session.recorder.finish(), RECORDER_TIMEOUT_S, promised=False)
    # last, since the page itself does not show it
    parts.favicon_url, parts.favicon = await favicon(
        session, session.page.url, read.get("favicon", "")
    )


async def photograph(session: OpenPage) -> None:
    """The screenshots of the page; of one that is too large the first screen only.

    A picture of a page of 500,000 elements costs gigabytes, its first screen next to nothing.
    """
    steps, cdp, parts = session.steps, session.cdp, session.parts
    cap, height = session.settings.capture_timeout_s, session.settings.screenshot_px
    if session.nodes > MAX_NODES:
        await photograph_first_screen(session)
    elif shot := await steps.run("screenshot", screenshot(cdp, height, session.viewport), cap):
        parts.screenshot = shot
        # a tile that fails is told by the height that is shown
        below = screenshot_tiles(cdp, shot, height)
        parts.screenshot_tiles = (
            await steps.run("screenshot_tiles", below, cap, promised=False) or ()
        )
        steps.partial += screenshot_limits(shot, parts.screenshot_tiles)
    elif parts.first_screen is None:
        parts.thumbnail = await steps.run("thumbnail", thumbnail(cdp), cap)


async def photograph_first_screen(session: OpenPage) -> None:
    """A picture of the first screen into the session, before something that may cost the page its life."""
    seen = first_screen(session.cdp, session.viewport)
    session.parts.first_screen = await session.steps.run(
        "first_screen", seen, FIRST_SCREEN_S, promised=False
    )


async def first_screen(cdp: CDPSession, window: Viewport) -> Picture:
    """What the window shows without scrolling."""
    data = await shoot(cdp, FAST_PNG)
    return Picture(data=data, media_type="image/png", width=window.width, height=window.height)


async def screenshot(cdp: CDPSession, max_height: int, window: Viewport) -> Picture:
    """The whole page from the top left, as large as a picture of it may be, in CSS pixels."""
    metrics = await cdp.send("Page.getLayoutMetrics")
    size = metrics["cssContentSize"]
    whole = (max(int(size["width"]), window.width), max(int(size["height"]), 1))
    width = min(whole[0], MAX_WIDTH)
    height = min(whole[1], max_height, MAX_PIXELS // width, TILE_HEIGHT)
    return await _tile(cdp, 0, width, height, whole)


async def screenshot_tiles(cdp: CDPSession, first: Picture, max_height: int) -> tuple[Picture, ...]:
    """What follows below the first picture, in pictures of TILE_HEIGHT.

    Each is a rendering of its own. The page is not scrolled, so what is fixed to the window stands in
    the first one only.
    """
    whole = first.page or (first.width, first.height)
    end = min(whole[1], max_height, MAX_PIXELS // first.width)
    return tuple(
        [
            await _tile(cdp, top, first.width, min(TILE_HEIGHT, end - top), whole)
            for top in range(first.height, end, TILE_HEIGHT)
        ]
    )


async def _tile(
    cdp: CDPSession, top: int, width: int, height: int, page: tuple[int, int]
) -> Picture:
    clip = {"x": 0, "y": top, "width": width, "height": height, "scale": 1}
    how = {**FAST_PNG, "captureBeyondViewport": True}
    if (await cdp.send("Page.getFrameTree"))["frameTree"].get("childFrames"):
        # A frame of another origin is rendered only once it was seen to be in view, which is decided while
        # a picture is drawn: it stands in the next one.
        await shoot(cdp, {**how, "clip": clip | {"y": top + height - 1, "width": 1, "height": 1}})
    data = await shoot(cdp, {**how, "clip": clip})
    return Picture(data=data, media_type="image/png", width=width, height=height, page=page)


def screenshot_limits(shot: Picture, tiles: Sequence[Picture] = ()) -> Iterator[str]:
    """Stable words for what the screenshots do not show, with the size of the page. (pure)"""
    width, height = shot.page or (shot.width, shot.height)
    if height > shot.height + sum(tile.height for tile in tiles):
        yield f"screenshot_height:{height}"
    if width > shot.width:
        yield f"screenshot_width:{width}"


async def thumbnail(cdp: CDPSession) -> Picture:
    """The top of the page, scaled down: the substitute when a whole screenshot failed."""
    data = await shoot(cdp, {**SMALL_WEBP, "clip": THUMBNAIL_CLIP})
    return Picture(data=data, media_type="image/webp", width=640, height=360)


async def shoot(cdp: CDPSession, how: dict[str, Any]) -> bytes:
    """The picture's bytes; Chromium reports one it cannot encode by empty data, without an error."""
    shot = await cdp.send("Page.captureScreenshot", how)
    data = base64.b64decode(shot["data"])
    if not data:
        raise PlaywrightError("the browser gave an empty picture")
    return data


async def dom_snapshot(cdp: CDPSession) -> dict[str, object]:
    """All documents of the page with their laid-out text."""
    snapshot: dict[str, object] = await cdp.send(
        "DOMSnapshot.captureSnapshot",
        {"computedStyles": COMPUTED_STYLES, "includePaintOrder": True},
    )
    return snapshot


async def mhtml(cdp: CDPSession) -> bytes:
    """The page as the browser itself saves it (RFC 2557): with frames and rules that scripts made, without
    shadow styles, pixels of a canvas and typed values. Raises PlaywrightError when it is too large."""
    saved = await cdp.send("Page.captureSnapshot", {"format": "mhtml"})
    if len(saved["data"]) > MAX_MHTML:
        raise PlaywrightError("the page is too large to be kept as MHTML")
    return str(saved["data"]).encode("utf-8", "replace")


async def capture_file_page(session: PageSession, url: str) -> None:
    """The parts when the main document is a file: the icon of its site."""
    parts = session.parts
    parts.favicon_url, parts.favicon = await favicon(session, url, "")


async def favicon(session: PageSession, url: str, declared: str) -> tuple[str, bytes]:
    """Address and bytes of the icon that the document at `url` declares, else of `/favicon.ico`.

    Browsers look there without a declaration (HTML standard, 4.6.7.8). The address stays empty when
    nothing was declared and nothing found.
    """
    where = declared or urljoin(url, "/favicon.ico")
    if not where.startswith(("http://", "https://")):
        return declared, b""
    load = _load_icon(session, where)
    data = await session.steps.run("favicon", load, FAVICON_S, promised=bool(declared)) or b""
    return (where if data else declared), data


async def _load_icon(session: PageSession, address: str) -> bytes:
    """The icon as the page loaded it, else loaded now; headless Chromium asks for none by itself."""
    log = session.recorder.log
    if known := log.whole(address):
        return known.body if len(known.body) <= MAX_FAVICON_BYTES else b""
    frame = session.main_document.frame_id
    loaded = await network_resource.load(session.cdp, frame, address, MAX_FAVICON_BYTES)
    if loaded is None:
        return b""
    log.add_loaded(address, loaded.headers, loaded.body, "image")
    return loaded.body
