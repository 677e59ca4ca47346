"""Pages that show something else to visitors with a cookie, and one that repeats the cookies it got."""

from __future__ import annotations

import json
from http.cookies import SimpleCookie
from urllib.parse import quote

from linkshot.samples.loopback import Request, Response
from tests.site.markup import Page, html, page

_ARTICLE = (
    "<h1>For members only</h1><p>The lighthouse keeper wrote this for those who are logged in. "
    "只有登录以后才能看到的正文，讲的是灯塔的一百年。</p>"
)
_FORM = (
    "<h1>Log in</h1><form method=post><input name=user><input type=password name=password>"
    "<button>Log in</button></form>"
)


def _cookies(request: Request) -> dict[str, str]:
    found = SimpleCookie(request.headers.get("Cookie", ""))
    return {name: one.value for name, one in found.items()}


def _members(request: Request) -> Response:
    if "sid" in _cookies(request):
        return page("For members only", _ARTICLE)
    return page("Log in", _FORM)


def _echo(request: Request) -> Response:
    """Repeats the session wherever no reader sees it, and hands out a second one that it repeats, too."""
    sid = _cookies(request).get("sid", "")
    fresh = f"fresh-{sid}"
    state = json.dumps({"sid": sid, "fresh": fresh, "path": f"/u/{sid}/"})
    body = (
        f"{_ARTICLE}<script>window.state = {state}; document.cookie = 'mine={fresh}; path=/';"
        f"fetch('/members/state?sid={sid}', {{headers: {{'X-Session': '{sid}'}}}});"
        f"fetch('/members/state', {{method: 'POST', body: 'sid={sid}'}});</script>"
        f"<!-- {sid} --><input type=hidden name=csrf value='{sid}'><div data-session='{sid}'></div>"
        f"<img src='/members/pixel.gif?sid={sid}' alt=''><a href='/logout?sid={sid}'>out</a>"
        f"<script src='/members/state.js'></script><iframe src='/members/frame'></iframe>"
    )
    headers = (
        ("Set-Cookie", f"sid2={fresh}; Path=/; HttpOnly"),
        ("X-Session", sid),
        ("Link", f"</members/state?link={sid}>; rel=prefetch"),
    )
    return Response(body=html("For members only", body), headers=headers)


def _state(request: Request) -> Response:
    cookies = _cookies(request)
    if request.path.endswith("/frame"):
        said = f"<p>A frame.</p><p hidden>{cookies.get('sid', '')}</p>"
        return Response(body=html("Frame", said))
    script = f"window.more = {json.dumps(cookies)}"
    return Response(
        body=script.encode(),
        content_type="text/javascript",
        headers=(("X-Session", cookies.get("sid", "")),),
    )


def _loop(request: Request) -> Response:
    """Redirects to itself with the session in the address."""
    again = quote(_cookies(request).get("sid", ""), safe="")
    return Response(status=302, headers=(("Location", f"/members-loop?sid={again}"),))


PLACES = (
    Page("/members-loop", "redirects to itself with its cookie in the address", _loop),
    Page("/members-only", "a login form, and the page for who brings a cookie `sid`", _members),
    Page(
        "/members-echo",
        "repeats its cookies in headers, addresses, scripts and hidden parts, and sets new ones",
        _echo,
    ),
    Page("/members/", "what /members-echo asks for, with the cookies in it", _state),
)
