"""The article, for reading."""

import pytest

from pipelines.article import Article, extract_article
from pipelines.language import detect_language
from pipelines.reader import ReaderPipeline, render_reader
from tests.integration.pipelines_world import capture, item, through

pytestmark = pytest.mark.usefixtures("sandbox_closed")

URL = "http://a.example/d/p.html"
NAV = "<nav><a href=/>首页</a> <a href=/n>新闻</a> <a href=/c>联系</a></nav>"
SHORT = (
    f"<html lang=en><head><title>山茶</title></head><body>{NAV}<main><h1>山茶开了</h1>"
    "<p>今天院子里的山茶开了三朵，红的两朵，白的一朵。</p><p>邻居说去年没有开，因为冬天太冷。</p>"
    "</main><footer>版权所有</footer></body></html>"
)
FLAT = (
    f"<body>{NAV}<div class=a><div class=b><p>今天山茶开了。</p><p>红的两朵。</p><p>白的一朵。</p>"
    "<ul><li>记下时辰</li><li>拍下照片</li></ul></div></div><aside>广告</aside></body>"
)


@pytest.mark.parametrize("html", [SHORT, FLAT], ids=["short", "flat"])
def test_short_chinese_pages_are_read_without_their_navigation(html: str) -> None:
    found = extract_article(html, URL)
    assert "山茶开了" in found.text
    assert "新闻" not in found.text
    assert "广告" not in found.text
    assert found.paragraphs >= 2


def test_a_page_without_writing_has_no_article() -> None:
    assert extract_article(f"<body>{NAV}</body>", URL).extractor in ("none", "readability")
    assert extract_article("", URL) == Article()


def test_a_page_gets_reader_views_an_article_and_its_language() -> None:
    made = through(item(capture(SHORT, title="山茶"), text="all"), ReaderPipeline(20.0))
    assert [kept.name for kept in made.artifacts] == ["reader.html", "reader.md"]
    assert "今天院子里" in made.article
    assert made.language == "zh"
    assert made.partial == []


def test_the_heading_stands_once() -> None:
    view, markdown = render_reader(
        Article(html="<h1>题</h1><p>文</p>", markdown="# 题\n\n文"), capture(), "zh"
    )
    assert bytes(view.data).count("<h1>题</h1>".encode()) == 1  # type: ignore[arg-type]
    assert bytes(markdown.data).decode() == "# 题\n\n文\n"  # type: ignore[arg-type]


def test_an_article_that_is_not_found_in_time_is_the_whole_text_and_partial() -> None:
    endless = "<div><p>文</p></div>" * 100_000
    made = through(item(capture(endless), text="甲 <b>\n乙"), ReaderPipeline(0.3))
    assert made.partial == ["reader"]
    assert b"<p>" in made.artifacts[0].data  # type: ignore[operator]
    assert "甲 &lt;b&gt;".encode() in made.artifacts[0].data  # type: ignore[operator]
    assert made.article == "甲 <b>\n乙"


def test_a_file_is_its_own_article() -> None:
    file = capture(media_type="text/plain", body="文".encode())
    made = through(item(file, text="今天院子里的山茶开了三朵"), ReaderPipeline(20.0))
    assert (made.article, made.language, made.artifacts) == ("今天院子里的山茶开了三朵", "zh", [])


@pytest.mark.parametrize("declared", ["", "en-GB", "zh-CN"])
def test_the_language_of_a_latin_text_is_told_by_the_text(declared: str) -> None:
    text = "Today three camellias opened in the yard behind the house."
    assert detect_language(text, declared) == "en"


WARAY = "An Samar amo an ikatulo nga pinakadako nga isla ha Pilipinas ngan nakada ha Visayas."


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("สวนหลังบ้านมีดอกคามิเลียสามดอก", "", "th"),
        (WARAY, "war", "war"),
        (WARAY, "xx", "tl"),
        ("Today three camellias opened in the yard behind the house.", "de", "en"),
        ("Today three camellias opened in the yard behind the house.", "zh-Hans-CN", "en"),
        ("Heute haben sich drei Kamelien im Hof hinter dem Haus geöffnet.", "en", "de"),
        ("I dag åbnede tre kameliaer sig i gården bag huset.", "no", "no"),
    ],
)
def test_a_declared_language_counts_where_the_text_fits_it(
    text: str, declared: str, language: str
) -> None:
    assert detect_language(text, declared) == language
