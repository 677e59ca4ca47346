"""Pages that are broken, hostile or far too much, in a real browser: each ends, and as it should.

The numbers are those of the table of page content (P1 to P35); what needs a whole worker is in
test_crawler_worker.py, what becomes of the text in test_pipelines_browser.py.
"""

import shutil
from collections.abc import Callable
from urllib.parse import quote

import pytest

from crawler.failures import VisitFailed
from linkshot.domain.model import Capture
from linkshot.samples.loopback import Request, Response
from tests.integration.crawler_visitor import Visitor, strings
from tests.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]

Visited = Callable[[str], Capture]
HASTE = {"goto_timeout_s": 4, "load_timeout_s": 2, "quiet_timeout_s": 1, "scroll_timeout_s": 3}


AT_A_TIME = 4
"""Most of a visit of a small page is waiting."""

ALONE = {
    "/script-loop-inline", "/tall?px=500000", "/tall?px=5000000", "/deep?n=200000", "/frames-many?n=20000", "/wide", "/deep?n=20000", "/growing", "/webgl",
    "/frames-many?n=2000", "/pictures-many?n=3000", "/data-picture?mb=5", "/styles-many?n=30000",
    "/rules-many", "/torn-pictures", "/soup", "/tables", "/attributes", "/links-many?n=20000",
    "/comment", "/deflate-bomb", "/br-bomb", "/zstd-bomb",
}  # fmt: skip
"""Pages that need the whole machine for a while."""


def was_hasty(end: Capture | VisitFailed) -> bool:
    """Whether a limit cut this visit that a busy machine needs: it is made again with the usual ones."""
    if isinstance(end, VisitFailed):
        return end.failure.kind == "timeout"
    return end.screenshot is None


@pytest.fixture(scope="module")
def visited(request: pytest.FixtureRequest, visit: Visitor, site: Site) -> Visited:
    """Visits a page in haste, each once; the small ones of the tests that were chosen together."""
    chosen = {
        item.callspec.params.get("path")
        for item in request.session.items
        if item.path == request.path and hasattr(item, "callspec")
    }
    small = [site.url(path) for path in sorted(chosen - ALONE - {None})]
    ends = visit.together(small, AT_A_TIME, **HASTE)

    def end_of(path: str) -> Capture:
        url = site.url(path)
        if url not in ends:
            ends.update(visit.together([url], 1, **HASTE))
        end = ends[url]
        if path not in TOO_SLOW and was_hasty(end):
            end = ends[url] = visit.together([url], 1)[url]
        if isinstance(end, VisitFailed):
            raise end
        return end

    return end_of


KEPT = {
    "P2 alert for ever while it loads": ("/alert-loop-inline", "带走", {"dialogs"}),
    "P3 while(true) while it loads": ("/script-loop-inline", "带走", {"script"}),
    "P5 location in a circle": ("/location-loop", "带走", {"navigations"}),
    "P6 pushState every millisecond": ("/pushstate", "带走", set()),
    "P7 dialogs of every kind": ("/dialogs", "带走", set()),
    "P8 401": ("/401", "Say the word", set()),
    "P8 401 in a frame": ("/401-frame", "The page itself is open", {"login"}),
    "P8 401 of a picture": ("/401-parts", "The words are open", set()),
    "P11 206 unasked": ("/206", "信文", {"body"}),
    "P11 999": ("/999", "信文", set()),
    "P12 410": ("/410", "taken down", set()),
    "P12 451": ("/451", "A court", set()),
    "P12 500": ("/500", "our side", set()),
    "P13 a body that stops": ("/stuck-body", "信的前半封", {"body"}),
    "P13 a script that never comes": ("/stuck-script", "信的前半封", {"load"}),
    "P13 a style sheet that never comes": ("/stuck-style", "信的前半封", {"load"}),
    "P15 half a gzip": ("/gzip-cut", "信的前半封", {"end"}),
    "P15 gzip twice": ("/gzip-twice", "解得开", set()),
    "P15 a wrong checksum": ("/gzip-checksum", "解得开", set()),
    "P15 rubbish after gzip": ("/gzip-tail", "解得开", set()),
    "P15 an unknown encoding": ("/odd-encoding", "解得开", set()),
    "P16 5,000 headers": ("/head-many", "信文", set()),
    "P16 fifty large cookies": ("/head-cookies", "信文", set()),
    "P16 headers in GBK": ("/head-bytes", "信文", set()),
    "P16 bare newlines in the head": ("/head-newline", "信文", set()),
    "P16 a folded header": ("/head-folded", "信文", set()),
    "P11 200 with a Location": ("/head-location", "信文", set()),
    "P17 a body too short": ("/wrong-length", "信的前半封", {"body"}),
    "P17 a body too short that stays open": ("/wrong-length?hold=1", "信的前半封", {"body"}),
    "P17 a reset in the body": ("/reset", "信的前半封", set()),
    "P64 fifty interim answers": ("/head-interim?n=50", "信文", set()),
    "P18 a charset that does not exist": ("/bogus-charset", "旧书摊", set()),
    "P18 UTF-16": ("/utf-16", "旧书摊", set()),
    "P18 broken bytes": ("/invalid-utf8", "and after.", set()),
    "P18 NUL in the text": ("/nul-text", "洞的后面", set()),
    "P19 500,000 pixels tall": ("/tall?px=500000", "高处", {"screenshot_height:500000"}),
    "P19 5,000,000 pixels tall": ("/tall?px=5000000", "高处", {"screenshot_height:5000000"}),
    "P19 100,000 pixels wide": ("/wide", "一片平原", set()),
    "P19 nested 20,000 deep": ("/deep?n=20000", "井底", set()),
    "P19 nested 200,000 deep": ("/deep?n=200000", "井底", {"first_screen", "dom", "freeze"}),
    "P19 a document that grows for ever": ("/growing", "带走", set()),
    "P19 2,000 frames": ("/frames-many?n=2000", "值得留下", set()),
    "P19 20,000 frames": ("/frames-many?n=20000", "值得留下", set()),
    "P19 3,000 pictures": ("/pictures-many?n=3000", "值得留下", set()),
    "P20 a drawing loop": ("/webgl", "带走", set()),
    "P23 a list that shows what is in view": ("/virtual-list", "渡船", set()),
    "P28 refresh to a file": ("/refresh-file", "不该寄出", set()),
    "P29 asks for everything": ("/permissions", "带走", set()),
    "P31 a picture of 5 MB in the page": ("/data-picture?mb=5", "值得留下", set()),
    "P31 30,000 style attributes": ("/styles-many?n=30000", "值得留下", set()),
    "P31 300,000 rules": ("/rules-many", "值得留下", set()),
    "P31 sheets that import each other": ("/import-loop", "值得留下", {"load"}),
    "P31 torn and giant pictures": ("/torn-pictures", "值得留下", set()),
    "P31 a font that is none": ("/font-bomb", "值得留下", set()),
    "P32 unclosed elements": ("/soup", "一碗汤", set()),
    "P32 3,000 tables in each other": ("/tables", "渡船", set()),
    "P32 200,000 attributes": ("/attributes", "渡船", set()),
    "P32 20,000 links": ("/links-many?n=20000", "渡船", set()),
    "P32 a comment of 5 MB": ("/comment", "渡船", set()),
}
"""Page → what must be in it, and what it must say was cut short."""


@pytest.mark.parametrize(("path", "word", "cut"), KEPT.values(), ids=KEPT)
def test_it_is_kept_with_its_words_and_a_picture(
    visited: Visited, path: str, word: str, cut: set[str]
) -> None:
    capture = visited(path)
    assert word in capture.html
    assert capture.screenshot is not None
    assert cut <= set(capture.partial)


FAILED = {
    "P9 a chain of 30": ("/redirect/30", "redirects"),
    "P10 to data:": ("/redirect-data", "redirect_scheme"),
    "P10 to chrome:": ("/redirect-to?url=chrome://crash", "redirect_scheme"),
    "P11 205": ("/205", "no_content"),
    "P11 304": ("/304", "no_content"),
    "P11 100 and nothing more": ("/100", "timeout"),
    "P17 half a head": ("/head-half", "connect"),
    "P13 a head a byte at a time": ("/head-trickle", "timeout"),
    "P14 deflate": ("/deflate-bomb", "too_large"),
    "P14 Brotli": ("/br-bomb", "too_large"),
    "P14 zstd": ("/zstd-bomb", "too_large"),
    "P15 says gzip and is none": ("/wrong-encoding", "connect"),
    "P16 NUL in a header": ("/head-nul", "headers"),
    "P16 two lengths": ("/head-lengths", "headers"),
    "P17 HTTP/2 to a visitor of HTTP/1": ("/goaway", "headers"),
    "P17 TLS in plain": ("/tls-garbage", "headers"),
    "P64 a length and chunks": ("/head-both", "connect"),
    "P64 chunked, chunked": ("/head-chunked-twice", "connect"),
    "P64 interim answers for ever": ("/head-interim?n=0", "headers"),
}


TOO_SLOW = {path for path, kind in FAILED.values() if kind == "timeout"}


@pytest.mark.parametrize(("path", "kind"), FAILED.values(), ids=FAILED)
def test_it_fails_with_its_own_reason(visited: Visited, path: str, kind: str) -> None:
    with pytest.raises(VisitFailed) as caught:
        visited(path)
    assert caught.value.failure.kind == kind


def test_p9_the_redirects_travel_with_the_failure(visit: Visitor, site: Site) -> None:
    followed = visit.failure(site.url("/redirect/30")).hops
    assert [hop.url for hop in followed] == [site.url(f"/redirect/{n}") for n in range(30, 10, -1)]
    assert [hop.status for hop in followed[:3]] == [301, 308, 307]


def test_p9_a_redirect_to_where_nothing_may_go_is_told_too(visit: Visitor, site: Site) -> None:
    (hop,) = visit.failure(site.url("/redirect-private")).hops
    assert (hop.url, hop.status) == (site.url("/redirect-private"), 302)


@pytest.mark.parametrize("path", ["/en/article", "/pdf"])
def test_u17_credentials_that_a_redirect_brings_are_not_recorded(
    visit: Visitor, site: Site, path: str
) -> None:
    inside = site.url(path).replace("http://", "http://me:secret@")
    capture = visit(site.url("/redirect-to?url=") + quote(inside, safe=""))
    assert capture.final_url == site.url(path)
    assert "me:secret@" not in repr((capture.hops, capture.notes, capture.exchanges))


def test_u17_credentials_of_a_redirect_are_not_in_a_failure(visit: Visitor, site: Site) -> None:
    inside = site.url("/redirect-loop").replace("http://", "http://me:secret@")
    assert "secret@" not in repr(
        visit.failure(site.url("/redirect-to?url=") + quote(inside, safe=""))
    )


def test_p17_a_bad_chunk_leaves_what_came_before_it_or_nothing(visit: Visitor, site: Site) -> None:
    try:
        end = visit(site.url("/bad-chunk")).html
    except VisitFailed as exc:
        end = exc.failure.kind
    assert "信的前半封" in end or end == "connect"


@pytest.mark.parametrize(
    "media_type",
    ["video/mp4", "audio/mpeg", "text/xml", "multipart/related", "multipart/x-mixed-replace",
     "application/wasm", "application/x-msdownload", "image/svg+xml", "text/javascript"],
)  # fmt: skip
def test_p22_what_is_no_page_is_a_file_of_its_type(
    visit: Visitor, site: Site, media_type: str
) -> None:
    capture = visit(site.url(f"/typed?type={media_type.replace('+', '%2B')}"))
    assert (capture.media_type, capture.html) == (media_type, "")
    assert b"harbour" in capture.body


def test_p22_nothing_at_all_is_an_empty_page(visit: Visitor, site: Site) -> None:
    capture = visit(site.url("/empty"))
    assert (capture.http_status, capture.body) == (200, b"")


def test_p21_a_download_is_a_file_cut_at_the_cap_and_its_name_is_a_header_only(
    visit: Visitor, site: Site
) -> None:
    capture = visit(site.url("/download?kb=2000"), body_bytes=1_000_000)
    assert (len(capture.body), capture.body_truncated) == (1_000_000, True)
    assert "../../etc/cron.d" in capture.headers["content-disposition"]


def test_p7_dialogs_are_noted(visited: Visited) -> None:
    noted = visited("/dialogs").notes["dialogs"]
    assert noted == ["alert: Hello", "confirm: Sure?", "prompt: Name?"]


def test_p8_a_frame_that_asks_for_a_login_is_noted(visit: Visitor, site: Site) -> None:
    noted = visit(site.url("/401-frame")).notes["logins"]
    assert noted == [{"part": "frame", "url": site.url("/401"), "realm": "drawer"}]


def test_p8_parts_that_ask_for_a_login_are_noted_and_cut_nothing(
    visit: Visitor, site: Site
) -> None:
    capture = visit(site.url("/401-parts"))
    assert "login" not in capture.partial
    assert sorted(map(str, capture.notes["logins"])) == [
        str({"part": "img", "url": site.url("/401?picture")}),
        str({"part": "link", "url": site.url("/401?sheet")}),
    ]


def test_p8_a_page_that_asks_for_a_login_is_no_part_of_itself(visit: Visitor, site: Site) -> None:
    capture = visit(site.url("/401"))
    assert capture.notes["logins"] == [{"part": "page", "url": site.url("/401"), "realm": "drawer"}]
    assert "login" not in capture.partial


@pytest.mark.parametrize("path", ["/401", "/451", "/999"])
def test_p12_an_error_keeps_its_status(visited: Visited, path: str) -> None:
    assert visited(path).http_status == int(path[1:])


def test_p13_a_sheet_that_never_comes_does_not_cost_the_others(
    visited: Visited, site: Site
) -> None:
    exchanges = visited("/stuck-style").exchanges
    sheets = [one for one in exchanges if one.resource_type == "stylesheet" and not one.truncated]
    assert [one.url for one in sheets] == [site.url("/plain.css")]


def test_p16_cookies_are_not_recorded(visited: Visited) -> None:
    headers = visited("/head-cookies").headers
    assert "set-cookie" not in headers
    assert sum(map(len, headers.values())) < 100_000


def test_p24_a_service_worker_does_not_answer_the_next_visit(visit: Visitor, site: Site) -> None:
    first, second = (visit(site.url("/service-worker")) for _ in range(2))
    assert site.seen("/service-worker/worker.js") == []
    assert "From the worker" not in first.html + second.html
    assert "A doorman" in second.html


def test_p26_the_user_agent_is_the_browsers_own_without_headless_or_the_one_given(
    visit: Visitor, site: Site
) -> None:
    def mirror(asked: Request) -> Response:
        return Response(body=f"<p>{asked.headers['User-Agent']}</p>".encode())

    address = site.put("/mirror", mirror)
    own = visit(address).html
    assert "Headless" not in own
    assert "Chrome/" in own
    assert "<p>Harbour/1.0</p>" in visit(address, user_agent="Harbour/1.0").html


def test_p27_a_title_of_a_megabyte_is_cut(visit: Visitor, site: Site) -> None:
    assert len(visit(site.url("/title-hostile")).title) <= 4096


@pytest.mark.parametrize("path", ["/file-private", "/insides", "/refresh-file"])
def test_p28_no_file_of_the_machine_is_in_the_page(visited: Visited, site: Site, path: str) -> None:
    capture = visited(path)
    assert "root:" not in strings(capture) + capture.html
    assert capture.final_url == site.url(path)


def test_p27_addresses_that_a_page_names_for_itself_are_not_followed(
    visit: Visitor, site: Site
) -> None:
    capture = visit(site.url("/meta-hostile"))
    assert (capture.favicon, capture.final_url) == (b"", site.url("/meta-hostile"))


def test_p63_a_page_cannot_use_the_proxy_it_is_fetched_through(visit: Visitor, site: Site) -> None:
    address = site.put(
        "/abuse",
        f"""<!doctype html><title>no</title><script>
        for (const there of ["http://127.0.0.1:{visit.proxy_port}/", "http://127.0.0.1:{visit.proxy_port}/http://10.0.0.1/"])
          fetch(there, {{headers: {{"Proxy-Authorization": "Basic cGFnZTp4"}}}})
            .then(() => document.title = "reached", () => 0);</script>""",
    )
    capture = visit(address, **HASTE)
    assert capture.title == "no"
    refused = capture.notes["blocked_requests"]
    assert {"target": f"127.0.0.1:{visit.proxy_port}", "reason": "address_blocked"} in refused  # type: ignore[operator]
