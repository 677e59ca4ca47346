"""The details of failures are said in the reader's language; other programs' words are quoted."""

import ast
import re

import pytest

from crawler import failures
from linkshot.domain import failure_details, reason_texts
from linkshot.domain.failure_details import DETAILS, detail_text
from linkshot.domain.language import ENGLISH
from linkshot.domain.model import Failure
from linkshot.errors import InvalidURL
from tests.sources import FILES, nodes, where
from web import status_text
from web.language import translator

CHINESE = translator("zh-CN")
HAN = re.compile(r"[一-鿿]")
VALUES = {
    "status": 503, "bytes": 16_777_216, "losses": 3, "scheme": "mailto", "error": "TimeoutError",
    "seconds": 30, "stage": "pipelines.text",
}  # fmt: skip


@pytest.mark.parametrize("code", DETAILS)
def test_every_detail_is_read_back_and_said_in_both_languages(code: str) -> None:
    text = detail_text(code, **VALUES)
    english, chinese = (reason_texts.detail(text, one) for one in (ENGLISH, CHINESE))
    assert english == text.replace("16777216", "16,777,216")
    assert HAN.search(chinese)
    assert re.findall("[0-9,]*[0-9]", english) == re.findall("[0-9,]*[0-9]", chinese)


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("the server answered 503", "the server answered 503", "服务器返回 503"),
        ("Page.goto: Timeout 30000ms exceeded. Call log: - navigating to x",
         "the page did not answer within 30 s", "页面在 30 秒内没有响应"),
        ("url.scheme_not_allowed: ftp is not fetched",
         "Only http and https addresses can be kept", "只能保存 http 和 https 网址"),
        ("a.example:443 ERR_CONNECTION_REFUSED", "a.example: the connection was refused",
         "a.example：对方拒绝了连接"),
        ("ERR_FAILED", "", ""),
        ("", "", ""),
    ],
)  # fmt: skip
def test_what_is_known_of_a_failure_is_said_in_the_readers_language(
    text: str, english: str, chinese: str
) -> None:
    assert reason_texts.detail(text, ENGLISH) == english
    assert reason_texts.detail(text, CHINESE) == chinese


@pytest.mark.parametrize(
    "text",
    [
        "ValueError: boom", "the server answered 5030", "the server answered 503 %(x)s",
        "the page redirects to a b:", "pipelines.text: ValueError", "Timeout exceeded", "url.new: x",
        "50% of it", "the page has over " + "9" * 400 + " bytes",
    ],
)  # fmt: skip
def test_the_words_of_other_programs_are_quoted_in_chinese(text: str) -> None:
    assert reason_texts.detail(text, ENGLISH) == text
    assert reason_texts.detail(text, CHINESE) == f"“{text}”"


def test_a_page_says_a_failure_in_chinese_and_quotes_the_rest() -> None:
    known = Failure(kind="http_5xx", retryable=True, detail="the server answered 503")
    assert status_text.what_went_wrong(known, CHINESE) == "网站自身出错：服务器返回 503"
    foreign = Failure(kind="internal", retryable=True, detail="ValueError: boom")
    said = status_text.what_went_wrong(foreign, CHINESE)
    assert re.fullmatch("linkshot[^“]+：“ValueError: boom”", said)


def test_a_refused_address_is_said_in_chinese() -> None:
    refused = failures.exception_failure(InvalidURL("Not ftp.", code="url.scheme_not_allowed"))
    assert HAN.match(reason_texts.detail(refused.detail, CHINESE))


def test_the_sources_write_no_detail_of_their_own() -> None:
    """A literal sentence beside the table could not be translated; holes alone are other programs' words."""
    written = [
        f"{where(path)}:{node.lineno}"
        for path in FILES
        if where(path).startswith("crawler/")
        for node in nodes(path)
        if isinstance(node, ast.Call) and _name(node.func) in MAKERS
        for part in node.args[MAKERS[_name(node.func)] :]
        if _has_words(part)
    ]
    assert written == []


def _name(function: ast.AST) -> str:
    return str(getattr(function, "attr", getattr(function, "id", "")))


MAKERS = {"failed": 1, "failure": 1, "make_failure": 1, "PageLost": 0, "IgnoreRequest": 0}
"""Function → the place of the detail among its arguments."""


def _has_words(part: ast.AST) -> bool:
    if isinstance(part, ast.Constant):
        return isinstance(part.value, str) and bool(re.search("[A-Za-z]{2}", part.value))
    return isinstance(part, ast.JoinedStr) and any(map(_has_words, part.values))


def test_a_detail_of_an_unknown_form_is_not_ours() -> None:
    assert failure_details.translated("the server answered", ENGLISH) is None
