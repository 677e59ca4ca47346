"""The pages in a real browser: with and without scripts, in both languages, large and small."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent / "integration"))
from web_shelf import failed_visit, kept_link, stored_snapshot

from crawler.browser.launch import find_browser
from linkshot.app import App
from linkshot.domain.model import NewLink
from linkshot.errors import ConfigError
from linkshot.system.config import Settings, load_settings
from linkshot.use_cases import links
from linkshot.wiring import open_app
from tests.serving import served


def _browser() -> Path | None:
    try:
        return find_browser(Settings(browser=os.environ.get("LINKSHOT_BROWSER", "")))
    except ConfigError:
        return None


BROWSER = _browser()
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine"),
]

HOSTILE = """<!doctype html><meta charset=utf-8><title>t</title><h1 id=h>kept</h1>
<form action="/go" method=post target=_top><input name=text value="https://evil.example/"></form>
<img src=x onerror="document.getElementById('h').textContent='ran'">
<img src="/api/v1/links"><iframe src="/"></iframe><base href="//evil.example/">
<meta http-equiv=refresh content="0;url=/trash">
<script>document.getElementById('h').textContent='ran: ' + document.cookie;
parent.postMessage('x', '*'); navigator.serviceWorker.register('/s/sw.js'); top.location = '/trash';
document.forms[0].submit(); fetch('/api/v1/links');</script>"""


EXPECTED = (
    "Failed to load resource",
    # what a stored page says when its cage holds
    "frame is sandboxed",
    'directive: "img-src data: blob:"',
    'directive: "frame-src data:"',
    "directive: \"base-uri 'none'\"",
    "Blocked form submission",
    "Blocked script execution",
    "Refused to execute the redirect",
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    opened = open_app(load_settings(data=tmp_path_factory.mktemp("data")))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def address(app: App) -> Iterator[str]:
    with served(app) as where:
        yield where


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield started
        started.close()


Opener = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Opener]:
    """Opens pages in fresh contexts; at the end none of them has complained."""
    complaints: list[str] = []
    contexts = []

    def complain(text: str) -> None:
        if not any(part in text for part in EXPECTED):
            complaints.append(text)

    def open_page(path: str = "/", **options: object) -> Page:
        context = browser.new_context(**({"locale": "en", "base_url": address} | options))
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complain(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complain(str(error)))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize(
    ("locale", "button", "note"),
    [("en", "Add this link", "The link is kept"), ("zh-CN", "保存此链接", "链接已保存")],
)
def test_a_link_is_added_through_the_page_and_seen_in_the_list(
    opened: Opener, locale: str, button: str, note: str
) -> None:
    page = opened("/", locale=locale)
    url = f"https://example.com/{locale}"
    page.keyboard.press("/")
    page.keyboard.type(url)
    assert page.get_by_role("button", name=button).is_visible()
    page.keyboard.press("Enter")
    page.wait_for_selector(f"text={url}")
    assert note in page.locator(".toast").inner_text()
    assert page.locator("html").get_attribute("lang") == locale


def test_everything_needed_works_without_scripts(app: App, opened: Opener) -> None:
    kept_link(app, "https://example.com/other", "读")
    page = opened("/", java_script_enabled=False)
    page.fill("#box", "https://example.com/plain")
    page.press("#box", "Enter")
    page.click("text=https://example.com/plain")
    page.fill('input[name="name"]', "手工")
    page.press('input[name="name"]', "Enter")
    page.wait_for_selector(".chip")
    page.fill("#box", "#手工")
    page.press("#box", "Enter")
    page.wait_for_selector("text=1 result for")
    page.click(".row-title")
    page.click("text=Delete")
    page.click("text=Undo")
    page.wait_for_selector("text=The link is back")
    page.goto("/?q=%23手工")
    assert page.locator(".row").count() == 1


def test_states_change_while_the_page_is_open(app: App, opened: Opener) -> None:
    link = kept_link(app, "https://example.com/live")
    page = opened("/")
    row = page.locator(f'.state[data-link="{link.link_id}"]')
    assert row.inner_text() == "waiting for a worker, none is running"
    failed_visit(app, link, "dns")
    with app.catalogue.write() as conn:
        conn.exec_driver_sql("UPDATE links SET due_at = NULL")
    page.wait_for_function(
        "id => document.querySelector(`.state[data-link='${id}']`).innerText.includes('name')",
        arg=link.link_id,
        timeout=8000,
    )
    assert row.get_attribute("data-tone") == "bad"


def test_the_page_of_jobs_follows_what_is_going_on(app: App, opened: Opener) -> None:
    page = opened("/jobs")
    row = page.get_by_role("cell", name="jobs-are-live.example")
    assert row.count() == 0
    links.add(app, NewLink(url="https://jobs-are-live.example/"))
    row.wait_for(timeout=10_000)


def test_a_link_page_reads_itself_anew_when_its_snapshot_has_come(app: App, opened: Opener) -> None:
    link = kept_link(app, "https://example.com/fresh")
    page = opened(f"/links/{link.link_id}")
    assert page.locator("text=There is no snapshot yet.").is_visible()
    page.wait_for_timeout(1500)
    stored_snapshot(app, link)
    page.wait_for_selector("article.reader", timeout=8000)


def test_a_hostile_page_does_nothing_in_its_frame_or_alone(app: App, opened: Opener) -> None:
    link = kept_link(app, "https://example.com/hostile")
    snapshot_id = stored_snapshot(app, link, html=HOSTILE)
    page = opened(f"/links/{link.link_id}?tab=page")
    answered: list[str] = []
    page.context.on("response", lambda response: answered.append(response.url))
    assert page.frame_locator("iframe.page-frame").locator("#h").inner_text() == "kept"
    page.goto(f"/s/{snapshot_id}/html")
    assert page.locator("#h").inner_text() == "kept"
    assert page.url.endswith("/html")
    assert not [url for url in answered if "evil" in url or "/api/v1/links" in url or "/go" in url]


def test_pictures_and_files_are_shown(app: App, opened: Opener) -> None:
    link = kept_link(app, "https://example.com/pictures")
    stored_snapshot(app, link)
    page = opened(f"/links/{link.link_id}?tab=screenshot")
    shot = page.locator(".shot img")
    assert shot.evaluate("image => image.decode().then(() => image.naturalWidth)") == 320
    page.goto("/?view=pictures")
    thumb = page.locator(".thumb img").first
    assert thumb.evaluate("image => image.decode().then(() => image.naturalWidth)") == 320
    page.goto(f"/links/{link.link_id}?tab=files")
    with page.expect_download() as download:
        page.click("tr:has-text('报告.svg') >> text=Download")
    assert download.value.suggested_filename == "报告.svg"


DRAWING = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="top.document.title='ran'">
<script>top.document.title = 'ran'</script><image href="/api/v1/links"/><path d="M0 0h9v9z"/></svg>"""


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_icons_are_shown_and_a_broken_one_leaves_the_letter(
    app: App, opened: Opener, scripts: bool
) -> None:
    for name, icon in (("whole", None), ("drawn", DRAWING), ("torn", b"<svg torn")):
        stored_snapshot(app, kept_link(app, f"https://{name}.example/", "icons"), icon=icon)
    page = opened("/?q=%23icons", java_script_enabled=scripts)
    page.wait_for_load_state("networkidle")
    tiles = page.locator(".tile")
    pictures = tiles.locator("img")
    widths = pictures.evaluate_all("all => all.map(image => image.naturalWidth > 0)")
    assert widths == ([True, True] if scripts else [False, True, True])
    assert tiles.all_inner_texts() == ["T", "D", "W"]
    torn = tiles.first if scripts else pictures.first
    pseudo = "null" if scripts else "'::after'"
    colour = torn.evaluate(f"tile => getComputedStyle(tile, {pseudo}).color")
    assert colour == "rgb(31, 95, 139)"
    assert page.title() != "ran"


def test_an_icon_comes_into_the_open_list(app: App, opened: Opener) -> None:
    link = kept_link(app, "https://late.example/")
    page = opened("/")
    tile = page.locator(f'[data-tile="{link.link_id}"]')
    assert tile.locator("img").count() == 0
    stored_snapshot(app, link)
    tile.locator("img").wait_for(timeout=8000)


def test_language_and_theme_are_chosen_in_the_menu(opened: Opener) -> None:
    page = opened("/tags")
    page.click(".menu-button")
    page.click("text=中文")
    page.wait_for_selector("h1:has-text('标签')")
    page.click(".menu-button")
    page.click("text=深色")
    page.wait_for_selector("html[data-theme=dark]")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(22, 21, 19)"


def test_the_list_is_walked_with_keys(app: App, opened: Opener) -> None:
    kept_link(app, "https://example.com/k1")
    kept_link(app, "https://example.com/k2")
    page = opened("/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    focused = page.evaluate("document.activeElement.textContent")
    assert focused == "https://example.com/k2"
    page.keyboard.press("Enter")
    page.wait_for_url("**/links/*")


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_no_page_is_wider_than_the_screen(
    app: App, opened: Opener, width: int, locale: str
) -> None:
    link = kept_link(app, "https://example.com/" + "long" * 60, "非常长的标签" * 10, "a/b/c")
    stored_snapshot(app, link, title="很长的标题" * 40)
    page = opened("/", viewport={"width": width, "height": 700}, locale=locale)
    paths = ["/", "/?view=pictures", "/tags", "/trash", "/import", "/jobs", "/sites", "/cookies"]
    paths += ["/add"]
    paths += [
        f"/links/{link.link_id}?tab={tab}" for tab in ("reader", "page", "text", "files", "details")
    ]
    for path in paths:
        page.goto(path)
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0, path
