"""Documents that are HTML and still not what a reader expects."""

from __future__ import annotations

from linkshot.samples.loopback import Request, Response
from tests.site.markup import Page, fixed, page, paragraphs

_TEXT = paragraphs("The ferry leaves at seven. 渡船七点开。")


def _raw(text: str) -> Response:
    return Response(body=text.encode())


def _titles(_: Request) -> Response:
    return _raw("<!doctype html>" + "<title>One of many</title>" * 1000 + _TEXT)


def _table(_: Request) -> Response:
    depth = 3000
    return page("Boxes", "<table><tr><td>" * depth + _TEXT + "</td></tr></table>" * depth)


def _attributes(request: Request) -> Response:
    many = " ".join(f"a{n}=1" for n in range(int(request.number("n", 200_000))))
    return page("A labelled crate", f"<div {many}>{_TEXT}</div>")


def _links(request: Request) -> Response:
    count = int(request.number("n", 100_000))
    links = "".join(f'<a href="/{n}">{n}</a> ' for n in range(count))
    return page("An index", _TEXT + links)


def _comment(_: Request) -> Response:
    return page("Between the lines", _TEXT + "<!--" + "silence " * 640_000 + "-->" + _TEXT)


def _typed(request: Request) -> Response:
    """`?type=video/mp4`: a few bytes that call themselves so."""
    kind = request.value("type", "application/octet-stream")
    safe = kind if kind.isascii() and kind.isprintable() else "application/octet-stream"
    body = request.value("body").encode() or b"\x00\x01\x02harbour\xff\xfe"
    return Response(content_type=safe, body=body)


_INSIDES = """<embed src="file:///etc/passwd"><object data="file:///etc/passwd"></object>
<link rel="import" href="file:///etc/passwd"><portal src="file:///etc/passwd"></portal>
<iframe src="javascript:document.write('from javascript')"></iframe>
<iframe src="data:text/html,<p>from data"></iframe><iframe src="blob:null/x"></iframe>"""
_VIRTUAL = """<div id=list style="height:300px;overflow-y:auto"><div id=inner style="height:200000px">
</div></div><script>const list = document.getElementById("list"), inner = document.getElementById("inner");
function draw() { const first = Math.floor(list.scrollTop / 40); inner.innerHTML = "";
  for (let n = first; n < first + 10; n++) { const row = document.createElement("p");
    row.style.cssText = `position:absolute;top:${n * 40}px`; row.textContent = "Row " + n; inner.append(row); } }
list.addEventListener("scroll", draw); draw();</script>"""

PLACES = (
    Page("/plaintext", "everything after <plaintext> is text", fixed(_raw(f"<title>Plain</title>{_TEXT}<plaintext><b>bold?</b>"))),
    Page("/early-end", "text after the end of the document", fixed(_raw(f"<!doctype html><title>Early</title></body></html>{_TEXT}"))),
    Page("/frameset", "a frameset", fixed(_raw('<title>Panes</title><frameset cols="50%,*"><frame src="/stable"><frame src="/en/article"></frameset>'))),
    Page("/noscript", "a page whose text stands in noscript", fixed(_raw(f"<!doctype html><title>No script</title><noscript>{_TEXT}</noscript><div id=app></div>"))),
    Page("/titles", "a thousand titles", _titles),
    Page("/no-title", "no title at all", fixed(_raw(f"<!doctype html>{_TEXT}"))),
    Page("/tables", "3,000 tables, one in another", _table),
    Page("/attributes", "`?n=200000` attributes on one element", _attributes),
    Page("/links-many", "`?n=100000` links", _links),
    Page("/comment", "a comment of 5 MB", _comment),
    Page("/typed", "`?type=video/mp4&body=`: any content type", _typed),
    Page("/insides", "embeds of files, javascript: and data:", fixed(page("Insides", _TEXT + _INSIDES))),
    Page("/virtual-list", "a list that shows only what is in view", fixed(page("A long roll", _TEXT + _VIRTUAL))),
)  # fmt: skip
