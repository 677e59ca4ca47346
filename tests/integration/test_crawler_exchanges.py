"""What the recorder has of a page is what its server was asked, each body once and no secret."""

import io
import shutil
from collections import Counter

import pytest

from linkshot.domain.model import Capture, Exchange
from linkshot.maintenance.archive_check import check_archive
from linkshot.samples.loopback import LoopbackServer, Raw, Request, Response
from pipelines.page_html.resources import ResourceMap
from pipelines.quality import assess_quality
from tests.integration.crawler_visitor import Visitor
from tests.integration.replay_world import archive_of
from tests.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]


@pytest.fixture(scope="module")
def visited(visit: Visitor, site: Site) -> tuple[Capture, Counter[tuple[str, str]]]:
    """The capture of /exchanges, and what the server was asked meanwhile."""
    site.requests.clear()
    capture = visit(site.url("/exchanges"))
    return capture, Counter((one.method, f"http://{one.host}{one.path}") for one in site.requests)


def exchange(capture: Capture, path: str, method: str = "GET") -> Exchange:
    """The one exchange of this path."""
    (found,) = [one for one in capture.exchanges if one.url.endswith(path) and one.method == method]
    return found


def test_the_record_is_the_log_of_the_server(visited) -> None:
    capture, asked = visited
    assert Counter((one.method, one.url) for one in capture.exchanges) == asked
    assert len(asked) > 18


@pytest.mark.parametrize(
    ("path", "method", "status", "body"),
    [
        ("gzip.css", "GET", 200, b"h1 { color: teal }"),
        ("deflate.js", "GET", 200, b"var d=1;"),
        ("brotli.js", "GET", 200, b"var b=1;"),
        ("chunked.js", "GET", 200, b"var c=1;"),
        ("missing.png", "GET", 404, b"none"),
        ("form", "POST", 200, b"formed"),
        ("preflight", "OPTIONS", 204, b""),
        ("preflight", "PUT", 200, b""),
        ("beacon", "POST", 204, b""),
        ("from-worker", "GET", 200, b"work"),
    ],
)
def test_bodies_are_recorded_decoded(
    visited, path: str, method: str, status: int, body: bytes
) -> None:
    found = exchange(visited[0], f"/exchanges/{path}", method)
    assert (found.status, found.body, found.truncated) == (status, body, "")


def test_redirects_have_their_target_and_lead_to_the_picture(visited) -> None:
    capture, _ = visited
    hop = exchange(capture, "/exchanges/hop/3")
    assert (hop.status, dict(hop.response_headers)["Location"]) == (302, "/exchanges/hop/2")
    assert exchange(capture, "/exchanges/hop/0").body.startswith(b"\x89PNG")
    found = ResourceMap.of(capture.exchanges).find(hop.url)
    assert found is not None
    assert found.media_type == "image/png"


def test_what_was_sent_is_recorded(visited) -> None:
    assert exchange(visited[0], "/json", "POST").post_data == '{"a":{"b":[1,"二"]}}'.encode()
    assert exchange(visited[0], "/beacon", "POST").post_data == b"seen"


def test_a_stream_without_end_is_recorded_unread(visited) -> None:
    found = exchange(visited[0], "/exchanges/stream")
    assert (found.body, found.truncated) == (b"", "unspecified")


def test_no_cookie_is_recorded(visited) -> None:
    assert "s3cret" not in repr(
        [(one.request_headers, one.response_headers) for one in visited[0].exchanges]
    )


def test_the_frame_of_the_other_site_is_a_document(visited, site: Site) -> None:
    found = exchange(visited[0], "/exchanges/frame")
    assert (found.resource_type, found.remote_address) == ("document", "127.0.0.1")
    assert "framed 框架" in found.body.decode()


def test_a_page_without_losses_is_whole(visited) -> None:
    assert visited[0].partial == ()


def test_the_hops_of_the_main_document_are_recorded(visit: Visitor, site: Site) -> None:
    capture = visit(site.url("/redirect/3"))
    statuses = [one.status for one in capture.exchanges if one.resource_type == "document"]
    assert statuses == [307, 303, 302, 200]


def test_a_file_is_recorded_too(visit: Visitor, site: Site) -> None:
    capture = visit(site.url("/pdf"))
    assert exchange(capture, "/pdf").body == capture.body


def test_a_body_that_breaks_off_is_told(visit: Visitor) -> None:
    def answer(request: Request) -> Response | Raw:
        if request.path == "/cut.png":
            head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 999\r\n\r\n"
            return Raw(pieces=[head, b"\x89PNG"])
        return Response(body=b"<title>t</title><p>text<img src=/cut.png>")

    with LoopbackServer(answer) as server:
        capture = visit(server.url("/"))
    cut = exchange(capture, "/cut.png")
    assert cut.truncated == "disconnect"
    assert capture.notes["truncated_requests"] == [{"url": cut.url, "reason": "disconnect"}]


@pytest.mark.parametrize(
    ("chunks", "partial"),
    [
        (b"5000\r\n<!doctype html><p>half a page", ("body",)),
        (b"1f\r\n<!doctype html><p>a whole page.\r\n", ("body",)),
        (b"1f\r\n<!doctype html><p>a whole page.\r\n0\r\n\r\n", ()),
    ],
    ids=["in a chunk", "before the last chunk", "not at all"],
)
def test_a_page_that_breaks_off_in_its_chunks_lacks_its_end(
    visit: Visitor, chunks: bytes, partial: tuple[str, ...]
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    with LoopbackServer(lambda _: Raw(pieces=[head, chunks])) as server:
        capture = visit(server.url("/a%20b?c=d"))
    assert "page" in capture.html
    assert capture.partial == partial
    assert exchange(capture, "c=d").truncated == ("disconnect" if partial else "")


def test_what_is_too_large_goes_to_the_page_and_is_named(visit: Visitor) -> None:
    def answer(request: Request) -> Response:
        if request.path == "/large.js":
            script = b"document.title = 'ran';".ljust(11_000_000)
            return Response(content_type="text/javascript", body=script)
        return Response(body=b"<title>t</title><p>text<script src=/large.js></script>")

    with LoopbackServer(answer) as server:
        capture = visit(server.url("/"))
    found = exchange(capture, "/large.js")
    assert (capture.title, found.truncated, capture.partial) == (
        "ran",
        "length",
        ("archive_cut:1",),
    )


def test_a_file_that_a_page_asks_for_in_parts_is_recorded_whole(visit: Visitor) -> None:
    whole = bytes(range(256)) * 40

    def answer(request: Request) -> Response:
        if request.path != "/data":
            script = b"fetch('/data', {headers: {Range: 'bytes=10-19'}})"
            return Response(body=b"<title>t</title><p>text<script>" + script + b"</script>")
        if request.headers.get("Range"):
            part = (("Content-Range", f"bytes 10-19/{len(whole)}"),)
            return Response(status=206, content_type="x/y", headers=part, body=whole[10:20])
        return Response(content_type="x/y", body=whole)

    with LoopbackServer(answer) as server:
        capture = visit(server.url("/"))
    found = [(one.status, one.body) for one in capture.exchanges if one.url.endswith("/data")]
    assert found == [(206, b""), (200, whole)]


@pytest.mark.usefixtures("sandbox_closed")
@pytest.mark.parametrize(
    ("part", "status", "partial"),
    [("bytes 0-{last}/50000", 206, ("body",)), ("bytes 0-{last}/{all}", 200, ())],
    ids=["a part", "the whole range"],
)
def test_a_part_that_nobody_asked_for_is_recorded_as_a_part(
    visit: Visitor, part: str, status: int, partial: tuple[str, ...]
) -> None:
    body = b"<!doctype html><title>t</title><p>the first part"
    told = part.format(last=len(body) - 1, all=len(body))
    with LoopbackServer(
        lambda _: Response(status=206, headers=(("Content-Range", told),), body=body)
    ) as server:
        capture = visit(server.url("/"))
    found = exchange(capture, "/")
    is_part = status == 206
    assert (found.status, found.body, capture.partial) == (status, body, partial)
    assert ("Content-Range" in dict(found.response_headers)) is is_part
    assert bool(found.truncated) is capture.body_truncated is is_part
    archive = archive_of(capture)
    assert check_archive(io.BytesIO(archive)) == []
    assert visit.shown(archive, capture.final_url).body == body


def test_what_came_from_the_cache_is_recorded_once(visit: Visitor) -> None:
    def answer(request: Request) -> Response:
        if request.path == "/a.png":
            kept = (("Cache-Control", "max-age=600"),)
            return Response(content_type="image/png", headers=kept, body=b"picture")
        inside = b"" if request.path == "/frame" else b"<iframe src=/frame></iframe>"
        return Response(body=b"<title>t</title><p>text<img src=/a.png>" + inside)

    with LoopbackServer(answer) as server:
        capture = visit(server.url("/"))
        asked = Counter(one.path for one in server.requests)
    assert Counter(one.url.replace(server_root(capture), "") for one in capture.exchanges) == asked


def server_root(capture: Capture) -> str:
    """`http://127.0.0.1:port` of the page."""
    return capture.final_url.rstrip("/")


def test_answers_that_the_browser_withholds_are_named_and_change_no_verdict(
    visit: Visitor, site: Site
) -> None:
    def elsewhere(_: Request) -> Response:
        return Response(content_type="application/json", body=b'{"secret": 1}')

    with LoopbackServer(elsewhere, address="127.0.0.2") as other:
        address = other.url("/not-a-picture.png")
        text = "<p>港口的灯塔每天晚上都亮着，船从很远的地方就能看见它。</p>"
        capture = visit(site.put("/withheld", f"<!doctype html>{text}<img src={address}>"))
    assert capture.notes["withheld_answers"] == [address]
    assert address not in [one.url for one in capture.exchanges]
    found = assess_quality(capture, text)
    assert (found.verdict.value, found.reasons) == ("good", ("answers_withheld:1",))
