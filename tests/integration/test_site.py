"""The test site answers as its own list of pages says."""

from __future__ import annotations

import gzip
import http.client
import io
import socket
import threading
import zlib
from collections.abc import Iterator

import pypdf
import pytest

from linkshot.samples import COMMON_WORD, SampleSite
from tests.site import PAGES, Site

ENDLESS = {
    "/stuck.png",
    "/stuck-body",
    "/stuck-headers",
    "/stuck-part",
    "/100",
    "/999",
    "/goaway",
    "/tls-garbage",
    "/head-many",
    "/head-both",
    "/head-trickle",
    "/head-interim",
    "/endless",
    "/trickle",
    "/flood",
    "/slow",
    "/gzip-bomb",
    "/empty-reply",
    "/http09",
    "/reset",
    "/wrong-length",
    "/bad-chunk",
    "/header-bomb",
}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


def get(
    site: Site | SampleSite, path: str, **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=5)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def raw(site: Site, path: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", site.port), timeout=5)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
    return connection


@pytest.mark.parametrize("path", [path for path in PAGES if path not in ENDLESS])
def test_every_page_answers_and_none_by_accident_with_the_site_s_own_404(site: Site, path: str):
    _, body = get(site, path + ("1" if path.endswith("/") else ""))
    assert b"no such page on the test site" not in body


@pytest.mark.parametrize(
    ("path", "charset", "word"),
    [
        ("/gbk", "gbk", "旧书摊"),
        ("/gbk-meta", "gbk", "旧书摊"),
        ("/gbk-bare", "gbk", "旧书摊"),
        ("/gb18030", "gb18030", "𠮷野家"),
        ("/big5", "big5", "郵差"),
        ("/shift_jis", "shift_jis", "時刻表"),
        ("/euc-kr", "euc_kr", "우체통"),
        ("/utf-16", "utf-16", "旧书摊"),
    ],
)
def test_a_page_in_an_old_charset_has_its_bytes_and_no_charset_in_the_header(
    site: Site, path: str, charset: str, word: str
):
    response, body = get(site, path)
    assert word in body.decode(charset)
    assert response.getheader("Content-Type") == "text/html"


@pytest.mark.parametrize(
    ("path", "status", "header", "value"),
    [
        ("/redirect/3", 307, "Location", "/redirect/2"),
        ("/redirect/1", 302, "Location", "/en/article"),
        ("/redirect-file", 302, "Location", "file:///etc/passwd"),
        ("/404", 404, "Content-Type", "text/html; charset=utf-8"),
        ("/503-retry-after", 503, "Retry-After", "120"),
        ("/401", 401, "WWW-Authenticate", 'Basic realm="drawer"'),
        ("/204", 204, "Content-Length", None),
        ("/captcha", 403, "Location", None),
        ("/image.png", 200, "Content-Type", "image/png"),
        ("/robots.txt", 404, "Location", None),
    ],
)
def test_a_status_comes_with_its_header(
    site: Site, path: str, status: int, header: str, value: str | None
):
    response, _ = get(site, path)
    assert (response.status, response.getheader(header)) == (status, value)


def test_the_pdf_gives_its_chinese_and_english_text(site: Site):
    _, body = get(site, "/pdf")
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages)
    assert "缆绳的四种结法" in text
    assert "listening in fog" in text


def test_the_gzip_bomb_is_valid_gzip_and_a_thousand_times_larger_inside(site: Site):
    response, body = get(site, "/gzip-bomb?mb=3")
    assert response.getheader("Content-Encoding") == "gzip"
    assert len(gzip.decompress(body)) == 3 << 20 > 200 * len(body)


def test_a_changing_page_is_another_one_at_each_visit_and_a_stable_one_is_not(site: Site):
    assert get(site, "/changing")[1] != get(site, "/changing")[1]
    assert get(site, "/stable")[1] == get(site, "/stable")[1]


def test_a_known_etag_is_answered_with_304(site: Site):
    tag = get(site, "/etag")[0].getheader("ETag")
    assert get(site, "/etag", **{"If-None-Match": tag or ""})[0].status == 304


def test_an_empty_reply_is_the_end_of_the_connection(site: Site):
    with raw(site, "/empty-reply") as connection:
        assert connection.recv(1) == b""


def test_a_reset_is_a_reset(site: Site):
    with raw(site, "/reset") as connection, pytest.raises(ConnectionResetError):
        connection.makefile("rb").read()


def test_every_request_is_seen_with_method_target_and_host(site: Site):
    get(site, "/stable?from=here", Host="harbour.example")
    assert site.requests[-1] == ("GET", "/stable?from=here", "harbour.example")
    assert site.seen("/stable")


def test_a_test_can_put_a_page_of_its_own(site: Site):
    site.put("/mine", "<h1>今天</h1>")
    assert get(site, "/mine")[1] == "<h1>今天</h1>".encode()


def test_the_site_stops_while_connections_hang_and_leaves_no_thread():
    before = set(threading.enumerate())
    with Site() as site:
        hanging = [
            raw(site, path) for path in ("/stuck-body", "/stuck-headers", "/endless", "/slow?s=99")
        ]
        for connection in hanging[:3]:
            assert connection.recv(10)
    assert set(threading.enumerate()) <= before
    for connection in hanging:
        connection.close()


def test_a_png_of_the_site_is_whole(site: Site):
    _, body = get(site, "/lazy/7.png")
    length = int.from_bytes(body[33:37])
    assert body[:4] == b"\x89PNG"
    assert len(zlib.decompress(body[41 : 41 + length])) == 400 * (1 + 600 * 3)


def test_the_three_sample_pages_have_their_words_and_one_they_share():
    with SampleSite(port=0) as samples:
        for place in samples.urls:
            _, body = get(samples, place.url.partition(str(samples.port))[2])
            assert place.word in body.decode()
            assert COMMON_WORD in body.decode()


def test_the_sample_page_that_changes_does_change():
    with SampleSite(port=0) as samples:
        first, second = (get(samples, "/tide")[1] for _ in range(2))
    assert first != second
