"""The article, for reading."""

import lxml.html
import pytest

from pipelines.article import Article, extract_article
from pipelines.reader import ReaderPipeline, render_reader
from pipelines.reader_markup import clean, to_html, to_markdown, to_text
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


def plain(html: str) -> lxml.html.HtmlElement:
    return clean(lxml.html.document_fromstring(html).find("body"))


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


def test_the_reader_view_has_plain_elements_and_links_only() -> None:
    html = (
        "<p onclick=x style=y class=z>甲<a href='javascript:1'>乙</a><a href='http://b.example/'>丙</a>"
        "<svg><script>x</script></svg><math><mi>丁</mi></math><img src=x onerror=y></p>"
        "<form><input value=1></form><div>戊</div>"
    )
    assert to_html(plain(html)) == '<p>甲<a>乙</a><a href="http://b.example/">丙</a></p><p>戊</p>'


def test_text_of_an_article_has_a_block_a_line() -> None:
    assert to_text(plain("甲<p>乙 <b>丙</b>丁<br>戊</p>己<ul><li>庚</li></ul>")) == (
        "甲\n乙 丙丁\n戊\n己\n庚"
    )


def test_an_article_is_markdown_too() -> None:
    html = (
        "<h2>题</h2><p>甲 <strong>乙</strong> <a href='http://b.example/(x)'>丙</a></p>"
        "<ul><li>一<ol><li>二</li></ol></li></ul><blockquote><p>引</p></blockquote>"
        "<pre>a\n b</pre><table><tr><th>左</th><td>右|中</td></tr></table>"
    )
    assert to_markdown(plain(html)) == (
        "## 题\n\n甲 **乙** [丙](<http://b.example/(x)>)\n\n- 一\n  1. 二\n\n> 引\n\n"
        "```\na\n b\n```\n\n| 左 | 右\\|中 |"
    )


@pytest.mark.parametrize("tag", ["ul><li", "blockquote", "em", "div"])
def test_deep_nesting_ends(tag: str) -> None:
    deep = plain(f"<{tag}>" * 5000 + "文")
    assert to_markdown(deep) is not None
    assert to_text(deep) is not None


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
