"""Finds the article in a page. Call it in the sandbox process: parsers hang on hostile HTML."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace

import lxml.etree
import lxml.html
from lxml.html import HtmlElement

from pipelines.article_date import is_date_of_page
from pipelines.article_elements import article_elements, linkless_chars
from pipelines.page_html.strip_scripts import strip_scripts
from pipelines.reader_markup import clean, to_html, to_markdown, to_text
from pipelines.reader_text_elements import plain_elements
from pipelines.shadow_roots import open_shadow_roots

MIN_CHARS = 300
"""Below this many characters other extractors are tried (trafilatura then returns flat text)."""
MIN_RATIO = 1.3
"""Ratio by which the text outside links of another extractor must exceed that of trafilatura."""
MAX_HTML = 8_000_000
CONTAINERS = "//article | //main | //section | //div | //td | //body"
MAX_CONTAINERS = 3000
BOILERPLATE = "//script|//style|//noscript|//nav|//header|//footer|//aside|//form|//template"
PROSE = "./p|./h2|./h3|./h4|./ul|./ol|./blockquote|./pre"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The readable part of a page."""

    html: str = ""
    """Content of <body>: headings, paragraphs, lists, links."""
    markdown: str = ""
    text: str = ""
    author: str = ""
    date: str = ""
    title: str = ""
    extractor: str = "none"
    """The extractor: trafilatura, readability, density, text or none."""

    @property
    def paragraphs(self) -> int:
        """The number of paragraphs and list items; flat text has one."""
        return self.html.count("<p") + self.html.count("<li")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What an extractor took out of the page."""

    extractor: str
    body: HtmlElement | None = None
    author: str = ""
    date: str = ""
    title: str = ""

    @property
    def chars(self) -> int:
        return 0 if self.body is None else len(to_text(self.body))

    @property
    def score(self) -> int:
        """Characters outside links; flat text counts a quarter, because it has lost the article's
        structure."""
        if self.body is None:
            return 0
        linked = sum(len(link.text_content().strip()) for link in self.body.iter("a"))
        words = self.chars - 2 * linked
        return words if self.is_structured else words // 4

    @property
    def is_structured(self) -> bool:
        return self.body is not None and len(self.body.xpath(".//p|.//li")) > 1


def extract_article(html: str, url: str, visible: str = "") -> Article:
    """The article of a rendered page; extractor="none" if nothing readable was found.

    Trafilatura says where it is, or readability or the densest container where one of these has notably
    more text outside links; the page's own elements are kept. `visible` is the text that readers see.
    """
    page = _parse(open_shadow_roots(strip_scripts(html[:MAX_HTML])))
    if page is None:
        return Article()
    plain_elements(page)
    source = lxml.html.tostring(page, encoding="unicode")
    found = _best(source, page, url)
    if found.date and not is_date_of_page(found.date, page, source):
        found = replace(found, date="")
    if found.body is None:
        return Article(title=found.title, author=found.author, date=found.date)
    if article_elements(page, found.body, visible) and (article := _article_of(page, found)).text:
        return article
    return _article_of(found.body, found)


def _best(html: str, page: HtmlElement, url: str) -> _Found:
    found = _trafilatura(html, url)
    others: list[Callable[[], _Found]] = []
    if MIN_RATIO * found.score < linkless_chars(page):
        others.append(lambda: _readability(html))
    if found.chars < MIN_CHARS or not found.is_structured:
        others.append(lambda: _densest_container(page))
    best = max((other() for other in others), key=lambda one: one.score, default=found)
    if best.score <= MIN_RATIO * found.score:
        return found
    return replace(best, author=found.author, date=found.date, title=found.title or best.title)


def _parse(html: str) -> HtmlElement | None:
    if not html.strip():
        return None
    try:
        return lxml.html.document_fromstring(html)
    except (lxml.etree.LxmlError, ValueError):
        return None


def _trafilatura(html: str, url: str) -> _Found:
    import trafilatura

    document = trafilatura.extract(
        html, url=url, output_format="html", favor_precision=True, include_links=True,
        include_formatting=True, include_comments=False, with_metadata=True,
    )  # fmt: skip
    if not document:
        return _Found(extractor="trafilatura")
    tree = lxml.html.document_fromstring(document)
    metadata = {meta.get("name"): meta.get("content", "") for meta in tree.iterfind(".//meta")}
    body = tree.find("body")
    return _Found(
        body=clean(tree if body is None else body),
        extractor="trafilatura",
        author=metadata.get("author", ""),
        date=metadata.get("date", ""),
        title=metadata.get("title", ""),
    )


def _readability(html: str) -> _Found:
    from readability import Document

    try:
        made = Document(html)
        tree = lxml.html.fromstring(made.summary(html_partial=True))
        return _Found(body=clean(tree), extractor="readability", title=made.short_title())
    except Exception:  # noqa: BLE001  # it raises whatever its parser raises
        return _Found(extractor="readability")


def _densest_container(page: HtmlElement) -> _Found:
    """The container whose own paragraphs have the most text outside links."""
    tree = deepcopy(page)
    for node in tree.xpath(BOILERPLATE):
        node.drop_tree()
    best = max(tree.xpath(CONTAINERS)[:MAX_CONTAINERS], key=_density, default=None)
    if best is None or _density(best) <= 0:
        return _Found(extractor="density")
    return _Found(body=clean(best), extractor="density")


def _density(node: HtmlElement) -> int:
    pieces = node.xpath(PROSE)
    linked = sum(len(link.text_content()) for piece in pieces for link in piece.iter("a"))
    return sum(len(piece.text_content().strip()) for piece in pieces) - 2 * linked


def _article_of(node: HtmlElement, found: _Found) -> Article:
    plain = clean(node)
    text = to_text(plain)
    if not text:
        return Article()
    return Article(
        html=to_html(plain),
        markdown=to_markdown(plain),
        text=text,
        author=found.author,
        date=found.date,
        title=found.title,
        extractor=found.extractor,
    )
