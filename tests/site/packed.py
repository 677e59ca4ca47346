"""Bodies that are compressed wrongly, twice, or as a decompression bomb."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Iterator

import zstandard

from linkshot.samples.loopback import Answer, Request, Response
from tests.site.markup import Page, fixed, html, paragraphs

_WHOLE = html(
    "A parcel", "<h1>A parcel</h1>" + paragraphs("Every knot can be undone. 每一个结都解得开。")
)
_MEGABYTE = 1 << 20
_BROTLI = base64.b64decode(
    "z///f/glQOKxQCD3/p/////wSwDEYQGA7v0/////4ZcAiMMiAN37f/7//8MvARCHBQC69//8//+HXwIgDgsAdO//8x+8Hr8E"
    "QBwWAOhi1wM="
)
"""A hundred million spaces."""


def _packed(encoding: str, body: bytes) -> Answer:
    return fixed(Response(headers=(("Content-Encoding", encoding),), body=body))


def _deflate_bomb(request: Request) -> Response:
    return Response(
        headers=(("Content-Encoding", "deflate"),),
        body=_deflated(int(request.number("mb", 200))),
    )


def _deflated(megabytes: int) -> Iterator[bytes]:
    packer = zlib.compressobj(9)
    block = b"<p>boom</p>\n".ljust(64) * (_MEGABYTE // 64)
    for _ in range(megabytes):
        yield packer.compress(block)
    yield packer.flush()


def _zstd_bomb(request: Request) -> Response:
    packer = zstandard.ZstdCompressor()
    body = packer.compress(b" " * (int(request.number("mb", 200)) * _MEGABYTE))
    return Response(headers=(("Content-Encoding", "zstd"),), body=body)


_GZIP = gzip.compress(_WHOLE)

PLACES = (
    Page("/deflate-bomb", "`?mb=200`: much text in a small zlib stream", _deflate_bomb),
    Page("/br-bomb", "a hundred megabytes in 80 bytes of Brotli", _packed("br", _BROTLI)),
    Page("/zstd-bomb", "`?mb=200`: much in a small zstd frame", _zstd_bomb),
    Page("/gzip-twice", "packed twice and says so", _packed("gzip, gzip", gzip.compress(_GZIP))),
    Page("/gzip-twice-silent", "packed twice, says once", _packed("gzip", gzip.compress(_GZIP))),
    Page(
        "/gzip-checksum",
        "gzip whose checksum is wrong",
        _packed("gzip", _GZIP[:-8] + b"\x00\x00\x00\x00" + _GZIP[-4:]),
    ),
    Page("/gzip-tail", "gzip with rubbish after its end", _packed("gzip", _GZIP + b"rubbish" * 9)),
    Page("/odd-encoding", "an encoding that nobody knows", _packed("rot13", _WHOLE)),
)
