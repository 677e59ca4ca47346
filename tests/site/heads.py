"""Response heads that break clients."""

from __future__ import annotations

from collections.abc import Iterable

from linkshot.samples.loopback import Answer, Raw, Request, hold
from tests.site.markup import Page, html, paragraphs

_BODY = html(
    "A letterhead", "<h1>A letterhead</h1>" + paragraphs("The text is plain. 信文很平常。")
)
_TYPE = b"Content-Type: text/html; charset=utf-8\r\n"


def _head(lines: Iterable[bytes], status: bytes = b"200 OK", body: bytes = _BODY) -> Answer:
    """These header lines, each without its end, before a good page."""
    head = b"HTTP/1.1 " + status + b"\r\n" + _TYPE + b"".join(line + b"\r\n" for line in lines)
    end = b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
    return lambda _: Raw(pieces=[head + end + body])


def _trickle(request: Request) -> Raw:
    """A header, one byte at a time, for ever."""

    def pieces() -> Iterable[bytes]:
        yield b"HTTP/1.1 200 OK\r\nX-Slow: "
        while not request.closing.wait(0.2):
            yield b"z"

    return Raw(pieces=pieces())


def _interims(request: Request) -> Raw:
    """`?n=5` interim answers, then the page; without an end for `?n=0`."""
    count = int(request.number("n", 5))
    one = b"HTTP/1.1 103 Early Hints\r\nX-Hint: 1\r\n\r\n"
    if not count:
        return Raw(pieces=iter(lambda: one * 100, b""))
    whole = b"HTTP/1.1 200 OK\r\n" + _TYPE + b"Content-Length: %d\r\n\r\n" % len(_BODY) + _BODY
    return Raw(pieces=[one * count, whole])


def _only_interim(request: Request) -> Raw:
    return Raw(pieces=hold(request, [b"HTTP/1.1 100 Continue\r\n\r\n"]))


PLACES = (
    Page("/head-many", "5,000 small headers", _head(b"X-%d: %d" % (n, n) for n in range(5000))),
    Page(
        "/head-cookies",
        "fifty cookies of 4 kB",
        _head(b"Set-Cookie: c%d=%b" % (n, b"x" * 4000) for n in range(50)),
    ),
    Page("/head-nul", "a NUL in a header", _head([b"X-Hole: a\x00b"])),
    Page("/head-bytes", "headers in GBK and Latin-1", _head(["X-Title: 山茶".encode("gbk"), b"X-E: \xe9"])),
    Page("/head-newline", "bare newlines in the head", _head([b"X-A: 1\nX-B: 2\rX-C: 3"])),
    Page("/head-folded", "a header that goes on in the next line", _head([b"X-Long: one", b"  two"])),
    Page("/head-types", "two content types", _head([b"Content-Type: text/plain"])),
    Page("/head-lengths", "two lengths that differ", _head([b"Content-Length: 5"])),
    Page("/head-both", "a length and chunks", _head([b"Transfer-Encoding: chunked"])),
    Page("/head-chunked-twice", "chunked, chunked", _head([b"Transfer-Encoding: chunked, chunked"])),
    Page("/head-location", "200 with a Location", _head([b"Location: /404"])),
    Page("/206", "206 that nobody asked for", _head([b"Content-Range: bytes 0-99/500"], b"206 Partial")),
    Page("/999", "a status that does not exist", _head([], b"999 Request denied")),
    Page("/100", "100 and nothing more", _only_interim),
    Page("/head-half", "half a head, and the connection ends", lambda _: Raw(
        pieces=[b"HTTP/1.1 200 OK\r\nContent-Ty"]
    )),
    Page("/head-trickle", "a header that comes a byte at a time and never ends", _trickle),
    Page("/head-interim", "`?n=5` interim answers, then a page; 0 = for ever", _interims),
    Page("/goaway", "HTTP/2 frames to a visitor who speaks HTTP/1", lambda _: Raw(
        pieces=[b"\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x08\x07" + b"\x00" * 12]
    )),
    Page("/tls-garbage", "a TLS alert in plain", lambda _: Raw(pieces=[b"\x15\x03\x01\x00\x02\x02\x28"])),
)  # fmt: skip
