"""Real pages through a real browser and all pipelines: what is kept of them."""

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from crawler.browser.launch import launch_options
from linkshot.domain.model import Capture, Role
from linkshot.system.config import Settings
from pipelines.item import SnapshotItem
from pipelines.meta import MetaPipeline
from pipelines.original import OriginalPipeline
from pipelines.page_html.page import PagePipeline
from pipelines.quality import QualityPipeline
from pipelines.reader import ReaderPipeline
from pipelines.screenshot import ScreenshotPipeline
from pipelines.text import TextPipeline
from tests.integration.crawler_visitor import Visitor
from tests.integration.pipelines_world import item, through
from tests.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("sandbox_closed"),
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]

Snapshot = Callable[[str], SnapshotItem]
NAMES = {"text.txt", "reader.html", "reader.md", "meta.json", "screenshot.webp", "thumb.webp"}


@pytest.fixture(scope="module")
def snapshot(visit: Visitor) -> Snapshot:
    return lambda url: derived(visit(url))


def derived(capture: Capture, reader_s: float = 20.0) -> SnapshotItem:
    """What all pipelines but the keeping ones make of a visit."""
    return through(
        item(capture),
        TextPipeline(),
        ReaderPipeline(reader_s),
        MetaPipeline(),
        ScreenshotPipeline(),
        PagePipeline(),
        OriginalPipeline(),
        QualityPipeline(),
    )


def artifact_text(one: SnapshotItem, name: str) -> str:
    """The text of a kept file; everything that is text must be valid UTF-8."""
    data = next(artifact.data for artifact in one.artifacts if artifact.name == name)
    assert isinstance(data, bytes)
    return data.decode("utf-8")


def test_a_chinese_article_is_kept_in_all_forms(site: Site, snapshot: Snapshot) -> None:
    made = snapshot(site.url("/zh/article"))
    assert {one.name for one in made.artifacts} == NAMES | {"page.html", "icon.webp"}
    assert (made.language, made.quality.verdict.value, made.partial) == ("zh", "good", [])
    for name in ("text.txt", "reader.html", "reader.md", "page.html"):
        assert "修表铺" in artifact_text(made, name)


@pytest.mark.parametrize("path", ["/gbk", "/gbk-bare", "/big5", "/shift_jis", "/euc-kr", "/utf-16"])
def test_pages_in_old_encodings_are_kept_in_utf8(site: Site, snapshot: Snapshot, path: str) -> None:
    made = snapshot(site.url(path))
    lines = [line for line in made.text.splitlines() if len(line) > 10]
    page, raw = artifact_text(made, "page.html"), artifact_text(made, "text.txt")
    assert lines
    assert "�" not in raw
    assert '<head><meta charset="utf-8">' in page[:200]
    assert made.title in page


def test_the_raw_answer_has_the_text_that_the_browser_shows(site: Site, snapshot: Snapshot) -> None:
    made = snapshot(site.url("/gbk-bare"))
    assert made.source_text_sha256
    assert (
        json.loads(artifact_text(made, "meta.json"))["source_text_sha256"]
        == made.source_text_sha256
    )


@pytest.mark.parametrize(
    ("path", "original", "words"),
    [
        ("/pdf", "original.pdf", None),
        ("/json", "original.json", None),
        ("/text", "original.txt", None),
        ("/feed", "original.xml", "修表铺"),
        ("/image.png", "original.png", ""),
        ("/svg", "original.svg", "一幅会说话的画"),
        ("/binary", "original.bin", ""),
    ],
)
def test_files_are_kept_as_they_came_with_their_text(
    site: Site, snapshot: Snapshot, path: str, original: str, words: str | None
) -> None:
    made = snapshot(site.url(path))
    names = {one.name for one in made.artifacts}
    assert original in names
    assert "page.html" not in names
    assert made.text == "" if words == "" else (words or "") in made.text
    assert bool(made.text) == (words != "")


@pytest.mark.parametrize(
    ("path", "verdict"),
    [
        ("/404", "http_error"), ("/403", "blocked"), ("/500", "http_error"), ("/410", "http_error"),
        ("/captcha-200", "blocked"), ("/captcha-zh", "blocked"), ("/empty-shell", "empty"),
    ],
)  # fmt: skip
def test_errors_walls_and_empty_shells_are_kept_and_marked(
    site: Site, snapshot: Snapshot, path: str, verdict: str
) -> None:
    made = snapshot(site.url(path))
    assert made.quality.verdict.value == verdict
    assert any(one.role is Role.TEXT for one in made.artifacts)


def test_frames_and_shadow_roots_are_in_the_text(site: Site, snapshot: Snapshot) -> None:
    assert "inside" in snapshot(site.url("/xss")).text


@pytest.mark.parametrize("path", ["/shadow-article", "/framed-article"])
def test_an_article_in_a_shadow_root_or_frame_is_read(
    site: Site, snapshot: Snapshot, path: str
) -> None:
    reader = artifact_text(snapshot(site.url(path)), "reader.md")
    assert [n for n in range(1, 13) if f"第 {n} 章" not in reader] == []
    assert "About" not in reader


@pytest.mark.parametrize("name", ["page.html", "reader.html"])
def test_nothing_that_was_kept_acts_even_with_scripts_on(
    site: Site, snapshot: Snapshot, tmp_path: Path, name: str
) -> None:
    text = artifact_text(snapshot(site.url("/xss")), name)
    assert "蓝色的茶壶" in text
    text = text.replace("data-xss", "data-was")
    file = tmp_path / name
    file.write_text(text, "utf-8")
    site.requests.clear()
    assert asyncio.run(_acts(file)) == []
    assert site.requests == []
    file.write_text(text.replace("Content-Security-Policy", "X-Nothing"), "utf-8")
    assert asyncio.run(_acts(file)) == []
    assert site.seen("/xss-hit") == []


async def _acts(file: Path) -> list[str]:
    """Dialogs and marks left by a file opened with scripts on and the site in reach."""
    seen: list[str] = []
    options = launch_options(Settings(), "")
    del options["proxy"]
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(**options)
        page = await browser.new_page()
        page.on("dialog", lambda d: seen.append(d.message))
        await page.goto(file.as_uri())
        mark = await page.evaluate("document.documentElement.dataset.xss || ''")
        await browser.close()
    return [*seen, mark] if mark else seen


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/plaintext", "<b>bold?</b>"),
        ("/early-end", "渡船七点开"),
        ("/frameset", "bakery"),
        ("/titles", "渡船七点开"),
        ("/soup", "一碗汤"),
        ("/invalid-utf8", "and after."),
        ("/nul-text", "洞的后面"),
        ("/stuck-body", "信的前半封"),
        ("/insides", "渡船七点开"),
    ],
)
def test_what_a_browser_can_read_is_text_whatever_the_document(
    site: Site, visit: Visitor, path: str, words: str
) -> None:
    made = derived(visit(site.url(path), load_timeout_s=4))
    assert words in made.text
    assert "\x00" not in made.text
    assert all(isinstance(one.data, Path) or one.data for one in made.artifacts)


def test_what_stands_in_noscript_only_is_no_page(site: Site, snapshot: Snapshot) -> None:
    made = snapshot(site.url("/noscript"))
    assert (made.text, made.quality.verdict.value) == ("", "empty")


def test_a_title_of_a_megabyte_is_one_line_of_512_characters(
    site: Site, snapshot: Snapshot
) -> None:
    title = snapshot(site.url("/title-hostile")).title
    assert title.startswith("Title <script>")
    assert len(title) <= 512
    assert not set(title) & set("\x00\r\n\u202e")


def test_addresses_that_are_no_web_addresses_are_not_in_the_metadata(
    site: Site, snapshot: Snapshot
) -> None:
    meta = artifact_text(snapshot(site.url("/meta-hostile")), "meta.json")
    assert not [word for word in ("file:", "javascript:", "etc/passwd") if word in meta]


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", ["/attributes?n=60000", "/links-many?n=50000", "/tables", "/comment"]
)
def test_pages_that_break_readers_have_their_text(site: Site, visit: Visitor, path: str) -> None:
    made = derived(visit(site.url(path)), reader_s=4.0)
    assert "渡船七点开" in made.text
    assert "渡船七点开" in artifact_text(made, "reader.html")
