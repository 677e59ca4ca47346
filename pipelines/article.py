"""Finds the article in a page. Call it in the sandbox process: parsers hang on hostile HTML."""

from dataclasses import dataclass, replace

import lxml.html
from lxml.html import HtmlElement

from pipelines.page_html.strip_scripts import strip_scripts
from pipelines.reader_markup import clean, to_html, to_markdown, to_text

MIN_CHARS = 300
"""Below this many characters other extractors are tried (trafilatura then returns flat text)."""
MIN_RATIO = 1.3
"""Ratio by which the score of another extractor must exceed that of trafilatura."""
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
    link_chars: int = 0
    """Characters of the text that are in links."""
    author: str = ""
    date: str = ""
    title: str = ""
    extractor: str = "none"
    """The extractor: trafilatura, readability, density, text or none."""

    @property
    def paragraphs(self) -> int:
        """The number of paragraphs and list items; flat text has one."""
        return self.html.count("<p") + self.html.count("<li")


def extract_article(html: str, url: str) -> Article:
    """The article of a rendered page; extractor="none" if nothing readable was found.

    The result of trafilatura if it has some length and structure, else the best of it, readability
    and the densest container.
    """
    html = strip_scripts(html[:MAX_HTML])
    found = _trafilatura(html, url)
    if len(found.text) >= MIN_CHARS and found.paragraphs > 1:
        return found
    best = max(_densest_container(html), _readability(html), key=_score)
    if _score(best) <= MIN_RATIO * _score(found):
        return found
    return replace(best, author=found.author, date=found.date, title=found.title or best.title)


def _score(found: Article) -> int:
    """Characters outside links; flat text counts a quarter, because it has lost the article's structure."""
    words = len(found.text) - 2 * found.link_chars
    return words if found.paragraphs > 1 else words // 4


def _trafilatura(html: str, url: str) -> Article:
    import trafilatura

    document = trafilatura.extract(
        html, url=url, output_format="html", favor_precision=True, include_links=True,
        include_formatting=True, include_comments=False, with_metadata=True,
    )  # fmt: skip
    if not document:
        return Article()
    tree = lxml.html.document_fromstring(document)
    metadata = {meta.get("name"): meta.get("content", "") for meta in tree.iterfind(".//meta")}
    body = tree.find("body")
    return replace(
        _build_article(tree if body is None else body, "trafilatura"),
        author=metadata.get("author", ""),
        date=metadata.get("date", ""),
        title=metadata.get("title", ""),
    )


def _readability(html: str) -> Article:
    from readability import Document

    try:
        made = Document(html)
        tree = lxml.html.fromstring(made.summary(html_partial=True))
        return replace(_build_article(tree, "readability"), title=made.short_title())
    except Exception:  # noqa: BLE001  # it raises whatever its parser raises
        return Article()


def _densest_container(html: str) -> Article:
    """The container whose own paragraphs have the most text outside links."""
    try:
        tree = lxml.html.document_fromstring(html)
    except (lxml.etree.LxmlError, ValueError):
        return Article()
    for node in tree.xpath(BOILERPLATE):
        node.drop_tree()
    best = max(tree.xpath(CONTAINERS)[:MAX_CONTAINERS], key=_density, default=None)
    return Article() if best is None or _density(best) <= 0 else _build_article(best, "density")


def _density(node: HtmlElement) -> int:
    pieces = node.xpath(PROSE)
    linked = sum(len(link.text_content()) for piece in pieces for link in piece.iter("a"))
    return sum(len(piece.text_content().strip()) for piece in pieces) - 2 * linked


def _build_article(node: HtmlElement, extractor: str) -> Article:
    plain = clean(node)
    text = to_text(plain)
    if not text:
        return Article()
    linked = sum(len(link.text_content().strip()) for link in plain.iter("a"))
    return Article(
        html=to_html(plain),
        markdown=to_markdown(plain),
        text=text,
        link_chars=linked,
        extractor=extractor,
    )
