"""Renders views of a page from its archive, without a visit: a PDF, and what it looks like on a phone."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError

from crawler.page import page_capture
from crawler.page.page_session import OpenPage
from crawler.replay import rendering
from crawler.replay.archived_answers import ArchivedAnswers
from crawler.replay.rendering import RenderingFailed, Take
from crawler.replay.replay_network import ReplayNetwork
from linkshot.domain.model import Role
from linkshot.domain.site_rules import Viewport
from linkshot.system.config import Settings
from pipelines.images import encode_tile

PHONE_WINDOW = Viewport(width=390, height=844)
PHONE: Mapping[str, Any] = {
    "device_scale_factor": 3,
    "is_mobile": True,
    "has_touch": True,
}
PAPER: Mapping[str, Any] = {
    "format": "A4",
    "print_background": True,
    "tagged": True,
    "outline": True,
    "margin": {"top": "10mm", "right": "10mm", "bottom": "10mm", "left": "10mm"},
}
TILE_PIXELS, MAX_TILES = 16_000, 4
"""Height of a picture of the mobile view, and how many there are at most."""
MAX_PDF_BYTES = 200_000_000
VIEW_OPTIONS: Mapping[Role, Mapping[str, Any]] = {
    Role.PDF: {**PAPER, "media": "screen"},
    Role.MOBILE: {**PHONE, "width": PHONE_WINDOW.width, "height": PHONE_WINDOW.height},
}
"""What shapes each view, for its record."""
REPAIR_IMAGES_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveView:
    """A view of a page, and how much of it there is."""

    files: tuple[bytes, ...]
    """One PDF, or WebP pictures from top to bottom."""
    missing: int = 0
    """Requests that the archive has no answer for."""
    cut_at: int = 0
    """Height of the whole page in CSS pixels where the pictures end before it."""


async def render_view(
    role: Role,
    browser: Browser,
    agent: str,
    answers: ArchivedAnswers,
    url: str,
    settings: Settings,
    viewport: Viewport,
) -> ArchiveView:
    """The view with this role; RenderingFailed, PageLost."""
    show = partial(rendering.show_archive, browser, agent, answers, url, settings)
    if role is Role.PDF:
        printed = await show(_print, viewport)
        return ArchiveView(files=(printed.value,), missing=len(printed.network.missing))
    seen = await show(_photograph_phone(answers), PHONE_WINDOW, PHONE)
    pictures, cut_at = seen.value
    files = tuple([await asyncio.to_thread(encode_tile, picture) for picture in pictures])
    return ArchiveView(files=files, missing=len(seen.network.missing), cut_at=cut_at)


async def _print(opened: OpenPage, network: ReplayNetwork) -> bytes:
    network.frozen = True
    await opened.page.emulate_media(media="screen", reduced_motion="reduce")
    made = await opened.page.pdf(**PAPER)
    if not 0 < len(made) <= MAX_PDF_BYTES:
        raise RenderingFailed("size", f"the PDF has {len(made)} bytes")
    return made


def _photograph_phone(answers: ArchivedAnswers) -> Take[tuple[list[bytes], int]]:
    async def take(opened: OpenPage, network: ReplayNetwork) -> tuple[list[bytes], int]:
        await _show_recorded_images(opened, answers)
        network.frozen = True
        return await _phone_tiles(opened)

    return take


async def _show_recorded_images(opened: OpenPage, answers: ArchivedAnswers) -> None:
    """A phone chooses other pictures of a `srcset` than the visit did; the archive has those of the visit."""
    work = opened.world.run("recorded_images")
    named: dict[str, Any] = (
        await opened.steps.run("images", work, REPAIR_IMAGES_S, promised=False) or {}
    )
    known = [[one for one in each if answers.has(one)][:1] for each in named.get("images", ())]
    if any(known):
        chosen = opened.world.run("recorded_images", chosen=known)
        await opened.steps.run("images", chosen, REPAIR_IMAGES_S, promised=False)


async def _phone_tiles(opened: OpenPage) -> tuple[list[bytes], int]:
    """Pictures as wide as the screen, whatever width the page is laid out in, and the height that they lack."""
    metrics = await opened.cdp.send("Page.getLayoutMetrics")
    size = metrics["cssContentSize"]
    width, height = max(int(size["width"]), 1), max(int(size["height"]), 1)
    # the size of a picture follows from its clip alone, whatever the scale of the device is
    scale = min(1.0, PHONE_WINDOW.width / width) * PHONE["device_scale_factor"]
    step = int(TILE_PIXELS / scale)
    shown = min(height, step * MAX_TILES)
    pictures = []
    for top in range(0, shown, step):
        clip = {"x": 0, "y": top, "width": width, "height": min(step, shown - top), "scale": scale}
        how = {**page_capture.FAST_PNG, "captureBeyondViewport": True, "clip": clip}
        pictures.append(await page_capture.shoot(opened.cdp, how))
    if not pictures:
        raise PlaywrightError("the page has no height")
    return pictures, height if shown < height else 0
