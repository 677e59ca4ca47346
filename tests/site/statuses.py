"""Pages with a status other than 200."""

from __future__ import annotations

from linkshot.samples.loopback import Answer, Response
from tests.site.markup import Page, fixed, html, page


def _status(code: int, title: str, text: str, **headers: str) -> Answer:
    sent = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    body = html(title, f"<h1>{title}</h1><p>{text}</p>")
    return fixed(Response(status=code, body=body, headers=sent))


def _answers(code: int, **headers: str) -> Answer:
    sent = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return fixed(Response(status=code, content_type=None, headers=sent))


_FRAME = (
    "<h1>A page with a locked drawer</h1><p>The page itself is open; the frame is not.</p>"
    '<iframe src="/401"></iframe>'
)

_PARTS = (
    "<h1>A page with locked shelves</h1><p>The words are open; picture and sheet are not.</p>"
    '<img src="/401?picture"><link rel="stylesheet" href="/401?sheet">'
)

PLACES = (
    Page(
        "/404",
        "404 with a page that says so",
        _status(404, "页面不存在 · Not found", "这一页已经搬走了。This page has moved away."),
    ),
    Page("/410", "410 Gone", _status(410, "Gone", "This page was taken down for good.")),
    Page("/451", "451 for legal reasons", _status(451, "Withheld", "A court said no.")),
    Page("/500", "500 with a body", _status(500, "Our fault", "Something broke on our side.")),
    Page(
        "/503-retry-after",
        "503 with Retry-After: 120",
        _status(503, "Back soon", "We are repainting the walls.", Retry_After="120"),
    ),
    Page(
        "/429",
        "429 with Retry-After: 30",
        _status(429, "Too many", "Please come a little less often.", Retry_After="30"),
    ),
    Page("/403", "403 without a wall", _status(403, "Members only", "This shelf is for members.")),
    Page(
        "/401",
        "401 Basic",
        _status(401, "Who is it?", "Say the word.", WWW_Authenticate='Basic realm="drawer"'),
    ),
    Page(
        "/401-frame",
        "a good page around a frame that asks for a login",
        fixed(page("Drawer", _FRAME)),
    ),
    Page(
        "/401-parts",
        "a good page whose picture and sheet ask for a login",
        fixed(page("Shelves", _PARTS)),
    ),
    Page("/204", "204 without a body", _answers(204)),
    Page("/205", "205 without a body", _answers(205)),
    Page("/304", "304 to someone who has nothing", _answers(304)),
    Page("/empty", "200 with nothing in it", fixed(Response(body=b""))),
)
