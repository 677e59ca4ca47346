"""Links that are no HTML page: PDF, image, JSON, text, feed, download."""

from __future__ import annotations

import json

from linkshot.samples.loopback import Request, Response
from tests.site.draw import pdf, png
from tests.site.markup import Page, fixed

_LETTER = {
    "title": "一封写给灯塔的信 · A letter to a lighthouse",
    "paragraphs": [
        "亲爱的灯塔：今晚的雾很大，我们还是看见了你。船长让我写信道谢。",
        "Dear lighthouse, the fog was thick tonight and we saw you all the same.",
        "随信附上一罐蜂蜜。We enclose a jar of honey for the keeper.",
    ],
}
_TEXT = """渡口须知

一、船在敲钟以后开。
二、下雨照常，起雾不开。
三、带狗的客人坐船尾，带猫的客人坐船头。

Notes for passengers: the boat leaves when the bell has rung.
"""
_RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>慢慢周刊</title><link>/</link><description>每周六出版</description>
<item><title>巷口的修表铺</title><link>/zh/article</link><guid>zh-article</guid>
<pubDate>Sat, 02 Nov 2024 09:00:00 +0800</pubDate><description>一间六平方米的修表铺。</description></item>
<item><title>The bakery that opens at four</title><link>/en/article</link><guid>en-article</guid>
<pubDate>Sat, 14 Sep 2024 06:00:00 +0000</pubDate><description>Bread for the sleepless.</description></item>
</channel></rss>
"""
_ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>慢慢周刊</title><id>urn:slow-weekly</id>
<updated>2024-11-02T09:00:00+08:00</updated>
<entry><title>巷口的修表铺</title><id>urn:slow-weekly:1</id><link href="/zh/article"/>
<updated>2024-11-02T09:00:00+08:00</updated><summary>饼干盒里是齿轮。</summary></entry></feed>
"""
_SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100" width="400" height="200">
<rect width="200" height="100" fill="#dfeaf0"/><text x="20" y="55" font-size="18">一幅会说话的画</text>
<script>fetch("/xss-hit?n=svg-document")</script></svg>
"""
PDF_PAGES = [
    ["渡船手册", "第一章：缆绳的四种结法。", "The first chapter is about knots."],
    ["第二章：怎样在雾里听出岸的方向。", "The second chapter is about listening in fog."],
]


def _download(request: Request) -> Response:
    """`?name=` and `?kb=`: an attachment under any file name and of any size."""
    name = request.value("name", "../../etc/cron.d/harbour.bin")
    safe = name.encode("ascii", "replace").decode().replace('"', "'")
    return Response(
        content_type="application/octet-stream",
        headers=(("Content-Disposition", f'attachment; filename="{safe}"'),),
        body=b"\x00harbour\xff" * int(request.number("kb", 4) * 1024 // 9),
    )


def _is(content_type: str, body: bytes | str) -> Response:
    return Response(
        content_type=content_type, body=body if isinstance(body, bytes) else body.encode()
    )


_JSON = json.dumps(_LETTER, ensure_ascii=False, indent=1)
_ICON = png(32, 32, (31, 95, 139))
_PICTURE = png(480, 320, (46, 74, 63))

PLACES = (
    Page(
        "/pdf",
        "a PDF of two pages, Chinese and English text",
        fixed(_is("application/pdf", pdf("渡船手册", PDF_PAGES))),
    ),
    Page("/download", "an attachment with a nasty file name (`?name=…&kb=…`)", _download),
    Page("/image.png", "a picture", fixed(_is("image/png", _PICTURE))),
    Page("/json", "JSON with Chinese text", fixed(_is("application/json", _JSON))),
    Page("/text", "plain text in UTF-8, Chinese", fixed(_is("text/plain; charset=utf-8", _TEXT))),
    Page("/feed", "an RSS feed", fixed(_is("application/rss+xml; charset=utf-8", _RSS))),
    Page("/atom", "an Atom feed", fixed(_is("application/atom+xml; charset=utf-8", _ATOM))),
    Page("/svg", "an SVG document with a script in it", fixed(_is("image/svg+xml", _SVG))),
    Page(
        "/binary",
        "bytes of an unknown type",
        fixed(_is("application/x-harbour", bytes(range(256)))),
    ),
    Page("/favicon.ico", "a small picture", fixed(_is("image/png", _ICON))),
)
