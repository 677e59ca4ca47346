"""Pages that try to reach addresses which the egress guard refuses."""

from __future__ import annotations

from html import escape

from linkshot.samples.loopback import Request, Response
from tests.site.markup import Page, fixed, page

_TEXT = "<h1>Postcards</h1><p>This page writes to addresses that must never hear of it. 这些明信片不该寄出。</p>"
_SCRIPT = """<script>
const quiet = work => { try { const done = work(); if (done && done.catch) done.catch(() => {}); } catch (_) {} };
for (const place of [...document.querySelectorAll("[data-place]")].map(one => one.dataset.place)) {
  const plus = word => place + (place.includes("?") ? "&" : "?") + "by=" + word;
  quiet(() => fetch(plus("fetch"), {mode: "no-cors"}));
  quiet(() => fetch(plus("post"), {method: "POST", mode: "no-cors", body: "hello"}));
  quiet(() => { const call = new XMLHttpRequest(); call.open("GET", plus("xhr")); call.send(); });
  quiet(() => new WebSocket(plus("websocket").replace(/^http/, "ws")));
  quiet(() => new EventSource(plus("eventsource")));
  quiet(() => navigator.sendBeacon(plus("beacon"), "hello"));
  quiet(() => new Worker(URL.createObjectURL(new Blob(["fetch('" + plus("worker") + "', {mode: 'no-cors'})"]))));
  quiet(() => { const sheet = document.createElement("style");
    sheet.textContent = "@import url('" + plus("import") + "'); h1 { background: url('" + plus("background") + "'); }";
    document.head.append(sheet); });
  quiet(() => { new Image().src = "/redirect-to?url=" + encodeURIComponent(plus("redirect")); });
  quiet(() => window.open(plus("window")));
  quiet(() => import(plus("module")));
}
document.querySelectorAll("form").forEach(form => quiet(() => form.submit()));
</script>"""
_FILES = """<h1>Postcards to the cellar</h1><p>Nothing of this machine's own files may appear here. 地窖里的东西不该出现。</p>
<iframe src="file:///etc/passwd"></iframe><embed src="file:///etc/passwd"><object data="file:///etc/hostname"></object>
<img src="file:///usr/share/pixmaps/debian-logo.png"><script src="file:///etc/passwd"></script>
<iframe src="chrome://version"></iframe><iframe src="view-source:file:///etc/passwd"></iframe>"""


def _tries(address: str) -> str:
    """Every element that asks for an address by itself."""
    mark = "&" if "?" in address else "?"

    def by(word: str) -> str:
        return escape(f"{address}{mark}by={word}")

    return f"""<div data-place="{escape(address)}"></div>
<img src="{by("img")}"><img srcset="{by("srcset")} 2x"><iframe src="{by("iframe")}"></iframe>
<script src="{by("script")}"></script><link rel="stylesheet" href="{by("css")}">
<link rel="preload" as="image" href="{by("preload")}"><link rel="prefetch" href="{by("prefetch")}">
<link rel="preconnect" href="{escape(address)}"><link rel="dns-prefetch" href="{escape(address)}">
<video src="{by("video")}" autoplay muted></video><audio src="{by("audio")}"></audio>
<object data="{by("object")}"></object><embed src="{by("embed")}">
<svg><image href="{by("svg")}"/><use href="{by("use")}#x"/></svg>
<iframe name="f" hidden></iframe><form action="{by("form")}" method="post" target="f"></form>"""


def _postcards(request: Request) -> Response:
    """`?to=http://10.0.0.1/` as often as wanted; what arrives carries `by=` and the way."""
    places = request.query.get("to", ["http://10.0.0.1/"])
    return page("Postcards", _TEXT + "\n".join(map(_tries, places)) + _SCRIPT)


PLACES = (
    Page(
        "/img-private", "`?to=URL&to=URL`: asks for them by 25 ways, each with `by=way`", _postcards
    ),
    Page(
        "/file-private",
        "asks for files of the machine",
        fixed(page("Postcards to the cellar", _FILES)),
    ),
    Page(
        "/refresh-private",
        "meta refresh to http://10.0.0.1/",
        fixed(
            page("Away", _TEXT, head='<meta http-equiv="refresh" content="0;url=http://10.0.0.1/">')
        ),
    ),
    Page(
        "/refresh-file",
        "meta refresh to file:///etc/passwd",
        fixed(
            page(
                "Away", _TEXT, head='<meta http-equiv="refresh" content="0;url=file:///etc/passwd">'
            )
        ),
    ),
)
