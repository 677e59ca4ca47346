"""Connections that hang, end early, lie about their length or never end."""

from __future__ import annotations

import gzip
import itertools
import random
import struct
import zlib
from collections.abc import Iterator

from linkshot.samples.loopback import HTML, Answer, Raw, Request, Response, hold
from tests.site.markup import Page, fixed, html, page, paragraphs

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n"
_TEXT = paragraphs(
    "The first half of this letter has arrived; the second half is still at sea.",
    "信的前半封已经到了，后半封还在海上。",
)
_HALF = html("Half a letter", _TEXT).split(b"</body>")[0]
_WHOLE = html(
    "A folded letter", "<h1>A folded letter</h1>" + _TEXT + paragraphs("Unfold it. 请展开。")
)
_MEGABYTE = 1 << 20
_GZIP = (("Content-Encoding", "gzip"),)


def _stuck_image(_: Request) -> Response:
    body = '<h1>One picture is late</h1><img src="/stuck.png" width="300" height="200" alt="">'
    return page("One picture is late", body + _TEXT)


def _stuck(tag: str) -> Answer:
    head = tag % "/stuck-part"
    return fixed(page("A late guest", "<h1>A late guest</h1>" + _TEXT, head=head))


def _stuck_picture(request: Request) -> Raw:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 90000\r\n\r\n"
    return Raw(pieces=hold(request, [head, b"\x89PNG\r\n\x1a\n"]))


def _stuck_body(request: Request) -> Raw:
    return Raw(pieces=hold(request, [_HEAD + b"Content-Length: 90000\r\n\r\n", _HALF]))


def _stuck_headers(request: Request) -> Raw:
    return Raw(pieces=hold(request, [b"HTTP/1.1 200 OK\r\nContent-Type: text/ht"]))


def _endless(request: Request) -> Response:
    return Response(body=_drip(request, 0.1), content_type=request.value("type") or HTML)


def _drip(request: Request, pause_s: float) -> Iterator[bytes]:
    yield html("The letter without an end", "<h1>The letter without an end</h1>").split(b"</body>")[
        0
    ]
    line = 0
    while not request.closing.wait(pause_s):
        line += 1
        yield f"<p>Line {line}, and there is more. 第 {line} 行，还有。</p>\n".encode()


def _trickle(request: Request) -> Raw:
    """Half a letter at once, the rest a byte at a time, and then again from its start."""

    def pieces() -> Iterator[bytes]:
        yield _HEAD + b"\r\n" + _HALF
        for byte in itertools.cycle(_WHOLE):
            if request.closing.wait(0.5):
                return
            yield bytes([byte])

    return Raw(pieces=pieces())


def _flood(request: Request) -> Response | Raw:
    """As fast as the visitor takes it, without an end (`?type=`, `?gzip=1`; `?raw=1`: no chunks)."""
    if request.value("raw"):
        return Raw(pieces=itertools.chain([_HEAD + b"\r\n"], _water()))
    if request.value("gzip"):
        return Response(body=_pressed(_water()), headers=_GZIP)
    return Response(body=_water(), content_type=request.value("type") or HTML)


def _water() -> Iterator[bytes]:
    yield b"<!doctype html><title>Flood</title>"
    drops = random.Random(7)
    while True:
        yield b"".join(b"<p>Water %x.</p>" % drops.getrandbits(64) for _ in range(5000))


def _pressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    return (packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH) for piece in pieces)


def _slow(request: Request) -> Response:
    seconds = request.number("s", 2)
    request.closing.wait(seconds)
    return page(
        "A slow answer", f"<h1>A slow answer</h1><p>It took {seconds:g} seconds.</p>" + _TEXT
    )


def _gzip_bomb(request: Request) -> Response:
    """`?mb=200`: that many megabytes of text in about a thousandth of the size."""
    return Response(
        headers=(("Content-Encoding", "gzip"),), body=_bomb(int(request.number("mb", 200)))
    )


def _bomb(megabytes: int) -> Iterator[bytes]:
    """One flushed deflate segment of a megabyte, repeated: a valid gzip stream, cheap to make."""
    block = b"<p>boom</p>\n".ljust(64) * (_MEGABYTE // 64)
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    segment = deflate.compress(block) + deflate.flush(zlib.Z_FULL_FLUSH)
    yield b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    checksum = 0
    for _ in range(megabytes):
        yield segment
        checksum = zlib.crc32(block, checksum)
    yield b"\x03\x00" + struct.pack("<II", checksum, megabytes * _MEGABYTE & 0xFFFFFFFF)


def _wrong_length(request: Request) -> Raw:
    """Promises more than it sends, then ends (`?hold=1`: then waits)."""
    pieces = [_HEAD + b"Content-Length: 90000\r\n\r\n", _HALF]
    return Raw(pieces=hold(request, pieces) if request.value("hold") else pieces)


def _header_bomb(_: Request) -> Raw:
    many = b"".join(b"X-Filler-%d: %b\r\n" % (n, b"f" * 900) for n in range(520))
    return Raw(pieces=[_HEAD + many + b"\r\n", _WHOLE])


_ZIPPED = gzip.compress(_WHOLE)

PLACES = (
    Page("/stuck-image", "a good page with a picture that never ends", _stuck_image),
    Page("/stuck.png", "that picture", _stuck_picture),
    Page(
        "/stuck-script", "a script in the head that never ends", _stuck("<script src=%s></script>")
    ),
    Page(
        "/stuck-style",
        "a style sheet that never ends, and one that is there",
        _stuck("<link rel=stylesheet href=%s><link rel=stylesheet href=/plain.css>"),
    ),
    Page(
        "/plain.css",
        "the latter",
        fixed(Response(content_type="text/css", body=b"h1 { color: teal }")),
    ),
    Page("/stuck-part", "that script and that sheet", lambda asked: Raw(pieces=hold(asked))),
    Page("/stuck-body", "half a page, then silence", _stuck_body),
    Page("/stuck-headers", "half a header, then silence", _stuck_headers),
    Page("/endless", "a page that grows by a line every 0.1 s for ever (`?type=`)", _endless),
    Page("/trickle", "half a page, the rest a byte every half second for ever", _trickle),
    Page(
        "/flood",
        "a page without end at full speed (`?type=`, `?gzip=1`, `?raw=1`: without chunks)",
        _flood,
    ),
    Page("/slow", "`?s=2`: answers after that many seconds", _slow),
    Page("/gzip", "a page in gzip", fixed(Response(body=_ZIPPED, headers=_GZIP))),
    Page("/gzip-bomb", "`?mb=200`: much text in a small gzip", _gzip_bomb),
    Page(
        "/gzip-cut",
        "gzip that ends in the middle",
        fixed(Response(body=_ZIPPED[:-40], headers=_GZIP)),
    ),
    Page("/wrong-encoding", "says gzip and is none", fixed(Response(body=_WHOLE, headers=_GZIP))),
    Page(
        "/wrong-length",
        "Content-Length is larger than the body (`?hold=1`: stays open)",
        _wrong_length,
    ),
    Page(
        "/bad-chunk",
        "a chunk size that is no number",
        lambda _: Raw(
            pieces=[
                _HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
                b"%x\r\n%b\r\n" % (len(_HALF), _HALF),
                b"zz\r\n",
            ]
        ),
    ),
    Page("/empty-reply", "the connection is closed without a byte", lambda _: Raw(pieces=[])),
    Page(
        "/reset",
        "half a page, then a TCP reset",
        lambda _: Raw(pieces=[_HEAD + b"\r\n", _HALF], reset=True),
    ),
    Page("/http09", "a body without any header", lambda _: Raw(pieces=[_WHOLE])),
    Page("/header-bomb", "480 kB of headers", _header_bomb),
)
