"""Recognises what a site sends with status 200 in place of the page, by its words: that it failed, that it turns
the visitor away, or that it wants a login (pure).

Only pages of a few words are looked at, and the words must be a part of the title between separators, or one or two
lines of their own. Phrases that pages use for a part of themselves need the advice to try again beside them.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from linkshot.domain.model import Quality, Verdict
from pipelines.soft_404 import SEPARATORS

MAX_CHARS = 300
"""Characters of an error page, with its menus."""
MAX_LOGIN_CHARS = 200
"""Same, of a page that asks for a login; forums ask for one beside attachments, too."""
MAX_CRASH_CHARS = 1500
"""Characters of the error that a program prints, with its traceback."""
MAX_LINE = 120

_SORRY = r"(?:(?:we(?:'|’)re |we are )?(?:sorry|oops|whoops|uh oh)|抱歉|对不起|對不起|很抱歉|非常抱歉|糟糕|哎呀)?[,，!！.。…:： ]*"
_ADVICE = (
    r"(?:please |kindly )?(?:try|check back|come back|refresh|reload)\b.{0,60}"
    r"|(?:请|請)?(?:您|你)?(?:稍后|稍後|稍候|重试|重試|刷新).{0,20}"
)
_FAILED = (
    r"error establishing a database connection|建立数据库连接时出错|建立資料庫連線時發生錯誤"
    r"|(?:http |error |status )?50[0-4][ :-]*(?:error|(?:internal )?server error|bad gateway|service (?:temporarily )?unavailable"
    r"|gateway time-?out)"
    r"|(?:http )?error 50[0-4]|internal server error|bad gateway|gateway time-?out"
    r"|service (?:is )?(?:temporarily |currently )?unavailable"
    r"|(?:the |this |our )?(?:site|website|web site|service|server) is (?:currently |temporarily )?"
    r"(?:down|offline|unavailable|(?:down |closed )?(?:for|under|undergoing) (?:scheduled )?maintenance)"
    r"|(?:we are|we(?:'|’)re) (?:currently )?(?:down for|undergoing) (?:scheduled )?maintenance|down for maintenance"
    r"|briefly unavailable for scheduled maintenance"
    r"|(?:50[0-4] ?)?(?:内部服务器错误|服务器内部错误|內部伺服器錯誤|伺服器內部錯誤|服务暂时不可用|服务器维护中|系统维护中|网站维护中)"
    r"|(?:网站|網站|系统|系統|服务器|伺服器)(?:正在|暂时|目前正在)(?:维护|維護|升级|关闭)(?:中)?"
    r"|数据库(?:连接)?(?:错误|失败|出错)"
)
_FAILED_PERHAPS = (
    r"something went wrong(?: on our (?:end|side))?|an? (?:unexpected |internal |unknown |server )?error (?:has )?occurred"
    r"|(?:服务器|伺服器|系统|系統|网络|網絡)(?:错误|錯誤|异常|異常|繁忙|开小差了?|出错了?)|出错了|出错啦"
)
_TURNED_AWAY = (
    r"(?:429 )?too many requests|you have sent too many requests|rate limit exceeded"
    r"|(?:this |the )?(?:content|page|site|website|video|service) (?:is )?(?:not |un)available in your (?:country|region|location)"
    r"(?: or region)?|not available in your (?:country|region|location)"
    r"|(?:您|你)?(?:所在的?)(?:国家|地区|國家|地區)(?:无法|無法|不能|暂不能|暂无法)(?:访问|訪問|观看|查看|使用).{0,10}"
    r"|(?:您的?|你的?)?(?:请求|請求|操作)(?:过于|過於|太)频繁"
)
_LOGIN_FIRST = (
    r"(?:please |you (?:must|need to|have to) )(?:be logged in|(?:log|sign) ?in)(?: first)? (?:to|in order to) "
    r"(?:see|view|read|access|continue|open)(?: (?:this|the|that))?(?: (?:page|content|post|article|topic|thread|document))?"
    r"|(?:请|請|您?需要|您?需)(?:先)?(?:登录|登錄|登陆|登入)(?:后|後)(?:才能|才可以|方可|再)?(?:查看|阅读|閱讀|访问|訪問|继续|繼續)"
    r"(?:此|该|本)?(?:页面|頁面|内容|內容|文章|帖子|文档)?"
)


def _sentence(words: str, advice: str = "?") -> re.Pattern[str]:
    end = r"[.。!！…~～ ]*"
    following = rf"(?:[.。!！,，;； ]+(?:{_ADVICE}){end}){advice}"
    return re.compile(rf"{_SORRY}(?:{words}){end}{following}", re.IGNORECASE)


FAILED, FAILED_PERHAPS = _sentence(_FAILED), _sentence(_FAILED_PERHAPS, advice="")
TURNED_AWAY, LOGIN_FIRST = _sentence(_TURNED_AWAY), _sentence(_LOGIN_FIRST)
CRASH = re.compile(r"\s*(?:PHP )?(?:Fatal|Parse) error\s*: .{1,1200}? on line \d+", re.DOTALL)
"""What PHP prints instead of the page."""
SIGN_IN_TITLE = re.compile(
    r"(?:please )?(?:log|sign) ?in(?: to .{1,40})?|登录|登錄|登入|用户登录|ログイン", re.IGNORECASE
)
SIGN_IN_WITH = re.compile(
    r"(?:continue|(?:log|sign) ?in) with (?:google|apple|facebook|microsoft|github|sso|e-?mail)\b"
    r"|e-?mail\b.{0,40}(?:we(?:'|’)?(?:ll)? (?:will )?(?:send|e-?mail) you|magic) .{0,20}link"
    r"|(?:微信|QQ|手机号|支付宝|扫码)(?:快捷)?登录",
    re.IGNORECASE | re.DOTALL,
)


def soft_error(title: str, text: str) -> Quality | None:
    """The verdict about a page of this title and visible text that stands in place of the page; None: it does not."""
    size = len(text.strip())
    if size <= MAX_CRASH_CHARS and CRASH.match(text):
        return Quality(verdict=Verdict.HTTP_ERROR, reasons=("soft_error",))
    if size > MAX_CHARS:
        return None
    said = list(_said(title, text))
    if any(FAILED.fullmatch(words) or FAILED_PERHAPS.fullmatch(words) for words in said):
        return Quality(verdict=Verdict.HTTP_ERROR, reasons=("soft_error",))
    if any(TURNED_AWAY.fullmatch(words) for words in said):
        return Quality(verdict=Verdict.BLOCKED, reasons=("turned_away",))
    if size <= MAX_LOGIN_CHARS and any(LOGIN_FIRST.fullmatch(words) for words in said):
        return Quality(verdict=Verdict.LOGIN, reasons=("login_first",))
    return None


def is_sign_in(title: str, text: str) -> bool:
    """Whether a page without a password field asks for an account of another site or an e-mail address."""
    pieces = (" ".join(one.split()) for one in (title, *SEPARATORS.split(title)))
    named = any(SIGN_IN_TITLE.fullmatch(piece) for piece in pieces)
    return named and len(text.strip()) <= MAX_CHARS and SIGN_IN_WITH.search(text) is not None


def _said(title: str, text: str) -> Iterator[str]:
    """The title and its parts, each line, and each two lines that follow each other."""
    lines = [words for line in text.splitlines() if (words := " ".join(line.split()))]
    both = (f"{first.rstrip('.。!！')}. {second}" for first, second in pairwise(lines))
    for words in (title, *SEPARATORS.split(title), *lines, *both):
        if len(words) <= MAX_LINE:
            yield " ".join(words.split())
