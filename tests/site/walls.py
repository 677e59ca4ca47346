"""Bot walls, consent banners and empty shells."""

from __future__ import annotations

from linkshot.samples.loopback import Answer, Request, Response
from tests.site.markup import Page, fixed, page, paragraphs

_ENGLISH = """<h1>One moment, please</h1>
<p>Checking your browser before accessing harbour.example.</p>
<p>This process is automatic. Verify you are human by completing the action below.</p>
<div id="challenge"><input type="checkbox" id="human"> <label for="human">I am not a robot</label></div>
<p><small>Please enable JavaScript and cookies to continue. Request id 7c1f-0042</small></p>"""
_CHINESE = """<h1>安全验证</h1><p>请完成安全验证后继续访问。</p>
<p>检测到您的访问存在异常，请拖动下方滑块完成拼图。</p>
<div id="captcha" style="width:300px;height:40px;background:#eee">向右拖动滑块</div><p><small>事件编号：20251103</small></p>"""
_ARTICLE = paragraphs(
    "Behind the banner there is a page about the colour of tiles. Roof tiles in this town are red "
    "because the clay is, and the clay is red because the hill is full of iron.",
    "横幅后面是一篇讲瓦的文章。镇上的瓦是红的，因为泥是红的；泥是红的，因为山里有铁。",
)
_BANNER = """<div id="consent" role="dialog" aria-label="Cookies" style="position:fixed;inset:auto 0 0 0;
background:#222;color:#fff;padding:24px;z-index:9999"><p>We value your privacy. 我们使用 Cookie 改善体验。</p>
<button id="accept" onclick="done('accept')">Accept all</button>
<button id="reject" onclick="done('reject')">Reject all</button></div>
<script>function done(word) { document.getElementById("consent").remove(); document.body.dataset.consent = word; }</script>"""


def _wall(title: str, body: str, lang: str, default: int) -> Answer:
    def answer(request: Request) -> Response:
        return page(title, body, lang=lang, status=int(request.number("status", default)))

    return answer


_SHELL = '<div id="root"></div><noscript>You need to enable JavaScript to run this app.</noscript>'

PLACES = (
    Page(
        "/captcha",
        "an English bot wall, 403 (`?status=`)",
        _wall("Just a moment...", _ENGLISH, "en", 403),
    ),
    Page(
        "/captcha-200",
        "the same wall that claims 200",
        _wall("Just a moment...", _ENGLISH, "en", 200),
    ),
    Page(
        "/captcha-zh",
        "a Chinese bot wall, 200 (`?status=`)",
        _wall("安全验证", _CHINESE, "zh-CN", 200),
    ),
    Page("/captcha-zh-403", "the same with 403", _wall("安全验证", _CHINESE, "zh-CN", 403)),
    Page(
        "/empty-shell", "the shell of an app whose script never comes", fixed(page("App", _SHELL))
    ),
    Page("/consent", "an article under a cookie banner", fixed(page("Tiles", _ARTICLE + _BANNER))),
)
