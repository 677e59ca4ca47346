"""Ordinary, well-behaved pages."""

from __future__ import annotations

from datetime import UTC, datetime

from linkshot.samples.loopback import Request, Response
from tests.site.markup import Page, fixed, page, paragraphs, read

_WEATHER = (
    ("北风把云吹到了海那边，渔船都回来了。", "The north wind has blown the clouds out to sea."),
    ("午后下了一阵太阳雨，屋檐滴了很久。", "A sun shower passed at noon; the eaves dripped on."),
    ("大雾，码头上只听得见铃声。", "Thick fog, and only the bell to be heard on the quay."),
    ("晴，能看见对岸山上的三棵松树。", "Clear enough to count three pines on the far hill."),
    ("夜里起了霜，绳子冻得像木头。", "Frost in the night; the ropes were as stiff as wood."),
)
_STABLE = paragraphs(
    "The reading room opens at nine and closes when the last reader leaves. Nothing on this page "
    "has changed since it was written, and nothing on it will.",
    "There are forty chairs, two of them comfortable. The catalogue is kept on cards, the cards in "
    "drawers, the drawers in alphabetical order, and the key to the last drawer is with the porter.",
    "阅览室九点开门，最后一位读者离开时关门。这一页写好以后再也没有改过，以后也不会改。",
)
_ETAG = '"harbour-1"'


def _stable(_: Request) -> Response:
    return page("The reading room", f"<h1>The reading room</h1>{_STABLE}")


def _changing(request: Request) -> Response:
    """The main paragraph, the counter and the time are different at every visit."""
    chinese, english = _WEATHER[(request.visit - 1) % len(_WEATHER)]
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    body = f"""<nav><a href="/">Home</a></nav><main><article><h1>码头日志 · Log of the quay</h1>
<p>第 {request.visit} 篇 · Entry number {request.visit}, <time datetime="{now}">{now}</time></p>
<p id="main">{chinese} {english} 今天过江的客人一共 {request.visit * 7 + 3} 位，
Passengers across today: {request.visit * 7 + 3}.</p>
<p>码头每天写一篇日志，写完就擦掉前一天的。The quay keeps one entry a day and wipes the last.</p>
</article></main><footer><p>慢慢周刊</p></footer>"""
    return page("码头日志 · Log of the quay", body, lang="zh-CN")


def _noise(request: Request) -> Response:
    """Only the clock, the counter and a token differ; the article never does."""
    now = datetime.now(UTC)
    body = f"""<header><p class="clock">{now:%Y-%m-%d %H:%M:%S.%f}</p></header>
<main><article><h1>The reading room</h1>{_STABLE}</article></main>
<footer><p>阅读 {10_000 + request.visit} · {12_000 + request.visit} views ·
<span hidden>csrf-{now.timestamp():.6f}</span> generated at {now:%H:%M:%S.%f}</p></footer>"""
    return page("The reading room", body)


def _etag(request: Request) -> Response:
    headers = (("ETag", _ETAG), ("Last-Modified", "Sat, 02 Nov 2024 01:00:00 GMT"))
    if _ETAG in request.headers.get("If-None-Match", ""):
        return Response(status=304, content_type=None, headers=headers)
    whole = page("A page with a name tag", f"<h1>A page with a name tag</h1>{_STABLE}")
    return Response(body=whole.body, headers=headers)


PLACES = (
    Page(
        "/zh/article",
        "a Chinese article in UTF-8: author, dates, JSON-LD, Open Graph, favicon",
        fixed(Response(body=read("zh/article.html").encode())),
    ),
    Page(
        "/en/article",
        "an English article with the same around it",
        fixed(Response(body=read("en/article.html").encode())),
    ),
    Page("/stable", "the same bytes at every visit", _stable),
    Page("/changing", "main paragraph, counter and date differ at every visit", _changing),
    Page("/noise", "only the clock, a view counter and a token differ", _noise),
    Page("/etag", "has an ETag and answers 304 to it", _etag),
)
