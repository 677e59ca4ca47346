"""Is this the page, or a wall, an error, an empty shell?"""

import re
from collections.abc import Sequence

from linkshot.domain.model import Capture, Quality, Verdict
from pipelines.item import SnapshotItem

WALL_CHARS = 1500
"""Bot walls say little; longer pages that mention a captcha are about captchas."""
EMPTY_CHARS = 20
BLOCKED_STATUSES = (401, 403, 407, 429, 451)

WALLS = re.compile(
    r"checking (?:if the site connection is secure|your browser)|verify(?:ing)? (?:that )?you are (?:a )?human"
    r"|are you a robot|unusual traffic from your|enable javascript and cookies to continue"
    r"|complete the (?:security check|captcha)|please (?:solve|complete) (?:the|this) captcha"
    r"|attention required|just a moment\.\.\.|access denied|pardon our interruption"
    r"|安全验证|人机验证|滑动验证|请完成验证|拖动滑块|访问过于频繁|环境异常|异常流量|请输入验证码",
    re.IGNORECASE,
)
SHELLS = re.compile(
    r"(?:you need to |please )?enable javascript|javascript is (?:required|disabled)|请(?:启用|开启) ?javascript",
    re.IGNORECASE,
)
ERROR_PAGE = re.compile(r"<body[^>]*\bclass=\"neterror\"|chrome-error://chromewebdata")
"""Chromium's own page for a navigation that failed."""


class QualityPipeline:
    """Sets item.quality."""

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        """Scrapy calls it for every item."""
        if item.capture is not None:
            item.quality = judge(item.capture, item.text, item.partial)
        return item


def judge(capture: Capture, text: str, partial: Sequence[str] = ()) -> Quality:
    """The verdict and its stable reasons; `partial` names forms that could not be made. (pure)"""
    status = capture.http_status
    if status in BLOCKED_STATUSES:
        return Quality(verdict=Verdict.BLOCKED, reasons=(f"http_{status}",))
    if ERROR_PAGE.search(capture.html[:20_000]):
        return Quality(verdict=Verdict.EMPTY, reasons=("browser_error_page",))
    if capture.html and len(text) < WALL_CHARS and WALLS.search(f"{capture.title}\n{text}"):
        return Quality(verdict=Verdict.BLOCKED, reasons=("bot_wall",))
    if status >= 400:
        return Quality(verdict=Verdict.HTTP_ERROR, reasons=(f"http_{status}",))
    if capture.html:
        if reason := _empty(capture, text):
            return Quality(verdict=Verdict.EMPTY, reasons=(reason,))
    elif not capture.body:
        return Quality(verdict=Verdict.EMPTY, reasons=("no_content",))
    cut = [*capture.partial, *partial, *(["body"] if capture.body_truncated else [])]
    reasons = tuple(dict.fromkeys((*cut, *_doubts(capture))))
    return Quality(verdict=Verdict.PARTIAL if cut else Verdict.GOOD, reasons=reasons)


def _doubts(capture: Capture) -> tuple[str, ...]:
    """What a reader should know about a page of which nothing is missing."""
    tls = capture.notes.get("tls")
    return ("certificate",) if isinstance(tls, dict) and not tls.get("valid") else ()


def _empty(capture: Capture, text: str) -> str:
    """A page without words is empty unless it shows pictures."""
    if len(text) < 300 and SHELLS.search(text):
        return "needs_javascript"
    if len(text.strip()) >= EMPTY_CHARS or re.search(r"<(?:img|canvas|video|svg)\b", capture.html):
        return ""
    return "no_text" if len(text.strip()) < 2 else ""
