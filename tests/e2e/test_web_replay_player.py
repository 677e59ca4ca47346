"""A web archive opens in a player on another origin, which reads it in ranges without a session."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent / "integration"))
from web_shelf import _put, kept_link

from crawler.browser.launch import find_browser
from linkshot.app import App
from linkshot.domain.model import Role
from linkshot.errors import ConfigError
from linkshot.system.config import Settings, load_settings
from linkshot.use_cases import links
from linkshot.wiring import open_app
from tests.e2e.screens import visited
from tests.serving import served
from tests.site import Site


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
PASSWORD = "geheim"
PAGE = "https://example.com/文章"
ARCHIVE = b"PK\x03\x04" + bytes(range(256)) * 40 + b"PK\x05\x06" + bytes(18)
PLAYER = """<!doctype html><title>…</title><script>
const source = new URL(location).searchParams.get('source');
(async () => {
  const part = async range => await fetch(source, {headers: {Range: range}});
  try {
    const first = await part('bytes=0-3'), last = await part('bytes=-22');
    const size = (await last.arrayBuffer()).byteLength;
    document.title = [first.status, last.status, first.headers.get('content-range'), size].join(' ');
  } catch (error) { document.title = 'refused'; }
})();
</script>"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=str(BROWSER), args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def player() -> Iterator[Site]:
    with Site() as site:
        site.put("/player", PLAYER)
        yield site


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, player: Site) -> Iterator[tuple[App, str, str]]:
    """An App, where it is served, and the id of a link with an archive."""
    template = f"{player.url('/player')}?source={{wacz}}#url={{url}}&ts={{ts}}"
    settings = load_settings(
        data=tmp_path_factory.mktemp("data"), password=PASSWORD, replay_player_url=template
    )
    app = open_app(settings)
    link = kept_link(app, PAGE)
    visited(app, link, _put(app, Role.WACZ, "archive.wacz", "application/wacz", ARCHIVE))
    with served(app) as here:
        yield app, here, link.link_id
    app.close()


def target(shelf: tuple[App, str, str]) -> str:
    """Where the link page leads to."""
    _, here, link_id = shelf
    answer = httpx.get(
        f"{here}/links/{link_id}/replay", headers={"Authorization": f"Bearer {PASSWORD}"}
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def archive_in(address: str) -> str:
    return parse_qs(urlsplit(address).query)["source"][0]


def test_the_player_reads_the_archive_in_ranges(
    shelf: tuple[App, str, str], player: Site, browser: Browser
) -> None:
    page = browser.new_page()
    page.goto(target(shelf))
    page.wait_for_function("document.title != '…'")
    assert page.title() == f"206 206 bytes 0-3/{len(ARCHIVE)} 22"
    assert "url=https%3A%2F%2Fexample.com%2F" in page.url
    page.close()


def test_a_page_of_another_origin_cannot_read_it(
    shelf: tuple[App, str, str], browser: Browser
) -> None:
    with Site() as other:
        page = browser.new_page()
        page.goto(f"{other.put('/player', PLAYER)}?source={archive_in(target(shelf))}")
        page.wait_for_function("document.title != '…'")
        assert page.title() == "refused"
        page.close()


def test_the_link_page_offers_the_player(shelf: tuple[App, str, str], player: Site) -> None:
    _, here, link_id = shelf
    login = {"Authorization": f"Bearer {PASSWORD}", "Accept-Language": "en"}
    shown = httpx.get(f"{here}/links/{link_id}?tab=files", headers=login).text
    assert f"Open in 127.0.0.1:{player.port}" in shown
    assert f"/links/{link_id}/replay?snapshot=" in shown


def test_without_a_right_token_there_is_nothing(shelf: tuple[App, str, str]) -> None:
    right = archive_in(target(shelf))
    token, snapshot_id, name = right.rsplit("/", 3)[1:]
    own = httpx.get(right)
    assert (own.status_code, own.content) == (200, ARCHIVE)
    assert own.headers["content-security-policy"].startswith("sandbox;")
    assert "set-cookie" not in own.headers
    wrong = [
        right.replace(token, token[:-1] + ("0" if token[-1] != "0" else "1")),
        right.replace(token, "0-" + "0" * 64),
        right.replace(snapshot_id, "01980000-0000-7000-8000-000000000000"),
        right.replace(name, "text.txt"),
        right.replace(token, "x"),
    ]
    answers = [httpx.get(one) for one in wrong]
    assert [one.status_code for one in answers] == [404] * len(wrong)
    assert len({one.text for one in answers}) == 1
    for _ in range(20):
        last = httpx.get(wrong[0])
    assert last.status_code == 429
    assert links.get(shelf[0], shelf[2]).current is not None
