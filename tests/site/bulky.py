"""Pages with too much of one thing: frames, images, styles, rules, data."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterator

from linkshot.samples.loopback import Request, Response
from tests.site.draw import chunk, png
from tests.site.markup import Page, fixed, page, paragraphs

_TEXT = paragraphs(
    "Under all of this there is a sentence worth keeping.", "这一大堆底下，有一句值得留下的话。"
)


def _frames(request: Request) -> Response:
    """`?n=20000` frames of a word, or with `&served=1` of documents of the site."""
    count = int(request.number("n", 20_000))
    source = 'src="/frames/inner?{n}"' if request.number("served", 0) else 'srcdoc="x"'
    frames = (f"<iframe {source.format(n=n)} width=9 height=9></iframe>" for n in range(count))
    return page("A wall of windows", _TEXT + "".join(frames))


def _drawing(request: Request) -> Response:
    """A drawing whose `?levels=9` each use the level below ten times, in the page itself."""
    levels = int(request.number("levels", 9))
    groups = "".join(
        f'<g id="l{n}">' + f'<use href="#l{n - 1}" x="{n}"/>' * 10 + "</g>"
        for n in range(1, levels + 1)
    )
    leaf = '<circle id="l0" r="3"/>'
    drawing = f'<svg width=600 height=400><defs>{leaf}{groups}</defs><use href="#l{levels}"/></svg>'
    return page("A thicket", _TEXT + drawing)


def _pictures(request: Request) -> Response:
    count = int(request.number("n", 50_000))
    tags = "".join(f'<img src="/lazy/1.png?{n}" width=9 height=9 alt="">' for n in range(count))
    return page("A wall of pictures", _TEXT + tags)


def _data(request: Request) -> Response:
    """A picture of `?mb=20` inside the page itself."""
    noise = base64.b64encode(
        png(8, 8, (9, 9, 9)) + b"\x00" * int(request.number("mb", 20) * 750_000)
    )
    return page("A heavy stamp", f'{_TEXT}<img src="data:image/png;base64,{noise.decode()}">')


def _styles(request: Request) -> Response:
    count = int(request.number("n", 100_000))
    spans = "".join(
        f'<i style="left:{n}px;color:#{n % 4096:03x}">{n % 10}</i>' for n in range(count)
    )
    return page("Many colours", _TEXT + spans)


def _rules(request: Request) -> Response:
    """A style sheet of `?n=` rules."""
    count = int(request.number("n", 300_000))
    rules = "".join(f".c{n}{{left:{n}px}}" for n in range(count))
    return Response(content_type="text/css", body=rules.encode())


def _huge_picture(request: Request) -> Response:
    """A PNG of `?px=30000` by as many, black, in a few kilobytes of real data."""
    side = int(request.number("px", 30_000))
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    pieces = (chunk(b"IHDR", header), *_rows(side), chunk(b"IEND", b""))
    return Response(content_type="image/png", body=b"\x89PNG\r\n\x1a\n" + b"".join(pieces))


def _rows(side: int) -> Iterator[bytes]:
    packer = zlib.compressobj(9)
    row = b"\x00" * (side // 8 + 2)
    data = b"".join(packer.compress(row[: side // 8 + (side % 8 > 0) + 1]) for _ in range(side))
    yield chunk(b"IDAT", data + packer.flush())


_CUT = ("cut.png", "cut.webp", "cut.avif", "cut.gif", "cut.jpg")
_STARTS = {
    "png": png(64, 64, (1, 2, 3))[:60],
    "webp": b"RIFF\xff\xff\xff\x7fWEBPVP8 \xff\xff\xff\x7f",
    "avif": b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf",
    "gif": b"GIF89a\xff\xff\xff\xff\x80\x00\x00",
    "jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xc0\x00\x11\x08\xff\xdc\xff\xdc",
}


def _cut(request: Request) -> Response:
    kind = request.path.rpartition(".")[2]
    return Response(content_type=f"image/{kind}", body=_STARTS.get(kind, b""))


def _broken_pictures(_: Request) -> Response:
    tags = "".join(f'<img src="/cut/{name}" alt="{name}">' for name in _CUT)
    return page("Torn postcards", _TEXT + tags + '<img src="/huge.png" width=50 height=50>')


_FONT = "<style>@font-face{font-family:f;src:url(/font.woff2)} body{font-family:f,serif}</style>"

PLACES = (
    Page("/frames-many", "`?n=20000` frames, with `&served=1` of served documents", _frames),
    Page("/drawing-bomb", "`?levels=9`: a drawing of ten to the power of so many circles", _drawing),
    Page("/pictures-many", "`?n=50000` pictures", _pictures),
    Page("/data-picture", "`?mb=20`: a picture inside the page", _data),
    Page("/styles-many", "`?n=100000` style attributes", _styles),
    Page(
        "/rules-many",
        "a page with 300,000 style rules",
        fixed(page("A rule book", _TEXT, head='<link rel=stylesheet href="/rules.css">')),
    ),
    Page("/rules.css", "`?n=300000`: its rules", _rules),
    Page(
        "/import-loop",
        "style sheets that import each other for ever",
        fixed(page("A circle of tailors", _TEXT, head='<link rel=stylesheet href="/loop.css?0">')),
    ),
    Page(
        "/loop.css",
        "one of them",
        lambda asked: Response(
            content_type="text/css", body=b"@import '/loop.css?%d'; p{color:#123}" % asked.visit
        ),
    ),
    Page("/torn-pictures", "pictures that break off, and one of 30,000 by 30,000", _broken_pictures),
    Page("/cut/", "`/cut/cut.webp`: one of them", _cut),
    Page("/huge.png", "`?px=30000`: the large one", _huge_picture),
    Page("/font-bomb", "a font that is none", fixed(page("Odd letters", _TEXT, head=_FONT))),
    Page(
        "/font.woff2",
        "it",
        fixed(Response(content_type="font/woff2", body=b"wOF2\x00\x01\x00\x00" + b"\xff" * 5000)),
    ),
)  # fmt: skip
