"""Which part of a page is the article? Runs in the limited child: parsers hang on hostile HTML."""

from dataclasses import dataclass, replace

import lxml.html
from lxml.html import HtmlElement

from pipelines.page_html.strip_scripts import without_scripts
from pipelines.reader_markup import cleaned, html_of, markdown_of, text_of

SHORT = 300
"""Characters under which trafilatura's answer is doubted (it falls back to flat text then)."""
BETTER = 1.3
"""So many times as much text another finder must bring to be believed more."""
MAX_HTML = 8_000_000
CONTAINERS = "//article | //main | //section | //div | //td | //body"
MAX_CONTAINERS = 3000
FURNITURE = "//script|//style|//noscript|//nav|//header|//footer|//aside|//form|//template"
WRITING = "./p|./h2|./h3|./h4|./ul|./ol|./blockquote|./pre"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The readable part of a page."""

    html: str = ""
    """Body of a plain document: headings, paragraphs, lists, links."""
    markdown: str = ""
    text: str = ""
    linked: int = 0
    """Characters of the text that are links."""
    author: str = ""
    date: str = ""
    title: str = ""
    by: str = "none"
    """Who found it: trafilatura, readability, density or none."""

    @property
    def paragraphs(self) -> int:
        """How many it has; flat text has one."""
        return self.html.count("<p") + self.html.count("<li")


def extract(html: str, url: str) -> Article:
    """The article of a rendered page; by="none" when nothing readable was found.

    The answer of trafilatura when it has some length and structure; else the best of it,
    readability and the densest container.
    """
    html = without_scripts(html[:MAX_HTML])
    found = _trafilatura(html, url)
    if len(found.text) >= SHORT and found.paragraphs > 1:
        return found
    best = max(_densest(html), _readability(html), key=_worth)
    if _worth(best) <= BETTER * _worth(found):
        return found
    return replace(best, author=found.author, date=found.date, title=found.title or best.title)


def _worth(found: Article) -> int:
    """Text that is not links; flat text says little about what is the article."""
    words = len(found.text) - 2 * found.linked
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
    told = {meta.get("name"): meta.get("content", "") for meta in tree.iterfind(".//meta")}
    body = tree.find("body")
    return replace(
        _article(tree if body is None else body, "trafilatura"),
        author=told.get("author", ""),
        date=told.get("date", ""),
        title=told.get("title", ""),
    )


def _readability(html: str) -> Article:
    from readability import Document

    try:
        made = Document(html)
        tree = lxml.html.fromstring(made.summary(html_partial=True))
        return replace(_article(tree, "readability"), title=made.short_title())
    except Exception:  # noqa: BLE001  # it raises whatever its parser raises
        return Article()


def _densest(html: str) -> Article:
    """The container whose own paragraphs have the most text that is not links."""
    try:
        tree = lxml.html.document_fromstring(html)
    except (lxml.etree.LxmlError, ValueError):
        return Article()
    for node in tree.xpath(FURNITURE):
        node.drop_tree()
    best = max(tree.xpath(CONTAINERS)[:MAX_CONTAINERS], key=_density, default=None)
    return Article() if best is None or _density(best) <= 0 else _article(best, "density")


def _density(node: HtmlElement) -> int:
    pieces = node.xpath(WRITING)
    linked = sum(len(link.text_content()) for piece in pieces for link in piece.iter("a"))
    return sum(len(piece.text_content().strip()) for piece in pieces) - 2 * linked


def _article(node: HtmlElement, by: str) -> Article:
    plain = cleaned(node)
    text = text_of(plain)
    if not text:
        return Article()
    linked = sum(len(link.text_content().strip()) for link in plain.iter("a"))
    return Article(
        html=html_of(plain), markdown=markdown_of(plain), text=text, linked=linked, by=by
    )
