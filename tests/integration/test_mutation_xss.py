"""Markup that changes its meaning when it is parsed again (P33) does nothing in what was kept of a page."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Frame, Page, async_playwright
from web_shelf import kept_link, stored_snapshot

from crawler.browser.launch import launch_options
from indexer.run import Indexer
from linkshot.app import App
from linkshot.dispatch import outbox
from linkshot.system.config import Settings, load_settings
from linkshot.wiring import open_app
from pipelines.page_html.page import PagePipeline
from pipelines.reader import ReaderPipeline
from pipelines.text import TextPipeline
from tests import mutations
from tests.integration.crawler_visitor import Visitor
from tests.integration.pipelines_world import capture, item, through
from tests.serving import served
from tests.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("sandbox_closed"),
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]

VECTORS = mutations.VECTORS


def marks(*addresses: str) -> list[str]:
    """Which vectors have run in these pages and their frames, with scripts on."""
    return asyncio.run(_marks(addresses))


async def _marks(addresses: tuple[str, ...]) -> list[str]:
    options = launch_options(Settings(), "")
    del options["proxy"]
    found: list[str] = []
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(**options)
        page = await browser.new_page(locale="en")
        for address in addresses:
            await page.goto(address, wait_until="networkidle")
            found += await _marks_of(page)
        await browser.close()
    return found


async def _marks_of(page: Page) -> list[str]:
    return [found for one in page.frames if (found := await _mark_of(one))]


async def _mark_of(frame: Frame) -> str:
    try:
        mark = frame.evaluate("document.documentElement?.dataset.mutated || ''")
        return str(await asyncio.wait_for(mark, 2))
    except TimeoutError:
        return ""  # it was refused, and has no document


def in_frames(folder: Path, texts: list[str]) -> str:
    """Address of a file that shows files with these texts, whose own policies are taken out: the markup itself
    is tested."""
    for number, text in enumerate(texts):
        file = folder / f"{number}.html"
        file.write_text(text.replace("Content-Security-Policy", "X-Nothing"), "utf-8")
    frames = "".join(f"<iframe src={number}.html></iframe>" for number in range(len(texts)))
    (folder / "all.html").write_text(f"<!doctype html><meta charset=utf-8>{frames}", "utf-8")
    return (folder / "all.html").as_uri()


def artifact(one: object, name: str) -> str:
    data = next(each.data for each in one.artifacts if each.name == name)  # type: ignore[attr-defined]
    assert isinstance(data, bytes)
    return data.decode()


def test_many_of_them_run_where_nothing_is_done_about_them(tmp_path: Path) -> None:
    raw = [f"<!doctype html><meta charset=utf-8>{one}" for one in VECTORS]
    assert len(marks(in_frames(tmp_path, raw))) > 9


def test_none_runs_in_the_saved_page_or_in_the_reader_view(
    site: Site, visit: Visitor, tmp_path: Path
) -> None:
    brought = visit(site.put("/mutations", mutations.page()))
    made = through(item(brought), TextPipeline(), ReaderPipeline(20.0), PagePipeline())
    assert "freeze" not in made.partial
    kept = [artifact(made, name) for name in ("page.html", "reader.html")]
    assert all("渡船" in text for text in kept)
    site.requests.clear()
    # what the page itself has run left its mark on the document that was kept
    quiet = [text.replace("data-mutated", "data-was") for text in kept]
    assert marks(in_frames(tmp_path, quiet)) == []
    assert site.requests == []


def test_none_runs_in_a_page_that_no_browser_has_parsed_before(tmp_path: Path) -> None:
    """The saved page and the reader view of an uploaded page, or of a frozen one that failed."""
    kept = []
    rooted = [f"<div><template shadowrootmode=open>{one}</template></div>" for one in VECTORS]
    for one in (*VECTORS, *rooted):
        html = (
            f"<!doctype html><title>t</title><article><p>{mutations.WORDS * 9}</p>{one}</article>"
        )
        made = through(item(capture(html)), TextPipeline(), ReaderPipeline(20.0), PagePipeline())
        kept += [
            data.decode() for each in made.artifacts
            if each.name in ("page.html", "reader.html") and isinstance(data := each.data, bytes)
        ]  # fmt: skip
    assert len(kept) > 2 * len(VECTORS)
    assert marks(in_frames(tmp_path, kept)) == []


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    opened = open_app(load_settings(data=tmp_path / "data"))
    yield opened
    opened.close()


def test_none_runs_in_titles_excerpts_and_stored_files_of_the_web_interface(app: App) -> None:
    shown = []
    for start in range(0, len(VECTORS), 5):
        some = "".join(VECTORS[start : start + 5])
        link = kept_link(app, f"https://example.com/{start}")
        stored = stored_snapshot(
            app, link, title=some, html=some, reader=some, text=f"渡船 {some} 七点"
        )
        tabs = ("reader", "page", "text")
        shown += [f"/links/{link.link_id}?tab={tab}" for tab in tabs]
        shown += [f"/s/{stored}/html", f"/s/{stored}/reader"]
    while outbox.publish_changes(app):
        pass
    indexer = Indexer(app, window=600)
    while indexer.work_once(0.0):
        pass
    indexer.close()
    with served(app) as address:
        pages = [f"{address}{path}" for path in ["/", "/?q=渡船", "/?q=onerror", *shown]]
        assert marks(*pages) == []
