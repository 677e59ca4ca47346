"""Snapshots are shown again without a network: the archive is the page, and what is not is told."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.replay.local_checker import LocalChecker
from crawler.replay.snapshot_check import StoredPage
from linkshot.domain.fidelity import Fidelity, RenderingScore
from linkshot.samples.loopback import Request, Response
from linkshot.system.config import Settings
from tests.integration.crawler_visitor import Visitor
from tests.integration.replay_world import archive_of, stored_page, without
from tests.site import Site
from tests.site.frozen import PAGES, serve_parts

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("sandbox_closed"),
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]
MOST = 0.005
"""Share of the pixels that may differ."""
FROZEN = (
    "a closed shadow root", "sheets that a script adopts", "rules that a script inserts",
    "quirks mode", "a modal dialog", "frames", "a frameset", "a canvas",
    "a picture from a blob", "a sheet of another site", "imported sheets", "names of any letters",
    "pieces of a drawing", "XHTML", "what was typed and chosen",
)  # fmt: skip
SITE = (
    "/lazy",
    "/exchanges",
    "/gbk",
    "/redirect/3",
    "/infinite",
    "/spa",
    "/frames?cross=1",
    "/heavy",
    "/consent-onetrust",
    "/consent-chinese",
)


@pytest.fixture(scope="module")
def checker() -> Iterator[LocalChecker]:
    with LocalChecker(Settings(load_timeout_s=4.0, quiet_timeout_s=2.0)) as made:
        yield made


def scores(checked: Fidelity) -> tuple[RenderingScore, RenderingScore]:
    assert checked.page is not None
    assert checked.archive is not None
    return checked.page, checked.archive


def check_page(site: Site, visit: Visitor, checker: LocalChecker, url: str) -> Fidelity:
    """Visited once, then checked; the server hears of the visit only."""
    stored = stored_page(visit(url), url)
    site.requests.clear()
    checked = checker.check(stored)
    assert site.requests == []
    return checked


@pytest.mark.parametrize("name", FROZEN)
def test_a_page_is_shown_again_as_it_was(
    site: Site, visit: Visitor, checker: LocalChecker, name: str
) -> None:
    serve_parts(site)
    url = site.put("/frozen", PAGES[name].response)
    for score in scores(check_page(site, visit, checker, url)):
        assert score.pixels is not None
        assert score.pixels <= MOST
        assert (score.text in (1.0, None), score.leaks, score.failed) == (True, 0, "")


@pytest.mark.parametrize("path", SITE)
def test_a_page_of_many_requests_is_shown_again_as_it_was(
    site: Site, visit: Visitor, checker: LocalChecker, path: str
) -> None:
    page, archive = scores(check_page(site, visit, checker, site.url(path)))
    assert (page.missing, page.leaks, archive.missing, archive.leaks) == (0, 0, 0, 0)
    for score in (page, archive):
        assert score.pixels is not None
        assert score.text is not None
        assert (score.pixels <= MOST, score.text >= 0.99) == (True, True)


def test_a_page_without_its_style_sheet_is_told(
    site: Site, visit: Visitor, checker: LocalChecker
) -> None:
    sheet = Response(content_type="text/css", body=b"body{background:#246;color:#fff;zoom:2}")
    site.put("/paint.css", sheet)
    url = site.put("/painted", "<!DOCTYPE html><link rel=stylesheet href=/paint.css><p>painted")
    capture = visit(url)
    lost = without(archive_of(capture), lambda address: address.endswith("/paint.css"))
    _, archive = scores(checker.check(stored_page(capture, url, lost)))
    assert archive.missing == 1
    assert archive.pixels is not None
    assert archive.pixels > 0.5


def test_words_that_do_not_come_again_are_told(
    site: Site, visit: Visitor, checker: LocalChecker
) -> None:
    site.put("/words", Response(content_type="text/plain", body="一 two three four 五".encode()))
    script = "fetch('/words').then(r=>r.text()).then(t=>{document.body.append(t)})"
    url = site.put("/late", f"<!DOCTYPE html><body><p>kept<script>{script}</script>")
    capture = visit(url)
    lost = without(archive_of(capture), lambda address: address.endswith("/words"))
    _, archive = scores(checker.check(stored_page(capture, url, lost)))
    assert (archive.missing, archive.text) == (1, pytest.approx(1 / 6, abs=1e-4))


def test_a_request_that_was_not_recorded_is_missing(
    site: Site, visit: Visitor, checker: LocalChecker
) -> None:
    script = "fetch('/number/' + Math.random()).catch(() => 0)"
    url = site.put("/random", f"<!DOCTYPE html><p>still</p><script>{script}</script>")
    _, archive = scores(check_page(site, visit, checker, url))
    assert (archive.missing, archive.pixels) == (1, 0.0)


def test_a_request_that_differs_in_its_time_only_is_answered(
    site: Site, visit: Visitor, checker: LocalChecker
) -> None:
    site.put("/now", Response(content_type="text/plain", body=b"answered"))
    script = (
        "fetch('/now?a=b&_=' + Date.now()).then(r=>r.text()).then(t=>{document.body.append(t)})"
    )
    url = site.put("/timed", f"<!DOCTYPE html><body><script>{script}</script>")
    _, archive = scores(check_page(site, visit, checker, url))
    assert (archive.missing, archive.text) == (0, 1.0)


def test_the_clock_of_the_page_is_set_back_to_the_visit(
    site: Site, visit: Visitor, checker: LocalChecker
) -> None:
    script = (
        "class Own extends Date {}"
        "const parts = [new Date().getFullYear(), new Own() instanceof Own, new Own() instanceof Date,"
        "new Date(0).toISOString(), typeof Date(), Date.UTC(2000, 1), new Date().constructor === Date,"
        "Math.round((Date.now() - Date.parse('2020-01-01')) / 86400000) + 'days'];"
        "document.body.append(parts.join(' '))"
    )
    url = site.put("/clock", f"<!DOCTYPE html><body><script>{script}</script>")
    capture = visit(url)
    assert "true true 1970-01-01T00:00:00.000Z string" in capture.html
    then = [replace(one, started_at=datetime(2020, 1, 11, tzinfo=UTC)) for one in capture.exchanges]
    stored = stored_page(replace(capture, exchanges=tuple(then)), url)
    year, days = str(datetime.now(UTC).year), r"\d+days"
    told = re.sub(days, "10days", stored.text.replace(year, "2020"))
    _, archive = scores(checker.check(replace(stored, text=told)))
    assert archive.text == 1.0


def test_requests_are_answered_by_their_bodies_and_in_their_order(
    site: Site, visit: Visitor, checker: LocalChecker
) -> None:
    def echo(request: Request) -> Response:
        said = f"{request.body.decode()}{request.visit} "
        headers = (("Cache-Control", "no-store"),)
        return Response(content_type="text/plain", headers=headers, body=said.encode())

    site.put("/echo", echo)
    script = (
        "(async()=>{for (const body of ['a','b','a',null,null]) document.body.append(await (await "
        "fetch('/echo', body ? {method: 'POST', body} : {})).text())})()"
    )
    url = site.put("/posts", f"<!DOCTYPE html><body><script>{script}</script>")
    stored = stored_page(visit(url), url)
    assert stored.text == "a1 b2 a3 4 5\n"
    _, archive = scores(checker.check(stored))
    assert (archive.missing, archive.text, archive.pixels) == (0, 1.0, 0.0)


def test_nothing_gets_out_and_what_tries_is_counted(
    site: Site, visit: Visitor, checker: LocalChecker
) -> None:
    other = f"127.0.0.1:{site.port}"
    script = (
        f"fetch('http://{other}/canary-fetch?'+Math.random()).catch(()=>0);"
        f"new WebSocket('ws://{other}/canary-ws');new WebSocket('ws://localhost:{site.port}/canary-ws');"
        f"new Image().src='http://{other}/canary-image/'+Math.random();"
        f"navigator.sendBeacon('http://{other}/canary-beacon/'+Math.random(), 'x');"
        f"new RTCPeerConnection({{iceServers:[{{urls:'stun:{other}'}}]}}).createDataChannel('x')"
    )
    url = site.put("/escape", f"<!DOCTYPE html><p>quiet</p><script>{script}</script>")
    page, archive = scores(check_page(site, visit, checker, url))
    assert (page.missing, page.leaks) == (0, 0)
    assert archive.missing == 3
    assert archive.leaks >= 2


def test_a_saved_page_that_asks_for_anything_is_told(
    site: Site, visit: Visitor, checker: LocalChecker
) -> None:
    html = f"<!DOCTYPE html><p>x<img src='{site.url('/canary.png')}'>".encode()
    site.requests.clear()
    checked = checker.check(StoredPage(name="x", url="", screenshots=(), text="x", html=html))
    assert checked.page is not None
    assert (checked.page.missing, checked.page.text, site.requests) == (1, 1.0, [])


@pytest.mark.parametrize(
    "script",
    [
        "while(true);",
        "for(;;) alert(1)",
        "setInterval(()=>location.reload(), 1)",
        "location='/else'",
    ],
    ids=["endless", "dialogs", "reloads", "leaves"],
)
def test_a_hostile_page_does_not_hold_the_checker_up(
    site: Site, visit: Visitor, checker: LocalChecker, script: str
) -> None:
    html = f"<!DOCTYPE html><p>hostile<script>addEventListener('load',()=>{{{script}}})</script>"
    url = site.put("/hostile", html)
    _, archive = scores(check_page(site, visit, checker, url))
    assert archive.failed == ""


def test_an_archive_that_cannot_be_read_is_told(
    site: Site, visit: Visitor, checker: LocalChecker
) -> None:
    url = site.put("/plain", "<!DOCTYPE html><p>plain")
    page, archive = scores(checker.check(stored_page(visit(url), url, b"no archive")))
    assert (page.failed, archive.failed) == ("", "unreadable")
