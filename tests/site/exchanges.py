"""A page that asks for its parts in every way a page can, on two host names of one server."""

from __future__ import annotations

import base64
import gzip
import zlib

from linkshot.samples.loopback import Answer, Request, Response
from tests.site.draw import png
from tests.site.markup import Page, fixed, html

_SCRIPT = """
  const other = `http://localhost:${location.port}/exchanges/`;
  fetch("/exchanges/form", {method: "POST", body: new URLSearchParams({q: "修表铺", n: "1"})});
  fetch("/exchanges/json", {method: "POST", body: JSON.stringify({a: {b: [1, "二"]}}),
    headers: {"Content-Type": "application/json"}});
  fetch(other + "preflight", {method: "PUT", body: "put", headers: {"X-Own": "1"}});
  navigator.sendBeacon("/exchanges/beacon", "seen");
  new Worker("/exchanges/worker.js");
  new EventSource("/exchanges/stream");
"""
_PAGE = html(
    "Exchanges",
    f"""<link rel="stylesheet" href="/exchanges/gzip.css"><h1>Exchanges · 往来</h1>
  <img src="/exchanges/hop/3" alt=""><img src="/exchanges/missing.png" alt="">
  <script src="/exchanges/deflate.js"></script><script src="/exchanges/chunked.js"></script>
  <script>document.cookie = "word=s3cret"</script><script>{_SCRIPT}</script>
  <script>document.write(`<iframe src="http://localhost:${{location.port}}/exchanges/frame"></iframe>`)</script>
  <script src="/exchanges/brotli.js"></script>""",
)
_BROTLI = base64.b64decode("iwOAdmFyIGI9MTsD")
"""`var b=1;`"""


def _hop(request: Request) -> Response:
    left = int(request.path.rpartition("/")[2])
    if not left:
        return Response(content_type="image/png", body=png(40, 30, (0, 90, 120)))
    return Response(status=302, headers=(("Location", f"/exchanges/hop/{left - 1}"),))


def _preflight(request: Request) -> Response:
    allowed = ("Origin", "Methods", "Headers")
    headers = tuple((f"Access-Control-Allow-{name}", "*") for name in allowed)
    return Response(status=204 if request.method == "OPTIONS" else 200, headers=headers)


def _script(body: bytes, *encoding: str) -> Answer:
    headers = tuple(("Content-Encoding", one) for one in encoding)
    return fixed(Response(content_type="text/javascript", headers=headers, body=body))


_ENDS_LATE = Response(content_type="text/event-stream", body=b"data: one\n\n")
_CHUNKED = Response(content_type="text/javascript", body=(b"var ", b"c=", b"1;"))
_CSS = Response(
    content_type="text/css",
    headers=(("Content-Encoding", "gzip"), ("Cache-Control", "max-age=600")),
    body=gzip.compress(b"h1 { color: teal }"),
)

PLACES = (
    Page("/exchanges", "asks for parts in every way", fixed(Response(body=_PAGE))),
    Page("/exchanges/gzip.css", "a packed sheet", fixed(_CSS)),
    Page("/exchanges/deflate.js", "zlib", _script(zlib.compress(b"var d=1;"), "deflate")),
    Page("/exchanges/brotli.js", "Brotli", _script(_BROTLI, "br")),
    Page("/exchanges/chunked.js", "a script in pieces", fixed(_CHUNKED)),
    Page("/exchanges/hop/", "redirects to a picture", _hop),
    Page("/exchanges/missing.png", "404", fixed(Response(status=404, body=b"none"))),
    Page("/exchanges/form", "takes a form", fixed(Response(body=b"formed"))),
    Page("/exchanges/json", "takes JSON", fixed(Response(body=b"{}"))),
    Page("/exchanges/preflight", "asked for leave before", _preflight),
    Page("/exchanges/beacon", "takes a beacon", fixed(Response(status=204))),
    Page("/exchanges/worker.js", "a worker", _script(b"fetch('/exchanges/from-worker')")),
    Page("/exchanges/from-worker", "what the worker asks", fixed(Response(body=b"work"))),
    Page("/exchanges/stream", "server-sent events", fixed(_ENDS_LATE)),
    Page("/exchanges/frame", "a frame", fixed(Response(body=html("Frame", "<p>framed 框架")))),
)
