"""What may stand in the reader view, as HTML, Markdown and text."""

import lxml.html
import pytest

from pipelines.reader_markup import clean, to_html, to_markdown, to_text


def plain(html: str) -> lxml.html.HtmlElement:
    return clean(lxml.html.document_fromstring(html).find("body"))


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


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>a<br>b</p>", "a\\\nb"),
        ("<p><em>a</em> <del>b</del> <code>c</code></p>", "*a* ~~b~~ `c`"),
        ("<p><b></b>a</p>", "a"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("<hr>", "---"),
        ("<p>a &lt; b &amp; c</p>", "a < b & c"),
    ],
    ids=["line break", "emphasis", "empty emphasis", "numbers", "rule", "signs"],
)
def test_an_element_has_its_sign_in_markdown(html: str, markdown: str) -> None:
    assert to_markdown(plain(html)) == markdown


def test_signs_of_markup_stay_text_in_html() -> None:
    assert to_html(plain("a &lt;b&gt; &amp; c")) == "a &lt;b&gt; &amp; c"
