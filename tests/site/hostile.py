"""Pages that are too big, too tall or too deep, or carry what must never run again."""

from __future__ import annotations

from collections.abc import Iterator

from linkshot.samples.loopback import Request, Response
from tests.site.markup import Page, fixed, html, page, read

_LINE = "<p>第 {n} 块砖，和前一块一样。 <b>Brick {n}</b> is like the one before it.</p>\n"


def _huge(request: Request) -> Response:
    """`?nodes=20000` elements, or `?mb=50` megabytes of HTML."""
    megabytes = request.number("mb", 0)
    if megabytes:
        return Response(body=_wall(int(megabytes * 1_000_000)))
    bricks = (_LINE.format(n=n) for n in range(int(request.number("nodes", 20_000)) // 2))
    return page("The long wall", "<h1>The long wall</h1>" + "".join(bricks))


def _wall(size: int) -> Iterator[bytes]:
    yield html("The long wall", "<h1>The long wall</h1>").split(b"</body>")[0]
    block = "".join(_LINE.format(n=n) for n in range(600)).encode()
    for _ in range(size // len(block) + 1):
        yield block
    yield b"</body></html>"


def _tall(request: Request) -> Response:
    height = int(request.number("px", 50_000))
    marks = "".join(
        f'<p style="position:absolute;margin:0;top:{y}px">{y} px 高处</p>'
        for y in range(0, height, max(500, height // 500))
    )
    style = f"<style>body {{ margin: 0; }} #tower {{ position: relative; height: {height}px; background: linear-gradient(#dfeaf0, #2e4a3f); }}</style>"
    return page("A tall tower", f'<div id="tower">{marks}</div>', head=style)


def _wide(request: Request) -> Response:
    width = int(request.number("px", 100_000))
    return page(
        "A wide plain",
        f'<div style="width:{width}px;background:#dfeaf0">A wide plain. 一片平原。</div>',
    )


def _deep(request: Request) -> Response:
    depth = int(request.number("n", 5_000))
    return page("A deep well", "<div>" * depth + "<p>At the bottom. 井底。</p>" + "</div>" * depth)


def _title(_: Request) -> Response:
    """A megabyte of title with everything in it that a title should not have."""
    title = "Title <script>fetch('/xss-hit?n=title')</script> @NUL@ \u202eesrever\u202c 标题\r\nSet-Cookie: a=b "
    long = title + "very long 很长 " * 55_000
    body = "<h1>A page with a long name</h1><p>Its text is short. 它的正文很短。</p>"
    whole = f"<!doctype html><meta charset=utf-8><title>{long}</title>{body}"
    return Response(body=whole.encode().replace(b"@NUL@", b"\x00"))


_BAD_META = """<base href="javascript:alert(1)"><link rel="canonical" href="javascript:alert(2)">
<link rel="icon" href="file:///etc/passwd"><meta property="og:image" content="file:///etc/shadow">
<meta property="og:url" content="http://169.254.169.254/"><meta name="author" content="&lt;b&gt;nobody&lt;/b&gt;">
<script type="application/ld+json">{"@type": "Article", "headline": broken}</script>"""
_SOUP = (
    "<h1>Soup</h1>" + "<b><i>" * 5_000 + "一碗汤。A bowl of soup." + '<p a="1" ' * 2_000 + ">end"
)

PLACES = (
    Page("/huge", "20,000 elements (`?nodes=`), or `?mb=50` of HTML", _huge),
    Page("/tall", "`?px=50000`: a page as tall as that", _tall),
    Page("/wide", "`?px=100000`: a page as wide as that", _wide),
    Page("/deep", "`?n=5000`: elements nested as deep as that", _deep),
    Page("/title-hostile", "a title of a megabyte with markup, NUL, bidi and newlines", _title),
    Page(
        "/meta-hostile",
        "base, canonical, icon and Open Graph point where they must not",
        fixed(
            page(
                "Signposts",
                "<p>The signposts of this page are wrong. 路牌全错了。</p>",
                head=_BAD_META,
            )
        ),
    ),
    Page(
        "/soup",
        "unclosed and malformed elements by the thousand",
        fixed(Response(body=html("Soup", _SOUP))),
    ),
    Page(
        "/xss",
        "script in every corner; `/xss-hit` tells which ones ran",
        fixed(Response(body=read("xss.html").encode())),
    ),
    Page("/xss-hit", "the canary of it", fixed(Response(status=204, content_type=None))),
)
