"""page.html alone, in a browser without any network: what does it show of the page?"""

import asyncio
import shutil
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from crawler.browser import launch_options
from linkshot.config import Settings
from pipelines.page import PagePipeline
from tests.integration.crawler_visitor import Visitor
from tests.integration.pipelines_world import item, through
from tests.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("limited_ends"),
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]
WIDTHS = "() => [...document.images].map(image => image.complete ? image.naturalWidth : 0)"


def shown(html: bytes, folder: Path) -> tuple[list[int], list[str]]:
    """Widths of the pictures that are seen (0 = broken), and what was asked for."""
    file = folder / "page.html"
    file.write_bytes(html)
    return asyncio.run(_shown(file.as_uri()))


async def _shown(address: str) -> tuple[list[int], list[str]]:
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(**launch_options(Settings(), "http://127.0.0.1:9"))
        page = await browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(address)
        widths = await page.evaluate(WIDTHS)
        await browser.close()
    return widths, [url for url in asked if url.startswith("http")]


@pytest.mark.parametrize("path", ["/lazy"])
def test_pictures_that_came_while_scrolling_are_inside(
    site: Site, visit: Visitor, tmp_path: Path, path: str
) -> None:
    made = through(item(visit(site.url(path))), PagePipeline())
    (page,) = made.kept
    assert isinstance(page.data, bytes)
    widths, asked = shown(page.data, tmp_path)
    assert len(widths) > 3
    assert 0 not in widths
    assert asked == []
