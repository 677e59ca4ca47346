"""The verdict on a capture: the page, a wall, an error or an empty shell."""

import pytest

from linkshot.domain.model import Verdict
from pipelines.quality import assess_quality
from tests.integration.pipelines_world import capture

ARTICLE = "今天院子里的山茶开了三朵，红的两朵，白的一朵。" * 5


def verdict(html: str, text: str, **given: object) -> str:
    return assess_quality(capture(html, **given), text).verdict.value


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, "good"), (204, "good"), (401, "blocked"), (403, "blocked"), (404, "http_error"),
        (410, "http_error"), (429, "blocked"), (451, "blocked"), (500, "http_error"),
        (503, "http_error"), (999, "http_error"),
    ],
)  # fmt: skip
def test_the_status_is_judged(status: int, expected: str) -> None:
    assert verdict("<p>x", ARTICLE, http_status=status) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Just a moment...\nVerify you are human",
        "Checking your browser before accessing",
        "Please complete the security check to continue",
        "安全验证\n请完成下方验证后继续访问",
        "当前环境异常，完成验证后即可继续访问。",
        "您的访问过于频繁，请输入验证码",
    ],
)
def test_bot_walls_are_told_from_pages(text: str) -> None:
    assert verdict("<p>x", text) == "blocked"


def test_a_long_article_about_captchas_is_a_page() -> None:
    assert verdict("<p>x", "安全验证的历史。" + ARTICLE * 20) == "good"


def test_the_browsers_own_error_page_is_never_a_page() -> None:
    found = assess_quality(capture('<html><body class="neterror" id="t">x'), ARTICLE)
    assert (found.verdict, found.reasons) == (Verdict.EMPTY, ("browser_error_page",))


@pytest.mark.parametrize(
    ("html", "text", "expected"),
    [
        ("<div id=root></div>", "", "empty"),
        ("<div id=root></div>", "You need to enable JavaScript to run this app.", "empty"),
        ("<div id=root></div>", "请开启 JavaScript", "empty"),
        ("<img src=x>", "", "good"),
        ("<canvas></canvas>", "", "good"),
        ("<p>好</p>", "好的", "good"),
    ],
)
def test_empty_shells_are_told_from_short_pages(html: str, text: str, expected: str) -> None:
    assert verdict(html, text) == expected


def test_a_file_without_bytes_is_empty() -> None:
    assert verdict("", "", media_type="text/plain", body=b"") == "empty"
    assert verdict("", "", media_type="image/png", body=b"x") == "good"


def test_what_was_cut_short_makes_it_partial_with_the_reasons() -> None:
    found = assess_quality(capture("<p>x", partial=("load", "quiet")), ARTICLE, ["reader", "load"])
    assert (found.verdict, found.reasons) == (Verdict.PARTIAL, ("load", "quiet", "reader"))
