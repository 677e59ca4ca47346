"""Which part of a page is the article? Runs in the limited child: parsers hang on hostile HTML."""

from dataclasses import dataclass

import lxml.html
from lxml.html import HtmlElement

SHORT = 300
"""Characters under which trafilatura's answer is doubted (it falls back to flat text then)."""
MAX_HTML = 8_000_000
DENSE_TAGS = "//article | //main | //section | //div | //td"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The readable part of a page."""

    html: str = ""
    """Body of a plain document: headings, paragraphs, lists, links."""
    markdown: str = ""
    text: str = ""
    author: str = ""
    date: str = ""
    title: str = ""
    by: str = "none"
    """Who found it: trafilatura, readability, density or none."""


def extract(html: str, url: str) -> Article:
    """The article of a rendered page; by="none" when nothing readable was found."""
    html = html[:MAX_HTML]
    found = _trafilatura(html, url)
    if len(found.text) >= SHORT and "</p>" in found.html and found.html.count("<p") > 1:
        return found
    others = [one for one in (_readability(html), _densest(html)) if one.text]
    better = max(others, key=lambda one: one.html.count("<p") * 50 + len(one.text), default=found)
    if len(better.text) > len(found.text) or found.html.count("<p") <= 1:
        return Article(
            html=better.html,
            markdown=better.text,
            text=better.text,
            author=found.author,
            date=found.date,
            title=found.title or better.title,
            by=better.by,
        )
    return found


def _trafilatura(html: str, url: str) -> Article:
    import trafilatura

    document = trafilatura.bare_extraction(
        html, url=url, favor_precision=True, include_links=True, include_images=False,
        include_formatting=True, include_comments=False, with_metadata=True,
    )  # fmt: skip
    if document is None or isinstance(document, dict):
        return Article()
    rendered = _rendered(html, url, "html")
    markdown = _rendered(html, url, "markdown")
    return Article(
        html=_body(rendered),
        markdown=markdown,
        text=document.text or "",
        author=document.author or "",
        date=document.date or "",
        title=document.title or "",
        by="trafilatura" if document.text else "none",
    )


def _rendered(html: str, url: str, form: str) -> str:
    import trafilatura

    made = trafilatura.extract(
        html,
        url=url,
        output_format=form,
        favor_precision=True,
        include_links=True,
        include_formatting=True,
        include_comments=False,
    )
    return made or ""


def _readability(html: str) -> Article:
    from readability import Document

    try:
        made = Document(html)
        summary = made.summary(html_partial=True)
        tree = lxml.html.fromstring(summary)
    except Exception:  # noqa: BLE001  # it raises whatever its parser raises
        return Article()
    return Article(html=_clean(tree), text=_text(tree), title=made.short_title(), by="readability")


def _densest(html: str) -> Article:
    """The container with the most text that is not links."""
    try:
        tree = lxml.html.fromstring(html)
    except Exception:  # noqa: BLE001  # lxml raises several kinds on broken input
        return Article()
    for node in tree.xpath("//script|//style|//noscript|//nav|//header|//footer|//aside|//form"):
        node.drop_tree()
    best = max(tree.xpath(DENSE_TAGS)[:5000], key=_density, default=None)
    if best is None:
        return Article()
    return Article(html=_clean(best), text=_text(best), by="density")


def _density(node: HtmlElement) -> float:
    text = sum(len(p.text_content().strip()) for p in node.xpath("./p|./h2|./h3|./ul|./blockquote"))
    links = sum(len(a.text_content()) for a in node.xpath(".//a"))
    return float(text - 2 * links)


def _body(document: str) -> str:
    """What stands inside <body>, cleaned."""
    if not document:
        return ""
    tree = lxml.html.fromstring(document)
    body = tree.find("body")
    return _clean(body if body is not None else tree)


KEPT_TAGS = frozenset(
    [
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "blockquote",
        "pre",
        "code",
        "em",
        "strong",
        "b",
        "i",
        "u",
        "s",
        "sub",
        "sup",
        "a",
        "br",
        "hr",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "th",
        "td",
        "caption",
        "figure",
        "figcaption",
        "q",
        "cite",
        "abbr",
        "time",
        "ruby",
        "rt",
        "rp",
        "del",
        "ins",
        "mark",
        "small",
    ]
)


def _clean(node: HtmlElement) -> str:
    """Only plain text elements and http(s) links, no attributes besides."""
    for element in list(node.iterdescendants()):
        if not isinstance(element.tag, str) or element.tag in (
            "script",
            "style",
            "svg",
            "iframe",
            "object",
            "embed",
            "form",
        ):
            element.drop_tree()
        elif element.tag not in KEPT_TAGS:
            element.drop_tag()
        else:
            _strip(element)
    inner = (node.text or "") + "".join(
        lxml.html.tostring(child, encoding="unicode") for child in node
    )
    return inner if "<" in inner else f"<p>{inner}</p>"


def _strip(element: HtmlElement) -> None:
    href = element.get("href", "")
    element.attrib.clear()
    if element.tag == "a" and href.startswith(("http://", "https://")):
        element.set("href", href)


def _text(node: HtmlElement) -> str:
    lines = (" ".join(line.split()) for line in node.text_content().splitlines())
    return "\n\n".join(line for line in lines if line)
