"""page.html alone, in a browser without any network: it shows the page as it was."""

import asyncio
import io
import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.async_api import Page, async_playwright

from crawler.browser.launch import VIEWPORT, launch_options
from linkshot.samples.loopback import Response
from linkshot.system.config import Settings
from pipelines.page_html.page import PagePipeline
from tests.integration.crawler_visitor import Visitor
from tests.integration.pipelines_world import item, through
from tests.site import Site
from tests.site.draw import png
from tests.site.font import boxes

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("sandbox_closed"),
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]
WIDTHS = "() => [...document.images].map(image => image.complete ? image.naturalWidth : 0)"


def shown(html: bytes, folder: Path) -> tuple[list[int], list[str], bytes]:
    """Widths of the pictures that are seen (0 = broken), what was asked for, and how it looks."""
    file = folder / "page.html"
    file.write_bytes(html)
    return asyncio.run(_shown(file.as_uri()))


async def _shown(address: str) -> tuple[list[int], list[str], bytes]:
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(**launch_options(Settings(), "http://127.0.0.1:9"))
        page = await browser.new_page(
            viewport={"width": VIEWPORT.width, "height": VIEWPORT.height}, reduced_motion="reduce"
        )
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(address)
        widths, looks = await page.evaluate(WIDTHS), await _looks(page)
        await browser.close()
    return widths, [url for url in asked if url.startswith("http")], looks


async def _looks(page: Page) -> bytes:
    await page.evaluate("document.fonts.ready.then(() => true)")
    return await page.screenshot(full_page=True)


def differing(one: bytes, other: bytes) -> float:
    """Share of the pixels that differ; all when the sizes do."""
    first, second = (Image.open(io.BytesIO(data)).convert("RGB") for data in (one, other))
    if first.size != second.size:
        return 1.0
    grey = ImageChops.difference(first, second).convert("L").histogram()
    return sum(grey[1:]) / sum(grey)


@pytest.mark.parametrize("path", ["/lazy"])
def test_pictures_that_came_while_scrolling_are_inside(
    site: Site, visit: Visitor, tmp_path: Path, path: str
) -> None:
    made = through(item(visit(site.url(path))), PagePipeline())
    (page,) = made.artifacts
    assert isinstance(page.data, bytes)
    widths, asked, _ = shown(page.data, tmp_path)
    assert len(widths) > 3
    assert 0 not in widths
    assert asked == []


TILE = png(8, 8, (170, 20, 20))
STANDS = "<p>Letters of the harbour, and of the ferry.</p>"
LOOKS = {
    "a font of the page": "<!DOCTYPE html><style>@font-face{font-family:B;src:url(/boxes.ttf)}"
    f"body{{font-family:B}}</style>{STANDS}",
    "a font that no cache may keep": "<!DOCTYPE html><style>@font-face{font-family:B;"
    f"src:url('/once.ttf')}}body{{font-family:B}}</style>{STANDS}",
    "a page in quirks mode": "<style>div{height:50%;background:#356}td{font-size:2em}</style>"
    f"<body style='font-size:30px'><div></div><table><td>{STANDS}</table>",
    "a page with a legacy doctype": '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN"'
    ' "http://www.w3.org/TR/html4/loose.dtd"><table><td><img src=/tile.png></table>',
    "backgrounds of old pages": "<body background=/tile.png><table background='/图块.png' width=300>"
    f"<tr><td background='/two tiles.png'>{STANDS}</table>",
    "names of any letters": "<!DOCTYPE html><style>div{width:40px;height:40px}"
    "#a{background:url('/图块.png')}#b{background:url(\"/tile (1).png\")}"
    "#c{background:url(/tile\\(2\\).png)}#d{background:#123}</style><div id=a></div><div id=b></div>"
    "<div id=c></div><div id=d></div><img src='/two tiles.png'><img srcset='/小图.png 1x'>",
    "a piece of a drawing": "<!DOCTYPE html><img src='/pieces.svg#red' width=40>",
    "imported sheets": "<!DOCTYPE html><style>@import '/first.css';</style><p>x<b>y</b>",
}
PIECES = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><style>.i{display:none}'
    '.i:target{display:inline}</style><rect class="i" id="red" width="4" height="4" fill="red"/>'
    "</svg>"
)
SHEET = "text/css; charset=utf-8"


def serve_parts(site: Site) -> None:
    """Whatever the pages of LOOKS show."""
    for name in ("tile", "图块", "two tiles", "tile (1)", "tile(2)", "小图"):
        site.put(f"/{name}.png", Response(content_type="image/png", body=TILE))
    kept = (("Cache-Control", "max-age=600"),)
    site.put("/boxes.ttf", Response(content_type="font/ttf", body=boxes(), headers=kept))
    once = (("Cache-Control", "no-store"),)
    site.put("/once.ttf", Response(content_type="font/ttf", body=boxes(), headers=once))
    site.put("/pieces.svg", Response(content_type="image/svg+xml", body=PIECES.encode()))
    first = b"@import url('deeper/second.css'); p{color:#a00}"
    site.put("/first.css", Response(content_type=SHEET, body=first))
    second = b"b{display:block;height:40px;background:url(../tile.png)}"
    site.put("/deeper/second.css", Response(content_type=SHEET, body=second))


@pytest.mark.parametrize("html", LOOKS.values(), ids=LOOKS)
def test_a_page_looks_as_it_did(site: Site, visit: Visitor, tmp_path: Path, html: str) -> None:
    serve_parts(site)
    capture = visit(site.put("/looks", html))
    assert capture.screenshot is not None
    assert capture.partial == ()
    (page,) = through(item(capture), PagePipeline()).artifacts
    assert isinstance(page.data, bytes)
    _, asked, looks = shown(page.data, tmp_path)
    assert asked == []
    assert differing(capture.screenshot.data, looks) == 0.0


def test_a_font_that_the_browser_keeps_is_asked_for_once(site: Site, visit: Visitor) -> None:
    serve_parts(site)
    site.requests.clear()
    visit(site.put("/looks", LOOKS["a font of the page"]))
    assert len(site.seen("/boxes.ttf")) == 1
