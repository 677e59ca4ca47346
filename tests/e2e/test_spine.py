"""The whole way as a person goes it: a link into the page of a running linkshot, its snapshot read, found by two characters."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from crawler.browser.launch import find_browser
from linkshot.errors import ConfigError
from linkshot.system.config import Settings, load_settings
from tests.fleet import Fleet, fleet
from tests.site import Site

pytestmark = pytest.mark.browser

PATIENCE_MS = 90_000


def browser_path() -> Path | None:
    try:
        return find_browser(Settings())
    except ConfigError:
        return None


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fleet, str]]:
    """A real `linkshot up` and its address."""
    folder = tmp_path_factory.mktemp("up")
    settings = load_settings(
        data=folder / "data", allow_networks="127.0.0.0/8", host_gap_s=0.0, host_gap_factor=0.0,
        disk_floor_bytes=0,
    )  # fmt: skip
    with fleet(settings, folder) as processes:
        processes.until(lambda: _address(folder) is not None)
        yield processes, str(_address(folder))


def _address(folder: Path) -> str | None:
    log = folder / "up.log"
    found = re.search(r"http://127\.0\.0\.1:\d+/", log.read_text("utf-8")) if log.exists() else None
    return found[0] if found else None


@pytest.fixture
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in the language that the test asks for."""
    if (path := browser_path()) is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = browser.new_context(locale=request.param)
        yield context.new_page()
        browser.close()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as served:
        yield served


@pytest.mark.parametrize(
    ("page", "path", "word", "said"),
    [("zh-CN", "/zh/article", "修表", "保存"), ("en-US", "/en/article", "the", "aved")],
    ids=["in Chinese", "in English"],
    indirect=["page"],
)
def test_a_link_given_to_the_page_is_read_and_found(
    running: tuple[Fleet, str], site: Site, page: Page, path: str, word: str, said: str
) -> None:
    _, address = running
    page.goto(address)
    box = page.locator("#box")
    box.fill(site.url(path))
    box.press("Enter")
    page.goto(address)
    expect(page.locator(".state .said").first).to_contain_text(said, timeout=PATIENCE_MS)
    page.goto(f"{address}?q={word}")
    hit = page.locator("main a[href^='/links/']").first
    expect(hit).to_be_visible()
    expect(page.locator("mark").first).to_be_visible()
    hit.click()
    expect(page.locator("article.reader p").nth(2)).to_be_visible()
    assert word in page.locator("article.reader").inner_text()
