"""Visits of real pages in a real browser, through the egress proxy."""

import io
import shutil
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from crawler.failures import VisitFailed
from linkshot.samples.loopback import LoopbackServer, Request, Response
from tests.integration.crawler_visitor import Visitor, strings
from tests.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]


def test_a_page_becomes_a_capture_with_all_its_parts(visit: Visitor, site: Site) -> None:
    capture = visit(site.url("/zh/article"))
    assert capture.http_status == 200
    assert capture.media_type == "text/html"
    assert "修表铺" in capture.title
    assert "修表铺" in capture.html
    assert "修表铺" in capture.body.decode()
    assert "修表铺" in strings(capture)
    assert capture.screenshot is not None
    assert capture.screenshot.data[1:4] == b"PNG"
    assert capture.favicon
    assert capture.partial == ()


def test_a_capture_says_how_the_visit_went(visit: Visitor, site: Site) -> None:
    capture = visit(site.url("/zh/article"), page_bytes=9_000_000)
    steps: Any = capture.notes["steps"]
    assert [steps[0]["step"], steps[0]["ended"], steps[-1]["step"]] == ["goto", "done", "favicon"]
    assert [one["at"] for one in steps] == sorted(one["at"] for one in steps)
    options: Any = capture.options
    assert options["viewport"] == {"width": 1280, "height": 800}
    assert options["settings"]["page_bytes"] == 9_000_000
    assert capture.browser.split(".")[0] in options["user_agent"]


def _application(request: Request) -> Response:
    if request.path == "/old":
        return Response(status=302, headers=(("Location", "/app"),))
    script = """document.title = document.body.textContent = {"#/quarter/2017": "bettong one",
      "#/quarter/2018": "bettong two", "#!/news": "bettong news"}[location.hash] || "no route";"""
    return Response(body=f"<title>App</title><body><script>{script}</script>".encode())


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/app#/quarter/2017", "bettong one"),
        ("/app#/quarter/2018", "bettong two"),
        ("/app#!/news", "bettong news"),
        ("/old#/quarter/2018", "bettong two"),
        ("/app#section", "no route"),
    ],
)
def test_the_browser_shows_the_route_of_an_address(visit: Visitor, path: str, text: str) -> None:
    with LoopbackServer(_application) as server:
        capture = visit(server.url(path))
        asked = [one.path for one in server.requests if "favicon" not in one.path]
        assert capture.final_url == server.url(path.replace("/old", "/app"))
    assert capture.title == text
    assert asked[0] == path.partition("#")[0]
    assert text in strings(capture)


def test_the_raw_body_is_kept_in_its_own_charset(visit: Visitor, site: Site) -> None:
    capture = visit(site.url("/gbk-bare"))
    assert "旧书摊" in capture.body.decode("gbk")
    assert "旧书摊" in capture.html


def test_a_page_that_declares_no_icon_has_that_of_its_site(visit: Visitor, site: Site) -> None:
    capture = visit(site.url("/gbk-bare"))
    assert (capture.favicon[1:4], capture.favicon_url) == (b"PNG", site.url("/favicon.ico"))


def test_a_site_without_an_icon_lacks_nothing(visit: Visitor) -> None:
    def answer(request: Request) -> Response:
        found = request.path == "/"
        return Response(status=200 if found else 404, body=b"<title>t</title><p>text")

    with LoopbackServer(answer) as server:
        capture = visit(server.url("/"))
    assert (capture.favicon, capture.favicon_url, capture.partial) == (b"", "", ())


@pytest.mark.parametrize(
    "head", ["", "<link rel=icon href=/icon.png>"], ids=["looked for", "declared"]
)
def test_the_address_of_an_icon_holds_no_credentials_of_a_redirect(
    visit: Visitor, head: str
) -> None:
    def answer(request: Request) -> Response:
        if request.path == "/":
            away = f"http://anna:s3cret@{request.host}/page"
            return Response(status=302, headers=(("Location", away),))
        return Response(body=f"<title>t</title>{head}<p>text".encode())

    with LoopbackServer(answer) as server:
        capture = visit(server.url("/"))
        assert capture.favicon
        assert capture.favicon_url == server.url("/icon.png" if head else "/favicon.ico")


def test_redirects_are_listed(visit: Visitor, site: Site) -> None:
    capture = visit(site.url("/redirect/3"))
    assert [hop.status for hop in capture.hops] == [307, 303, 302]
    assert capture.final_url == site.url("/en/article")


@pytest.mark.parametrize(
    ("path", "media_type"),
    [("/pdf", "application/pdf"), ("/json", "application/json"), ("/image.png", "image/png")],
)
def test_what_is_no_page_is_kept_as_it_came(
    visit: Visitor, site: Site, path: str, media_type: str
) -> None:
    capture = visit(site.url(path))
    assert capture.media_type == media_type
    assert capture.body
    assert (capture.html, capture.screenshot) == ("", None)
    assert (capture.favicon[1:4], capture.favicon_url) == (b"PNG", site.url("/favicon.ico"))


@pytest.mark.parametrize("path", ["/script-loop", "/alert-loop", "/meta-refresh-loop"])
def test_a_hostile_page_is_taken_as_far_as_it_came(visit: Visitor, site: Site, path: str) -> None:
    capture = visit(site.url(path), quiet_timeout_s=1)
    assert capture.html
    assert capture.screenshot is not None
    assert capture.partial


def test_a_picture_that_never_ends_fails_nothing(visit: Visitor, site: Site) -> None:
    capture = visit(site.url("/stuck-image"), load_timeout_s=1)
    assert "load" in capture.partial
    assert capture.screenshot is not None


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/204", "no_content"),
        ("/429", "http_429"),
        ("/503-retry-after", "http_5xx"),
        ("/redirect-loop", "redirects"),
        ("/redirect-file", "redirect_scheme"),
        ("/redirect-javascript", "redirect_scheme"),
        ("/redirect-private", "address_blocked"),
        ("/redirect-metadata", "address_blocked"),
        ("/empty-reply", "connect"),
        ("/http09", "headers"),
        ("/header-bomb", "headers"),
        ("/gzip-bomb", "too_large"),
    ],
)
def test_what_brings_no_page_fails_with_a_stable_kind(
    visit: Visitor, site: Site, path: str, kind: str
) -> None:
    assert visit.fails(site.url(path)) == kind


def test_retry_after_travels_with_the_failure(visit: Visitor, site: Site) -> None:
    with pytest.raises(VisitFailed) as caught:
        visit(site.url("/503-retry-after"))
    assert caught.value.failure.retry_after_s


def test_an_error_with_a_page_is_a_capture(visit: Visitor, site: Site) -> None:
    assert visit(site.url("/404")).http_status == 404


def test_private_networks_are_refused_unless_allowed(visit: Visitor, site: Site) -> None:
    site.requests.clear()
    assert visit.fails(site.url("/en/article"), allow_networks=()) == "address_blocked"
    assert site.requests == []


def test_a_name_nobody_has_is_a_dns_failure(visit: Visitor) -> None:
    assert visit.fails("http://nobody.invalid/") == "dns"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_code_of_a_failure_is_what_happened_to_the_site(visit: Visitor, scheme: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        target = f"127.0.0.1:{closed.getsockname()[1]}"
        detail = visit.failure(f"{scheme}://{target}/").detail
    assert detail == f"{target} ERR_CONNECTION_REFUSED"
    port = 443 if scheme == "https" else 80
    name = visit.failure(f"{scheme}://nobody.invalid/").detail
    assert name == f"nobody.invalid:{port} ERR_NAME_NOT_RESOLVED"


def test_nothing_a_page_asks_of_private_addresses_gets_out(visit: Visitor, site: Site) -> None:
    capture = visit(site.url("/img-private"))
    assert capture.notes["blocked_count"]
    assert capture.html


def test_lazy_pictures_come_when_the_page_is_walked(visit: Visitor, site: Site) -> None:
    site.requests.clear()
    visit(site.url("/lazy"))
    assert len([one for one in site.requests if one.path.startswith("/lazy/")]) == 40


@pytest.mark.parametrize("query", ["", "?hidden=1"], ids=["placeholders", "addresses in a script"])
def test_pictures_that_load_when_scrolling_has_stopped_are_waited_for(
    visit: Visitor, site: Site, query: str
) -> None:
    site.requests.clear()
    visit(site.url(f"/lazy-after-scrolling{query}"))
    asked = {one.path for one in site.requests if one.path.startswith("/lazy/")}
    assert asked == {f"/lazy/{n}.png" for n in range(1, 13)}


def test_a_page_that_loads_nothing_late_is_not_waited_for(visit: Visitor, site: Site) -> None:
    def waits(path: str) -> float:
        return visit(site.url(path)).notes["seconds"]["scroll_waits"]  # type: ignore[index]

    assert waits("/heavy") == 0
    assert waits("/lazy-after-scrolling") > 1


def test_a_long_page_is_shown_in_tiles_without_gaps_and_repeats(visit: Visitor, site: Site) -> None:
    stripes = "".join(
        f"<div style='height:100px;background:rgb({n // 16},{n % 16 * 16},200)'></div>"
        for n in range(350)
    )
    bar = "<div style='position:fixed;top:0;width:100%;height:40px;background:red'></div>"
    html = f"<!DOCTYPE html><style>body{{margin:0}}</style>{bar}{stripes}<p>条纹</p>"
    capture = visit(site.put("/stripes", html))
    assert capture.screenshot is not None
    shots = [capture.screenshot, *capture.screenshot_tiles]
    assert [shot.height for shot in shots] == [16_000, 16_000]
    seen = []
    for shot in shots:
        with Image.open(io.BytesIO(shot.data)) as image:
            pixels = image.convert("RGB")
            seen += [pixels.getpixel((640, y)) for y in range(50, shot.height, 100)]
    assert seen == [(n // 16, n % 16 * 16, 200) for n in range(320)]
    assert [one for one in capture.partial if one.startswith("screenshot_height")]


def test_a_page_that_grows_is_walked_to_its_limit(visit: Visitor, site: Site) -> None:
    capture = visit(site.url("/infinite"))
    assert capture.screenshot is not None
    assert capture.screenshot.height > 4000


def test_cookies_are_not_recorded_and_not_kept_between_visits(visit: Visitor, site: Site) -> None:
    first = visit(site.url("/cookies-set"))
    assert "set-cookie" not in first.headers


def test_text_inside_frames_and_shadow_roots_is_in_the_dom(visit: Visitor, site: Site) -> None:
    assert strings(visit(site.url("/shadow"))).count("\n") > 10
    assert len(visit(site.url("/frames")).dom["documents"]) > 1  # type: ignore[arg-type]


class Canary:
    """Listens on an address that pages must not reach, and counts what comes."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self._server = socket.create_server(("127.0.0.2", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                came, _ = self._server.accept()
            except OSError:
                return
            with came:
                self.heard.append(came.recv(200).split(b"\r\n")[0])
                came.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    def close(self) -> None:
        """End it."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    listening = Canary()
    yield listening
    listening.close()


def nosy_page(site: Site, canary: Canary) -> str:
    """A page that tries every way to the canary, directly and by redirect."""
    there = f"http://127.0.0.2:{canary.port}"
    bounce = site.url("/bounce")
    site.put("/bounce", Response(status=302, headers=(("Location", f"{there}/bounced"),)))
    return site.put(
        "/nosy",
        f"""<!doctype html><title>nosy</title><p>text</p>
        <img src="{there}/img"><img src="{bounce}?img"><iframe src="{there}/frame"></iframe>
        <iframe src="{bounce}?frame"></iframe><link rel=stylesheet href="{there}/css">
        <link rel=prefetch href="{there}/prefetch"><link rel=preconnect href="{there}">
        <video src="{there}/video"></video><object data="{there}/object"></object>
        <script src="{there}/script"></script>
        <style>p {{ background: url({there}/background) }}</style>
        <script>
        fetch("{there}/fetch", {{mode: "no-cors"}}).catch(() => 0);
        fetch("{bounce}?fetch", {{mode: "no-cors"}}).catch(() => 0);
        navigator.sendBeacon("{there}/beacon", "x");
        new WebSocket("ws://127.0.0.2:{canary.port}/socket");
        new EventSource("{there}/events");
        new Worker(URL.createObjectURL(new Blob(["fetch('{there}/worker', {{mode: 'no-cors'}})"])));
        open("{there}/popup");
        </script>""",
    )


def test_no_way_leads_to_a_private_address(visit: Visitor, site: Site, canary: Canary) -> None:
    capture = visit(nosy_page(site, canary), allow_networks=("127.0.0.1/32",), quiet_timeout_s=2)
    assert canary.heard == []
    assert capture.title == "nosy"
    assert int(str(capture.notes["blocked_count"])) >= 10


def test_the_same_page_reaches_an_address_that_is_allowed(
    visit: Visitor, site: Site, canary: Canary
) -> None:
    visit(nosy_page(site, canary), quiet_timeout_s=2)
    heard = b"\n".join(canary.heard)
    for way in (b"/img", b"/bounced", b"/frame", b"/fetch", b"/worker", b"/css", b"/beacon"):
        assert way in heard


def test_what_a_page_left_behind_is_gone_at_the_next_visit(visit: Visitor, site: Site) -> None:
    visit(site.url("/cookies-set"))
    fresh = visit(site.url("/cookies-show"))
    again = visit(site.url("/cookies-show"))
    assert "cookie" in fresh.html
    assert fresh.html == again.html


def test_a_page_that_opens_hundreds_of_windows_is_taken_without_them(
    visit: Visitor, site: Site
) -> None:
    capture = visit(site.url("/popups"))
    assert capture.title
    assert capture.screenshot is not None
