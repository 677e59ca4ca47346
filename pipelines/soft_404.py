"""Recognises an error page that a site sends with status 200 (a soft 404), by its words (pure).

The words must be the whole title, a part of it between separators, or a line of their own on a short page:
an article about missing pages says more than that.
"""

import re

MAX_CHARS = 1500
"""Characters of an error page whose title says so, with its menus; longer pages are pages."""
MAX_UNTITLED_CHARS = 600
"""Same, where only a line of the text says so."""
MAX_LINE = 60
SEPARATORS = re.compile(r"\s*(?:[|｜·•»«>_—–]|\s-|-\s|::|[:：,，。.!！])\s*")
_SORRY = r"(?:sorry|oops|whoops|uh oh|抱歉|对不起|對不起|很抱歉|非常抱歉|糟糕|哎呀)?[,，!！.。… ]*"
_THING_ZH = r"(?:页面|頁面|网页|網頁|内容|內容|文章|帖子|主题|链接|連結|地址|文件|商品|视频|資源|资源|信息|话题|問題|问题|回答)"
_VISITED_ZH = (
    r"(?:(?:您|你)(?:所|要|想)?(?:访问|訪問|查看|浏览|瀏覽|打开|打開|请求|請求|寻找|尋找|找)的?|该|該|此|这个|這個|当前|當前|"
    r"指定的|所|请求的)*"
)
_LOST_ZH = (
    r"(?:不存在|未找到|找不到了?|没有找到|沒有找到|没找到|不见了|不見了|已(?:经|經)?(?:被)?(?:发布者|發布者|作者|发帖人|管理员|用户)?(?:自行)?(?:删除|刪除|移除|下架|下线|失效)|走丢了|丢失了?|"
    r"无法找到|無法找到|(?:已)?不存在或(?:已)?(?:经)?(?:被)?(?:删除|刪除|移除|下架|失效))(?:了)?"
)
NOT_FOUND = re.compile(
    rf"{_SORRY}(?:"
    r"(?:http |error |status )?404(?: error| 错误| 錯誤| エラー)?(?: -| :)? ?(?:not found|page not found|file not found|页面|頁面)?"
    rf"|(?:404)?(?:错误|錯誤)? ?{_VISITED_ZH}{_THING_ZH}{_LOST_ZH}"
    rf"|(?:404)? ?(?:找不到|未找到|没有找到|沒有找到|无法找到|無法找到){_VISITED_ZH}{_THING_ZH}"
    r"|(?:404 )?(?:the |this |that |your )?(?:requested )?(?:page|file|article|document|resource|url|content|post|video|link)"
    r"(?: (?:you(?:'re| are|’re)? (?:were )?(?:looking for|requested|requesting)|you have requested|at this address))?"
    r"(?: (?:was|is|could|can|does|has|are|be)(?:n'?t|n’t|not)?| cannot| no longer| not| been| removed| deleted| gone)*"
    r"(?: ?(?:not (?:be )?found|be found|found|exists?|available|removed|deleted|missing|gone))"
    r"|not found|nothing (?:was )?found(?: here)?|we (?:can'?t|can’t|cannot|could(?: not|n'?t|n’t)) find (?:that|this|the) page(?: you(?:'re|’re| are| were) looking for)?"
    r"|(?:お探しの|ご指定の|指定された|該当する|この)?(?:ページ|記事|コンテンツ|url)(?:が|は|を)?"
    r"(?:見つかりません(?:でした)?|存在しません|ありません|見つけられません(?:でした)?|削除されました)"
    r")[.。!！…~～ ]*",
    re.IGNORECASE,
)


def is_soft_404(title: str, text: str) -> bool:
    """Whether a page of this title and visible text says that the page asked for does not exist."""
    size = len(text.strip())
    if size > MAX_CHARS:
        return False
    if any(_says_so(piece) for piece in (title, *SEPARATORS.split(title))):
        return True
    lines = [line for line in text.splitlines() if line.strip()]
    return size <= MAX_UNTITLED_CHARS and any(_says_so(line) for line in lines)


def _says_so(piece: str) -> bool:
    words = " ".join(piece.split())
    return 3 <= len(words) <= MAX_LINE and NOT_FOUND.fullmatch(words) is not None
