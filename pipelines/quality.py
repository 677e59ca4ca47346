"""Assesses whether a capture is the page, or a bot wall, a login form, an error page or an empty shell.

An answer that is not the page never replaces one that is (linkshot/domain/outcomes.py).
"""

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from linkshot.domain.model import WITHOUT_SCRIPTS, Capture, Quality, Verdict
from pipelines.consent_overlay import covers_page
from pipelines.item import SnapshotItem
from pipelines.login_form import is_login_form
from pipelines.mojibake import is_mojibake
from pipelines.soft_404 import is_soft_404
from pipelines.soft_error import soft_error

MAX_WALL_CHARS = 1500
"""Characters; longer pages that mention a captcha are about captchas."""
MIN_CHARS = 20
CONSENT_REMARKS = {
    "rejected": "consent_rejected",
    "closed": "consent_closed",
    "gone": "consent_gone",
    "hidden": "consent_hidden",
}
"""What was done about a box that asked for consent → its remark; others stayed."""
MAX_BOX_CHARS = 60
"""Of what a remark says about a box that asked for consent."""
BLOCKED_STATUSES = (401, 403, 407, 429, 451)

BOT_WALL = re.compile(
    r"checking (?:if the site connection is secure|your browser)|verify(?:ing)? (?:that )?you are (?:a )?human"
    r"|are you a robot|unusual traffic from your|enable javascript and cookies to continue"
    r"|complete the (?:security check|captcha)|please (?:solve|complete) (?:the|this) captcha"
    r"|attention required|just a moment\.\.\.|access denied|pardon our interruption"
    r"|安全验证|人机验证|滑动验证|请完成验证|拖动滑块|访问过于频繁|环境异常|异常流量|请输入验证码",
    re.IGNORECASE,
)
NEEDS_JAVASCRIPT = re.compile(
    r"(?:you need to |please )?enable javascript|javascript is (?:required|disabled)|请(?:启用|开启) ?javascript",
    re.IGNORECASE,
)
BROWSER_ERROR_PAGE = re.compile(r"<body[^>]*\bclass=\"neterror\"|chrome-error://chromewebdata")
"""Chromium's own page for a failed navigation."""


class QualityPipeline:
    """Sets item.quality."""

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        if item.capture is not None:
            item.quality = await asyncio.to_thread(assess_item, item, item.capture)
        return item


def assess_item(item: SnapshotItem, capture: Capture) -> Quality:
    """The verdict about an item with this capture, as it stands now."""
    return assess_quality(capture, item.text, item.partial, item.request.url)


def assess_quality(
    capture: Capture, text: str, partial: Sequence[str] = (), asked: str = ""
) -> Quality:
    """The verdict and its reason codes; `partial` names incomplete artifacts, `asked` is the address that
    was requested (pure)."""
    found = _assess(capture, text, partial, asked)
    told = tuple(_cookie_remarks(capture, found))
    return replace(found, reasons=(*found.reasons, *told)) if told else found


def _cookie_remarks(capture: Capture, found: Quality) -> Iterator[str]:
    """Remarks about cookies that somebody gave for the site, whatever the verdict is."""
    used = capture.notes.get("cookies")
    if not isinstance(used, dict):
        return
    site, redacted = used.get("site", ""), used.get("redacted", 0)
    if found.verdict is Verdict.LOGIN or capture.http_status == 401:
        yield f"cookies_expired:{site}"
    yield f"cookies_used:{site}"
    if redacted:
        yield f"cookies_redacted:{redacted}"


def _assess(capture: Capture, text: str, partial: Sequence[str], asked: str) -> Quality:
    status = capture.http_status
    cut = [*capture.partial, *partial, *(["body"] if capture.body_truncated else [])]
    if status in BLOCKED_STATUSES:
        return Quality(verdict=Verdict.BLOCKED, reasons=(f"http_{status}",))
    if BROWSER_ERROR_PAGE.search(capture.html[:20_000]):
        return Quality(verdict=Verdict.EMPTY, reasons=("browser_error_page",))
    if capture.html and len(text) < MAX_WALL_CHARS and BOT_WALL.search(f"{capture.title}\n{text}"):
        return Quality(verdict=Verdict.BLOCKED, reasons=("bot_wall",))
    if status >= 400:
        return Quality(verdict=Verdict.HTTP_ERROR, reasons=(f"http_{status}",))
    if capture.html:
        if reason := _emptiness(capture, text):
            why = () if WITHOUT_SCRIPTS.isdisjoint(cut) else cut
            return Quality(verdict=Verdict.EMPTY, reasons=(reason, *why))
        if is_soft_404(capture.title, text):
            return Quality(verdict=Verdict.NOT_FOUND, reasons=("soft_404",))
        if is_login_form(capture, text, asked):
            return Quality(verdict=Verdict.LOGIN, reasons=("login_form",))
        if instead := soft_error(capture.title, text):
            return instead
    elif not capture.body:
        return Quality(verdict=Verdict.EMPTY, reasons=("no_content",))
    remarks = tuple(_uploaded(capture)) or tuple(_certificate(capture))
    remarks += (*_answered_consent(capture), *_withheld(capture))
    doubts = tuple(_doubts(capture, text))
    reasons = tuple(dict.fromkeys((*doubts, *cut, *remarks)))
    if doubts:
        return Quality(verdict=Verdict.DOUBTFUL, reasons=reasons)
    return Quality(verdict=Verdict.PARTIAL if cut else Verdict.GOOD, reasons=reasons)


def with_doubts(quality: Quality, doubts: Sequence[str]) -> Quality:
    """The verdict about a page once these reasons to doubt it are known, too. (pure)"""
    if not doubts or not quality.verdict.is_page:
        return quality
    reasons = tuple(dict.fromkeys((*doubts, *quality.reasons)))
    return Quality(verdict=Verdict.DOUBTFUL, reasons=reasons)


def _uploaded(capture: Capture) -> Iterator[str]:
    """How a page that was not visited came here."""
    uploaded = capture.notes.get("uploaded")
    if isinstance(uploaded, dict) and "format" in uploaded:
        yield "uploaded_archive"
    elif isinstance(uploaded, dict):
        yield "uploaded"


def _certificate(capture: Capture) -> Iterator[str]:
    """The remark about a certificate that is not valid: of the page's own site, or of a host that led to it."""
    tls = capture.notes.get("tls")
    if not isinstance(tls, dict) or tls.get("valid"):
        return
    if host := tls.get("host"):
        yield f"certificate_hop:{host}"
    else:
        yield "certificate"


def _doubts(capture: Capture, text: str) -> Iterator[str]:
    """Reason codes why a capture may not show the page as readers see it."""
    if is_mojibake(text):
        yield "charset"
    if covers_page(capture.dom):
        yield "consent"


def _answered_consent(capture: Capture) -> Iterator[str]:
    """The remark about a box that asked for consent and is gone: whose it was and what was pressed, else its
    first words."""
    asked = capture.notes.get("consent")
    if isinstance(asked, dict) and asked.get("action") in CONSENT_REMARKS:
        pressed = "" if asked["action"] == "hidden" else "".join(asked.get("clicked", ())[-1:])
        said = " · ".join(filter(None, (str(asked.get("name", "")), pressed)))
        said = (said or str(asked.get("text", "")))[:MAX_BOX_CHARS]
        # the words are the page's: they may neither drive a terminal nor turn the line around
        safe = "".join(char if char.isprintable() else " " for char in said)
        yield f"{CONSENT_REMARKS[asked['action']]}:{safe}"


def _withheld(capture: Capture) -> Iterator[str]:
    """The remark about answers that the browser kept from the page: it shows the same without them."""
    if withheld := capture.notes.get("withheld_count"):
        yield f"answers_withheld:{withheld}"


def _emptiness(capture: Capture, text: str) -> str:
    """The reason code why a page counts as empty, or ""; pages without words may show pictures."""
    if len(text) < 300 and NEEDS_JAVASCRIPT.search(text):
        return "needs_javascript"
    if len(text.strip()) >= MIN_CHARS or re.search(r"<(?:img|canvas|video|svg)\b", capture.html):
        return ""
    return "no_text" if len(text.strip()) < 2 else ""
