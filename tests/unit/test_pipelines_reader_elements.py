"""Code, formulas, lists in tables and hidden text in the reader view."""

import lxml.html
import pytest

from pipelines.article import extract_article
from pipelines.article_elements import article_elements
from pipelines.reader_markup import clean, to_html, to_markdown, to_text
from pipelines.reader_text_elements import plain_elements


def read(html: str) -> lxml.html.HtmlElement:
    page = lxml.html.document_fromstring(html)
    plain_elements(page)
    return clean(page.find("body"))


LINES = "a {\n    b;\n}"


@pytest.mark.parametrize(
    "html",
    [
        "<pre>a {\n    b;\n}</pre>",
        "<pre><code class=x>a {\n    b;\n}\n</code></pre>",
        "<pre>a {<br>    b;<br>}</pre>",
        "<pre><code>a {</code><code>    b;</code><code>}</code></pre>",
        "<pre><div>a {</div><div>    b;</div><div>}</div></pre>",
        "<pre><ol><li>a {</li><li>    b;</li><li>}</li></ol></pre>",
        "<div class=highlight><table><tr><td><pre>1\n2\n3</pre></td><td><pre><span>a {</span>\n<span>    b;</span>\n<span>}</span>\n</pre></td></tr></table></div>",
        "<pre><span>a {\n</span><span>    b;\n</span><span>}\n</span></pre>",
    ],
    ids=["plain", "code", "breaks", "a code a line", "a box a line", "a list", "gutter", "spans"],
)  # fmt: skip
def test_code_keeps_its_lines_and_indentation(html: str) -> None:
    made = read(f"<p>前</p>{html}<p>后</p>")
    assert f"<pre>{LINES}</pre>" in to_html(made)
    assert to_markdown(made) == f"前\n\n```\n{LINES}\n```\n\n后"
    assert to_text(made).splitlines() == ["前", "a {", "b;", "}", "后"]


def test_a_table_of_numbers_and_code_is_no_gutter() -> None:
    assert "<table>" in to_html(read("<table><tr><td>端口</td><td><pre>80</pre></td></tr></table>"))


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<math><mi>x</mi><mo>=</mo><mn>1</mn></math>", "x=1"),
        ("<math alttext='x^2'><msup><mi>x</mi><mn>2</mn></msup></math>", "$x^2$"),
        ("<span class=katex><span class=katex-mathml><math><semantics><mi>x</mi><annotation "
         "encoding='application/x-tex'>x_1</annotation></semantics></math></span>"
         "<span class=katex-html aria-hidden=true>x1</span></span>", "$x_1$"),
        ("<img class=tex alt='\\frac12' src=x>", "\\frac12"),
    ],
    ids=["signs", "alttext", "katex", "picture"],
)  # fmt: skip
def test_a_formula_is_its_source(html: str, text: str) -> None:
    assert to_text(read(f"<p>设 {html} 成立</p>")) == f"设 {text} 成立"


def test_cells_keep_lists_and_lines_apart() -> None:
    html = "<table><tr><th>甲</th><th>乙</th></tr><tr><td><ul><li>一</li><li>二</li></ul></td><td>三<br>四</td></tr></table>"
    assert to_markdown(read(html)) == "| 甲 | 乙 |\n| --- | --- |\n| 一<br>二 | 三<br>四 |"


def test_a_list_item_has_code_below_it_and_numbers_go_on() -> None:
    html = "<ol start=3><li>运行<pre>make</pre></li><li>完成<ul><li>记下</li></ul></li></ol>"
    made = read(html)
    assert '<ol start="3">' in to_html(made)
    assert to_markdown(made) == "3. 运行\n\n   ```\n   make\n   ```\n4. 完成\n   - 记下"


def test_pronunciation_stands_beside_words() -> None:
    made = read(
        "<p>今は昔、<ruby><rb>竹取</rb><rp>（</rp><rt>たけとり</rt><rp>）</rp></ruby>の翁</p>"
    )
    assert to_text(made) == "今は昔、竹取の翁"
    assert to_markdown(made) == "今は昔、竹取（たけとり）の翁"


def test_inline_code_stays_in_its_sentence() -> None:
    assert (
        to_markdown(read("<p>用 <code>x</code> 运行 <span>程序</span>。</p>"))
        == "用 `x` 运行 程序。"
    )


def test_text_between_blocks_is_a_paragraph() -> None:
    assert (
        to_html(read("甲<b>乙</b><p>丙</p>丁 <i>戊</i>"))
        == "<p>甲<b>乙</b></p><p>丙</p><p>丁 <i>戊</i></p>"
    )


PROSE = "院子里的山茶开了三朵，红的两朵，白的一朵，邻居说这棵树已经有六十年了。"


def test_hidden_text_is_left_out() -> None:
    secret = "这一段文字是写给搜索引擎看的，读者在页面上是看不到它的，也不应当看到。"
    body = "".join(f"<p>第{at}天，{PROSE}</p>" for at in range(8))
    page = f"<body><article><h1>山茶</h1>{body}<p class=seo>{secret}</p>{body.replace('第', '又第')}</article></body>"
    seen = page.replace(secret, "").replace("</p>", "\n\n")
    assert secret in extract_article(page, "http://a.example/").text
    visible = lxml.html.fromstring(seen).text_content()
    assert secret not in extract_article(page, "http://a.example/", visible).text
    styled = page.replace("class=seo", "style='display: none'")
    assert secret not in extract_article(styled, "http://a.example/").text


def test_an_article_inside_of_a_form_is_read() -> None:
    body = "".join(f"<p>第{at}天，{PROSE}</p>" for at in range(8))
    page = f"<body><form action=/><input name=q><div><h1>山茶</h1>{body}</div></form></body>"
    assert extract_article(page, "http://a.example/").text.count(PROSE) == 8


def test_an_extract_that_is_not_of_the_page_changes_nothing() -> None:
    page = lxml.html.document_fromstring(f"<body><p>{PROSE}</p></body>")
    other = lxml.html.fromstring(
        "<div><p>完全不同的文字，讲的是另外一件事情，与上面没有关系。</p></div>"
    )
    assert not article_elements(page, other)
    assert PROSE in page.text_content()


def test_deeply_nested_pages_are_left_as_they_are() -> None:
    page = lxml.html.document_fromstring("<div>" * 400 + f"<p>{PROSE}</p>")
    assert not article_elements(page, page)


LAMP = "Evening {0}: the keeper wrote down the height of the tide, the wind and every ship that passed. "
FIGURES = {
    "a figure": "<figure><img src=a.jpg alt=x><figcaption>{}</figcaption></figure>",
    "of a block editor": "<figure class=wp-block-image><img src=a.jpg><figcaption class=wp-element-caption>{}</figcaption></figure>",
    "a paragraph in it": "<figure><div><img src=a.jpg></div><figcaption><p>{}</p></figcaption></figure>",
    "with a linked credit": "<figure><a href=a.jpg><img src=a.jpg></a><figcaption>{} <a href=/j>J. Roe</a></figcaption></figure>",
    "in a box": "<div class=picture><figure><img src=a.jpg><figcaption>{}</figcaption></figure></div>",
    "a slide show": "<div class=slides><figure><img src=a.jpg></figure><figure><img src=b.jpg><figcaption>{}</figcaption></figure></div>",
}


def read_article(*parts: str) -> str:
    article = f"<article><h1>The lamp</h1>{''.join(parts)}</article>"
    page = f"<body><nav><a href=/>Home</a></nav>{article}<footer>f</footer></body>"
    return extract_article(page, "http://a.example/").text


def evenings(first: int, last: int) -> str:
    return "".join(f"<p>{LAMP.format(at) * 2}</p>" for at in range(first, last))


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)
def test_captions_of_figures_stand_in_the_article_where_they_stood(figure: str) -> None:
    first, middle, last = (
        figure.format(f"The lamp room in {year}.") for year in (1900, 1910, 1920)
    )
    lines = read_article(first, evenings(0, 3), middle, evenings(3, 6), last).splitlines()
    years = [line.split(".")[0][-4:] for line in lines if line.startswith("The lamp room")]
    assert years == ["1900", "1910", "1920"]
    assert [at for at, line in enumerate(lines) if "lamp room" in line] == [1, 5, 9]


def test_a_caption_that_stands_twice_is_said_once() -> None:
    figure = FIGURES["a figure"].format("The lamp room from below.")
    assert read_article(evenings(0, 3), figure, figure, evenings(3, 6)).count("lamp room") == 1


def test_pictures_that_lead_elsewhere_are_no_part_of_the_article() -> None:
    card = "<figure><a href=/b><img src=b.jpg></a><figcaption><a href=/b>Ten towers to see</a></figcaption></figure>"
    assert "Ten towers" not in read_article(evenings(0, 3), card, evenings(3, 6), card)
