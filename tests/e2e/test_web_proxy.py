"""Behind a real nginx and a real Caddy, as docs/operations.md says: every page, every address."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent / "integration"))
sys.path.insert(0, str(Path(__file__).parent))
from proxy import BINARIES, PAGES, behind, example
from test_web_browser import BROWSER
from web_shelf import failed_visit, kept_link, stored_snapshot

from linkshot.app import App
from linkshot.domain.model import Link, NewLink
from linkshot.errors import InvalidURL
from linkshot.use_cases.links import add, get

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine"),
]

BASE = "/linkshot"
PASSWORD = "门 open"
NGINX, CADDY = example("nginx"), example("caddy")
WAYS = {
    "nginx, path kept": ("nginx", NGINX),
    "nginx, path cut off": ("nginx", NGINX.replace("8765;", "8765/;")),
    "caddy, path kept": ("caddy", CADDY),
    "caddy, path cut off": (
        "caddy",
        CADDY.replace(
            "reverse_proxy /linkshot/* 127.0.0.1:8765",
            "handle_path /linkshot/* {\n\treverse_proxy 127.0.0.1:8765\n}",
        ),
    ),
}


@dataclass(frozen=True, kw_only=True)
class World:
    app: App
    origin: str
    link: Link

    @property
    def root(self) -> str:
        return f"{self.origin}{BASE}"

    @property
    def pages(self) -> list[str]:
        link = f"/links/{self.link.link_id}"
        tabs = ("reader", "screenshot", "page", "text", "files", "details")
        screens = [
            "/",
            "/?view=pictures",
            "/?q=%23读",
            "/?q=%28",
            "/tags",
            "/trash",
            "/import",
            "/cookies",
        ]
        screens += ["/jobs", "/add?url=https://a.example/", "/nothing", "/links/none"]
        return screens + [f"{link}?tab={tab}" for tab in tabs]


def needs(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(BINARIES[kind] is None, reason=f"{kind} is not installed")


@pytest.fixture(
    scope="module",
    params=[pytest.param(way, marks=needs(way.split(",")[0])) for way in WAYS],
)
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    kind, text = WAYS[request.param]
    given = {"public_url": "{origin}" + BASE, "trusted_proxies": "127.0.0.1", "password": PASSWORD}
    with behind(kind, text, tmp_path_factory.mktemp("proxy"), **given) as (app, origin):
        link = kept_link(app, "https://example.com/page", "读")
        stored_snapshot(app, link)
        yield World(app=app, origin=origin, link=link)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def reader(browser: Browser, world: World) -> Iterator[BrowserContext]:
    """Somebody who is logged in."""
    context = browser.new_context(ignore_https_errors=True, locale="en")
    page = context.new_page()
    page.goto(f"{world.root}/")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("#box")
    assert page.url == f"{world.root}/"
    page.close()
    yield context
    context.close()


def addresses(page: Page) -> list[str]:
    """Where the page leads and what it sends to, in itself."""
    return page.evaluate(
        """() => [...document.querySelectorAll('[href],[src],[action]')].flatMap((one) =>
            ['href', 'src', 'action'].map((name) => one.getAttribute(name)).filter(Boolean))"""
    )


def test_every_page_and_everything_on_it_lies_below_the_path(
    world: World, reader: BrowserContext
) -> None:
    page = reader.new_page()
    asked: list[tuple[int, str]] = []
    page.on("response", lambda answer: asked.append((answer.status, answer.url)))
    for path in world.pages:
        page.goto(f"{world.root}{path}")
        page.wait_for_load_state("load")
        ours = [one for one in addresses(page) if not one.startswith(("https://example.com/", "#"))]
        assert [one for one in ours if not one.startswith(f"{BASE}/")] == [], path
    assert [url for _, url in asked if not url.startswith(f"{world.root}/")] == []
    unexpected = {url for status, url in asked if status >= 400}
    assert unexpected == {f"{world.root}{path}" for path in ("/?q=%28", "/nothing", "/links/none")}


def test_forms_redirects_and_live_states_work(world: World, reader: BrowserContext) -> None:
    page = reader.new_page()
    page.goto(f"{world.root}/")
    page.fill("#box", "https://example.com/live")
    page.press("#box", "Enter")
    page.wait_for_selector("text=The link is kept")
    assert page.url == f"{world.root}/"
    link_id = page.locator(".state").first.get_attribute("data-link")
    failed_visit(world.app, get(world.app, str(link_id)), "too_large")
    with world.app.catalogue.write() as conn:
        conn.exec_driver_sql("UPDATE links SET due_at = NULL")
    page.wait_for_function("() => document.querySelector('.state').innerText.includes('too large')")
    page.goto(f"{world.root}/tags?lang=zh-CN")
    page.click(".menu-button")
    page.click("text=English")
    page.wait_for_selector("html[lang=en]")
    assert page.url == f"{world.root}/tags"


def test_cookies_belong_to_the_path_and_to_https(world: World, reader: BrowserContext) -> None:
    (session,) = (one for one in reader.cookies() if "session" in one["name"])
    assert session["name"] == "__Secure-linkshot_session"
    assert (session["path"], session["secure"], session["httpOnly"]) == (BASE, True, True)
    page = reader.new_page()
    page.goto(f"{world.root}/?view=pictures")
    assert {one["path"] for one in reader.cookies()} == {BASE}
    page.click(".menu-button")
    page.click("text=Log out")
    page.wait_for_selector("input[name=password]")
    assert page.url == f"{world.root}/login"
    assert not [one for one in reader.cookies() if "session" in one["name"]]


def client(world: World) -> httpx.Client:
    """A program with the password."""
    return httpx.Client(verify=False, auth=("me", PASSWORD.encode()), base_url=world.root)


def test_what_programs_are_told_lies_below_the_path(world: World) -> None:
    with client(world) as program:
        added = program.post("/api/v1/links", json={"url": "https://example.com/page"})
        link = f"{BASE}/api/v1/links/{world.link.link_id}"
        assert (added.status_code, added.headers["location"]) == (200, link)
        asked = program.post(f"/api/v1/links/{world.link.link_id}/snapshots")
        assert asked.json()["job"] == asked.headers["location"] == link
        described = program.get("/api/v1/openapi.json").json()
        assert described["servers"] == [{"url": BASE}]
        moved = program.get("/tags/", follow_redirects=False)
        assert moved.headers["location"] == f"{world.root}/tags"
    refused = httpx.get(f"{world.root}/api/v1/links", verify=False)
    assert (refused.status_code, f"{BASE}/login" in refused.text) == (401, True)


def test_events_come_while_the_stream_is_open(world: World) -> None:
    with client(world) as program, program.stream("GET", "/api/v1/events", timeout=10) as events:
        assert next(events.iter_lines()) == "retry: 3000"


def test_foreign_pages_change_nothing(world: World) -> None:
    foreign = ["https://evil.example", "null", world.origin.replace("https://", "https://evil.")]
    with client(world) as program:
        for origin in [*foreign, world.origin.rpartition(":")[0]]:
            answer = program.post("/go", data={"text": "x"}, headers={"Origin": origin})
            assert answer.status_code == 403, origin
        own = {"Origin": world.origin, "Sec-Fetch-Site": "same-origin"}
        assert program.post("/go", data={"text": "x"}, headers=own).status_code == 303
        cross = own | {"Sec-Fetch-Site": "cross-site"}
        assert program.post("/go", data={"text": "x"}, headers=cross).status_code == 403


def test_the_address_of_the_proxy_is_no_link(world: World) -> None:
    for path in ("", "/", "/links/x"):
        with pytest.raises(InvalidURL) as refused:
            add(world.app, NewLink(url=f"{world.root}{path}"))
        assert refused.value.code == "url.self"


@needs("nginx")
@pytest.mark.parametrize("host", ["evil.example", "evil.example:443", "localhost.evil.example"])
def test_other_hosts_are_not_answered_through_nginx(tmp_path: Path, host: str) -> None:
    given = {"public_url": "{origin}" + BASE, "trusted_proxies": "127.0.0.0/8"}
    with behind("nginx", NGINX, tmp_path, **given) as (_, origin):
        for headers in ({"Host": host}, {"Host": host, "X-Forwarded-Host": "localhost"}):
            answer = httpx.get(f"{origin}{BASE}/", headers=headers, verify=False)
            assert (answer.status_code, "evil" in answer.headers.get("location", "")) == (
                421,
                False,
            )


PORTLESS = NGINX.replace("$http_host", "$host").replace(
    'Forwarded-Port ""', "Forwarded-Port $server_port"
)
WHOLE_HOST = {
    "trusted": (PORTLESS, {"trusted_proxies": "127.0.0.1", "allowed_hosts": "localhost"}),
    "public address": (PORTLESS, {"public_url": "{origin}"}),
    "neither, with the port in Host": (NGINX, {}),
}


@needs("nginx")
@pytest.mark.parametrize("way", WHOLE_HOST)
def test_a_form_is_taken_over_a_port_that_host_does_not_name(tmp_path: Path, way: str) -> None:
    text, given = WHOLE_HOST[way]
    with behind("nginx", text.replace("/linkshot/", "/"), tmp_path, **given) as (_, origin):
        form, own = {"text": "words"}, {"Origin": origin}
        answer = httpx.post(f"{origin}/go", data=form, headers=own, verify=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/?q=words")
        foreign = {"Origin": "https://localhost:1"}
        assert (
            httpx.post(f"{origin}/go", data=form, headers=foreign, verify=False).status_code == 403
        )


@pytest.mark.parametrize("kind", ["nginx", "caddy"])
def test_both_languages_show_the_same_configuration(kind: str) -> None:
    first, second = (example(kind, page) for page in PAGES)
    assert first == second
