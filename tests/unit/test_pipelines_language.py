"""The language of a text; which of the Latin ones it is takes a model, see the integration tests."""

import pytest

from pipelines.language import declared_language, detect_language

MANY_SCRIPTS = f"{'สวนหลังบ้านมีดอกคามิเลีย' * 8} 山茶开了三朵院子里今天 きょう 오늘"


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("今天院子里的山茶开了三朵", "en", "zh"),
        ("今天院子裡的山茶開了三朵", "zh-TW", "zh"),
        ("きょう庭の椿が三つ咲きました", "en", "ja"),
        ("오늘 마당에 동백꽃이 세 송이 피었습니다", "", "ko"),
        ("404", "fr-CA", "fr"),
        ("", "not a language", ""),
        ("今天院子里的山茶开了三朵", "yue-HK", "yue"),
        (MANY_SCRIPTS, "zh", "zh"),
    ],
)
def test_the_language_is_that_of_the_text(text: str, declared: str, language: str) -> None:
    assert detect_language(text, declared) == language


def test_the_declared_language_is_found() -> None:
    assert declared_language('<!doctype html>\n<html class="x" lang=zh-CN>') == "zh-CN"
    assert declared_language("<p lang=zh>") == ""
    assert declared_language("<html>", "zh-CN") == "zh-CN"
    assert declared_language("<html lang=de>", "zh-CN") == "de"
    assert declared_language("<html>", "de, en") == ""
