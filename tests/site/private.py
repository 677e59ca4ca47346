"""Pages that try to reach addresses which the egress guard refuses."""

from __future__ import annotations

from html import escape

from linkshot.samples.loopback import Request, Response
from tests.site.markup import Page, fixed, html, page

_TEXT = "<h1>Postcards</h1><p>This page writes to addresses that must never hear of it. 这些明信片不该寄出。</p>"
_SCRIPT = """<script>
const quiet = work => { try { const done = work(); if (done && done.catch) done.catch(() => {}); } catch (_) {} };
const files = code => URL.createObjectURL(new Blob([code]));
for (const place of [...document.querySelectorAll("[data-place]")].map(one => one.dataset.place)) {
  const plus = word => place + (place.includes("?") ? "&" : "?") + "by=" + word;
  const host = new URL(place).hostname;
  quiet(() => fetch(plus("fetch"), {mode: "no-cors"}));
  quiet(() => fetch(plus("post"), {method: "POST", mode: "no-cors", body: "hello"}));
  quiet(() => fetch(plus("keepalive"), {mode: "no-cors", keepalive: true}));
  quiet(() => fetch(plus("preflight"), {headers: {"X-Own": "1"}}));
  quiet(() => { const call = new XMLHttpRequest(); call.open("GET", plus("xhr")); call.send(); });
  quiet(() => new WebSocket(plus("websocket").replace(/^http/, "ws")));
  quiet(() => new EventSource(plus("eventsource")));
  quiet(() => navigator.sendBeacon(plus("beacon"), "hello"));
  addEventListener("pagehide", () => navigator.sendBeacon(plus("pagehide"), "hello"));
  quiet(() => new Worker(files("fetch('" + plus("worker") + "', {mode: 'no-cors'})")));
  quiet(() => new Worker(files("importScripts('" + plus("importscripts") + "')")));
  quiet(() => new SharedWorker(files("fetch('" + plus("sharedworker") + "', {mode: 'no-cors'})")));
  quiet(() => new FontFace("own", "url('" + plus("fontface") + "')").load());
  quiet(() => { const sheet = document.createElement("style");
    sheet.textContent = "@import url('" + plus("import") + "'); h1 { background: url('" + plus("background") + "'); }"
      + "@font-face { font-family: far; src: url('" + plus("font") + "'); } h1 { font-family: far; }"
      + "h1::after { content: url('" + plus("content") + "'); } p { cursor: url('" + plus("cursor") + "'), auto; }"
      + "p { border-image: url('" + plus("borderimage") + "') 1; mask: url('" + plus("mask") + "#m'); }";
    document.head.append(sheet); });
  for (const status of [301, 302, 303, 307, 308]) {
    const away = "/redirect-to?status=" + status + "&url=";
    quiet(() => { new Image().src = away + encodeURIComponent(plus("redirect" + status)); });
    quiet(() => fetch(away + encodeURIComponent(plus("fetchredirect" + status)), {mode: "no-cors"}));
  }
  quiet(() => { const frame = document.createElement("iframe");
    frame.src = "/redirect-to?url=" + encodeURIComponent(plus("frameredirect")); document.body.append(frame); });
  quiet(() => { const frame = document.createElement("iframe");
    frame.srcdoc = "<img src='" + plus("srcdoc") + "'>"; document.body.append(frame); });
  quiet(() => window.open(plus("window")));
  quiet(() => import(plus("module")));
  quiet(() => { const link = document.createElement("a"); link.href = "#here"; link.ping = plus("ping");
    document.body.append(link); link.click(); });
  quiet(() => new WebTransport("https://" + host + ":4433/by=webtransport"));
  quiet(() => { const call = new RTCPeerConnection({iceServers: [
      {urls: ["stun:" + host + ":3478"]},
      {urls: ["turn:" + host + ":3478?transport=udp", "turn:" + host + ":3479?transport=tcp", "turns:" + host + ":5349"],
       username: "a", credential: "b"}]});
    call.createDataChannel("x");
    return call.createOffer().then(offer => call.setLocalDescription(offer)); });
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
<link rel="dns-prefetch" href="//secret-of-the-page.leak.example/"><link rel="modulepreload" href="{by("modulepreload")}">
<link rel="icon" href="{by("icon")}"><link rel="manifest" href="{by("manifest")}">
<video src="{by("video")}" poster="{by("poster")}" autoplay muted><track src="{by("track")}" default></video>
<audio src="{by("audio")}"></audio><picture><source srcset="{by("source")}"><img></picture>
<input type="image" src="{by("input")}"><table background="{by("table")}"></table>
<object data="{by("object")}"></object><embed src="{by("embed")}">
<svg><image href="{by("svg")}"/><use href="{by("use")}#x"/></svg>
<iframe name="{escape(address)}" hidden></iframe>
<form action="{by("form")}" method="post" target="{escape(address)}"></form>"""


def _postcards(request: Request) -> Response:
    """`?to=http://10.0.0.1/` as often as wanted; what arrives carries `by=` and the way."""
    places = request.query.get("to", ["http://10.0.0.1/"])
    named = ", ".join(
        f"<{one}?by=linkheader>; rel=preload; as=image, <{one}>; rel=preconnect" for one in places
    )
    report = f"default-src * data: blob: 'unsafe-inline'; img-src 'none'; report-uri {places[0]}?by=cspreport"
    return Response(
        body=html("Postcards", _TEXT + "\n".join(map(_tries, places)) + _SCRIPT),
        headers=(("Link", named), ("Content-Security-Policy-Report-Only", report)),
    )


PLACES = (
    Page(
        "/img-private",
        "`?to=URL&to=URL`: asks for them by more than 50 ways, each with `by=way`",
        _postcards,
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
