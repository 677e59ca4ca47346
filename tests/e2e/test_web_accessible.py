"""axe (WCAG 2.2 and best practices) finds nothing on any screen: both languages, themes and sizes."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))
from screens import Library, fill
from test_web_browser import BROWSER

from linkshot.app import App
from linkshot.system.config import load_settings
from linkshot.wiring import open_app
from tests.serving import port_of, served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine"),
]

AXE = Axe()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ALL = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}
BROKEN = """all => all.filter(one => {
    const words = document.createRange();
    words.selectNodeContents(one.firstChild || one);
    return new Set([...words.getClientRects()].map(box => Math.round(box.top))).size > 1;
}).map(one => one.textContent)"""
"""The texts that stand on more than one line."""
SIZES = {"desktop": (1280, 800), "phone": (360, 740)}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    opened = open_app(load_settings(data=tmp_path_factory.mktemp("data")))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def library(app: App) -> Library:
    return fill(app)


@pytest.fixture(scope="module")
def port(app: App, library: Library) -> Iterator[int]:
    with served(app) as address:
        yield port_of(address)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield started
        started.close()


def look(browser: Browser, port: int, locale: str, size: str = "desktop") -> Page:
    """A page of somebody who reads in this language on a screen of this size."""
    width, height = SIZES[size]
    context = browser.new_context(
        locale=locale, viewport={"width": width, "height": height}, color_scheme="light",
        base_url=f"http://127.0.0.1:{port}", reduced_motion="reduce",
    )  # fmt: skip
    return context.new_page()


def violations(page: Page) -> list[str]:
    """What axe finds, in light by all its rules, in dark by that about colours: the rule and where."""
    page.emulate_media(color_scheme="light")
    page.evaluate(AXE.axe_script)
    found = page.evaluate("rules => axe.run(rules)", ALL)["violations"]
    page.emulate_media(color_scheme="dark")
    found += page.evaluate("rules => axe.run(rules)", COLOURS)["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_no_screen_has_a_violation(
    browser: Browser, port: int, library: Library, locale: str, size: str
) -> None:
    page = look(browser, port, locale, size)
    found = {}
    for name, path in library.screens.items():
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == locale
        if wrong := violations(page):
            found[name] = wrong
    page.context.close()
    assert found == {}


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_what_is_opened_on_a_screen_has_none(
    browser: Browser, port: int, library: Library, locale: str
) -> None:
    page = look(browser, port, locale, "phone")
    opened = {
        "/": [".menu-button", ".only-narrow"],
        library.screens["link reader"]: [
            '[popovertarget="watch-menu"]',
            '[popovertarget="edit-menu"]',
        ],
        "/tags": ['[popovertarget="rename-1"]', '[popovertarget="remove-1"]'],
        "/sites": ['[popovertarget="edit-1"]'],
        "/trash": ['[popovertarget="sure-1"]'],
    }
    found = {}
    for path, buttons in opened.items():
        for button in buttons:
            page.goto(path)
            page.click(button)
            if wrong := violations(page):
                found[f"{path} {button}"] = wrong
    page.goto("/")
    page.fill("#box", "http://10.0.0.1/")
    page.press("#box", "Enter")
    page.wait_for_selector("[role=alert]")
    found["refused"] = violations(page)
    page.context.close()
    assert found == {"refused": []}


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_the_door_and_the_empty_list_have_none(
    browser: Browser, tmp_path: Path, locale: str
) -> None:
    for settings in ({}, {"password": "right"}):
        opened = open_app(load_settings(data=tmp_path / str(len(settings)), **settings))
        with served(opened) as address:
            page = look(browser, port_of(address), locale)
            page.goto("/")
            assert violations(page) == []
            if settings:
                page.fill("input[name=password]", "wrong")
                page.press("input[name=password]", "Enter")
                page.wait_for_selector("[role=alert]")
                assert violations(page) == []
            page.context.close()
        opened.close()


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_tables_are_read_on_a_phone(
    browser: Browser, port: int, library: Library, locale: str
) -> None:
    page = look(browser, port, locale, "phone")
    broken = {}
    for name in ("jobs", "link files", "ledger accepted", "ledger rejected"):
        page.goto(library.screens[name])
        cells = page.locator("td.number, td.nowrap, td a[download]")
        broken[name] = cells.evaluate_all(BROKEN)
        narrow = page.locator("td.why-cell").evaluate_all("all => all.map(one => one.clientWidth)")
        assert all(width >= 160 for width in narrow), (name, narrow)
    page.context.close()
    assert not any(broken.values()), broken
