"""Pages that only become complete in a browser: scripts, frames, lazy images, scrolling."""

from __future__ import annotations

from linkshot.samples.loopback import Request, Response
from tests.site.draw import png
from tests.site.markup import Page, fixed, html, page, paragraphs, read

LAZY_IMAGES = 40
"""Pictures of /lazy: thirty with loading=lazy, ten that an IntersectionObserver loads."""

_OBSERVER = """<script>
const watcher = new IntersectionObserver(seen => seen.filter(one => one.isIntersecting).forEach(one => {
  one.target.src = one.target.dataset.src; watcher.unobserve(one.target); }));
document.querySelectorAll("img[data-src]").forEach(image => watcher.observe(image));
</script>"""
_INFINITE = """<h1>The endless diary</h1><p>Every time the end comes into sight, ten more days are written.</p>
<div id="diary"></div><div id="end" style="height:10px"></div><script>
let day = 0, busy = false;
async function more() {
  if (busy) return; busy = true;
  const lines = await (await fetch("/infinite/more?from=" + day)).json(); day += lines.length;
  for (const line of lines) { const p = document.createElement("p"); p.style.minHeight = "90px";
    p.textContent = line; document.getElementById("diary").append(p); }
  busy = false;
}
new IntersectionObserver(seen => { if (seen.some(one => one.isIntersecting)) more(); }, {rootMargin: "200px"})
  .observe(document.getElementById("end"));
addEventListener("scroll", () => { if (innerHeight + scrollY > document.body.scrollHeight - 300) more(); });
more();
</script>"""
_SPA = """<div id="root"><p id="wait">Loading…</p></div><script>
setTimeout(async () => {
  const letter = await (await fetch("/json")).json();
  document.title = letter.title;
  document.getElementById("root").innerHTML = "<main><h1></h1>" + letter.paragraphs.map(() => "<p></p>").join("") + "</main>";
  document.querySelector("h1").textContent = letter.title;
  document.querySelectorAll("main p").forEach((p, i) => { p.textContent = letter.paragraphs[i]; });
}, 300);
</script>"""


def _lazy(_: Request) -> Response:
    pictures = []
    for number in range(1, LAZY_IMAGES + 1):
        source = "src" if number <= 30 else "data-src"
        lazy = ' loading="lazy"' if number <= 30 else ""
        pictures.append(
            f'<figure><img {source}="/lazy/{number}.png"{lazy} width="600" height="400" '
            f'alt="Window {number}"><figcaption>第 {number} 扇窗 · Window {number}</figcaption></figure>'
        )
    body = "<h1>Forty windows</h1>" + "\n".join(pictures) + _OBSERVER
    return page("Forty windows", body)


def _lazy_after_scrolling(request: Request) -> Response:
    """Twelve pictures that load 300 ms after scrolling has stopped; with `hidden`, nothing in the markup
    tells their addresses."""
    is_hidden = bool(request.value("hidden"))
    pictures = "".join(
        f'<p style="height:500px">{n}</p><img width="300" height="200" alt="" '
        + ('class="empty">' if is_hidden else f'data-src="/lazy/{n}.png">')
        for n in range(1, 13)
    )
    source = '"/lazy/" + (all.indexOf(image) + 1) + ".png"' if is_hidden else "image.dataset.src"
    script = f"""<script>
const all = [...document.querySelectorAll("img")]; let timer;
const load = () => all.forEach(image => {{ const box = image.getBoundingClientRect();
  if (!image.src && box.top < innerHeight && box.bottom > 0) image.src = {source}; }});
addEventListener("scroll", () => {{ clearTimeout(timer); timer = setTimeout(load, 300); }}); load();</script>"""
    return page("Patient windows", f"<h1>Patient windows</h1>{pictures}{script}")


def _lazy_image(request: Request) -> Response:
    number = int("".join(filter(str.isdigit, request.path)) or 0)
    colour = (number * 47 % 256, number * 91 % 256, 160)
    return Response(content_type="image/png", body=png(600, 400, colour))


def _more_days(request: Request) -> Response:
    first = int(request.number("from", 0))
    lines = ", ".join(
        f'"Day {day}: the snow is {day % 90 + 1} centimetres deep. 第 {day} 天，雪深 {day % 90 + 1} 厘米。"'
        for day in range(first + 1, first + 11)
    )
    return Response(content_type="application/json", body=f"[{lines}]".encode())


def _frames(request: Request) -> Response:
    cross = f"http://localhost:{request.host.rpartition(':')[2]}/frames/inner?from=another-site"
    body = f"""<h1>Windows in a wall</h1><p>The wall itself is made of slate.</p>
<iframe src="/frames/inner?from=same-site" width="600" height="160"></iframe>
<iframe srcdoc="&lt;p&gt;Behind the second window somebody waters a fern. 第二扇窗后有人在浇一盆蕨。&lt;/p&gt;"
 width="600" height="120"></iframe>
{f'<iframe src="{cross}" width="600" height="160"></iframe>' if request.value("cross") else ""}"""
    return page("Windows in a wall", body)


def _inner_frame(request: Request) -> Response:
    origin = "".join(c for c in request.value("from", "nowhere") if c.isalnum() or c == "-")
    text = f"Behind this window ({origin}) a violin is being tuned. 这扇窗后有人在调提琴。"
    return Response(body=html("A window", f"<p>{text}</p>"))


def _set_cookies(_: Request) -> Response:
    body = """<h1>A stamp on the hand</h1><p>This page leaves a stamp in every place it can.</p>
<script>document.cookie = "script=left-by-script; path=/"; localStorage.setItem("stamp", "left-in-storage");
sessionStorage.setItem("stamp", "left-in-session");</script>"""
    cookie = ("Set-Cookie", "header=left-by-header; Path=/; Max-Age=86400")
    return Response(body=html("A stamp on the hand", body), headers=(cookie,))


def _show_cookies(request: Request) -> Response:
    sent = request.headers.get("Cookie") or "no cookie was sent"
    safe = "".join(c for c in sent if c.isalnum() or c in "=;-_ ")
    body = f"""<h1>Show your hand</h1><p id="sent">Sent: {safe}</p><p id="kept"></p>
<script>document.getElementById("kept").textContent =
  "Kept: " + (localStorage.getItem("stamp") || "nothing") + ", " + (document.cookie || "no cookie");</script>"""
    return page("Show your hand", body)


_TALE = "".join(
    paragraphs(
        f"第 {n} 章：守塔人把第 {n} 盏灯擦亮，写下今天的风向和云。 Chapter {n}: the keeper polishes lamp {n}, "
        "writes down the wind and the clouds, and goes to bed late."
    )
    for n in range(1, 13)
)
_SHADOW_ARTICLE = f"""<nav><a href="/">Home</a> <a href="/a">About</a></nav><x-story></x-story><template id="t">
<article><h1>The keeper of lamps</h1>{_TALE}</article></template><script>
document.querySelector("x-story").attachShadow({{mode: "closed"}})
  .append(document.getElementById("t").content.cloneNode(true)); document.getElementById("t").remove();</script>"""
_FRAMED_ARTICLE = """<nav><a href="/">Home</a></nav><iframe src="/article-inside" width="900" height="900"></iframe>"""

_PICTURES = "".join(
    f'<img src="/lazy/{n}.png" width="300" height="200" alt="">' for n in range(1, 25)
)
_HEAVY = page(
    "A heavy page",
    "<h1>A heavy page</h1>"
    + _PICTURES
    + "".join(
        paragraphs(f"Line {n}: 一行接一行的字，像一堵慢慢砌高的墙。 The wall grows by one line.")
        for n in range(1, 400)
    ),
)

PLACES = (
    Page("/lazy", "forty pictures that load only when they are near", _lazy),
    Page(
        "/lazy-after-scrolling",
        "twelve pictures that load when scrolling has stopped for 300 ms; `hidden=1`: not named in the markup",
        _lazy_after_scrolling,
    ),
    Page("/lazy/", "`/lazy/N.png`: its pictures, drawn when asked for", _lazy_image),
    Page(
        "/shadow-article",
        "an article of twelve chapters in a closed shadow root",
        fixed(page("A story", _SHADOW_ARTICLE)),
    ),
    Page(
        "/framed-article",
        "the same article in a frame",
        fixed(page("A frame", _FRAMED_ARTICLE)),
    ),
    Page(
        "/article-inside",
        "what stands in that frame",
        fixed(page("Inside", f"<article><h1>The keeper of lamps</h1>{_TALE}</article>")),
    ),
    Page(
        "/infinite",
        "a diary that grows whenever its end is seen",
        fixed(page("The endless diary", _INFINITE)),
    ),
    Page("/infinite/more", "ten more days of it, as JSON", _more_days),
    Page(
        "/spa",
        "a page whose text a script fetches 300 ms after load",
        fixed(page("Loading…", _SPA)),
    ),
    Page(
        "/frames", "a frame of the same site and a srcdoc frame (`?cross=1`: another site)", _frames
    ),
    Page("/frames/inner", "what stands in the frames", _inner_frame),
    Page(
        "/shadow",
        "open, closed, nested and declarative shadow roots with text",
        fixed(Response(body=read("shadow.html").encode())),
    ),
    Page("/cookies-set", "leaves cookies and storage", _set_cookies),
    Page("/cookies-show", "shows which cookies and storage came back", _show_cookies),
    Page("/heavy", "24 pictures and 400 paragraphs, for benchmarks", fixed(_HEAVY)),
)
