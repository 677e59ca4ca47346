"""Makes `page.html`: UTF-8, no scripts, its style sheets, fonts and pictures inside."""

import html as entities
import re

import lxml.html
from lxml.html import HtmlElement

from linkshot.domain.model import Capture, Role
from pipelines.item import Kept, SnapshotItem
from pipelines.optional_step import attempt
from pipelines.page_html.resource_inliner import Inside
from pipelines.page_html.sanitize_page import joined, quieten, sheet
from pipelines.page_html.strip_scripts import without_scripts
from pipelines.sandbox import run_limited

MAX_HTML = 30_000_000
XHTML = "application/xhtml+xml"
GIVEN_DOCTYPE = re.compile(r"\s*<!DOCTYPE\s[^<>]{1,1000}>", re.IGNORECASE)
"""As crawler/page/scripts/read.js writes it, the first thing of the document."""
DOCTYPE = re.compile(rb"\s*<!DOCTYPE[^>]*>\s*", re.IGNORECASE)
CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
POLICY = (
    "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline' data:; font-src data:; "
    "media-src data:; base-uri 'none'; form-action 'none'"
)


class PagePipeline:
    """Keeps `page.html` of HTML pages."""

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        """Scrapy calls it for every item."""
        if item.capture is not None and item.capture.html:
            await attempt(item, "page", add_page)
        return item


def add_page(item: SnapshotItem, capture: Capture) -> None:
    """Keep the page as one quiet file, unless it is too large."""
    made: tuple[bytes, int] = (b"", 0)
    if len(capture.html) <= MAX_HTML:
        facts = {"linkshot:url": capture.final_url, "linkshot:ts": capture.started_at.isoformat()}
        parts = (capture.styles, capture.parts)
        is_xml = capture.media_type == XHTML
        made = run_limited(page_of, capture.html, *parts, facts, is_xml, default=made)
    data, left_out = made
    if not 0 < len(data) <= MAX_HTML:
        item.partial.append("page")
        return
    if left_out := left_out + capture.parts_left_out:
        item.partial.append(f"parts_left_out:{left_out}")
    item.kept.append(
        Kept(role=Role.HTML, name="page.html", media_type="text/html; charset=utf-8", data=data)
    )


def page_of(
    html: str,
    sheets: dict[str, str],
    parts: dict[str, str],
    facts: dict[str, str],
    is_xml: bool = False,  # the limited child takes positions only
) -> tuple[bytes, int]:
    """The document without anything that acts or asks the network, its addresses absolute; and the
    number of parts for which there was no room.

    Runs in the limited child. `parts` are the pictures and fonts that come inside, by address;
    `facts` become <meta> elements; `linkshot:url` is among them.
    """
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True)
    source = without_scripts(html).replace("\x00", "\ufffd").encode("utf-8", "replace")
    tree = lxml.html.document_fromstring(source, parser=parser)
    base = _base(tree, facts["linkshot:url"])
    if is_xml:
        _read_styles(tree)
    _inline_sheets(tree, sheets, base)
    quieten(tree, base)
    inside = Inside(parts, sheets, base)
    inside.bring_in(tree)
    _declare(tree, facts)
    made = DOCTYPE.sub(b"", lxml.html.tostring(tree, encoding="utf-8"), count=1)
    return doctype_of(html, is_xml=is_xml).encode("utf-8", "replace") + made, len(inside.left_out)


def doctype_of(html: str, *, is_xml: bool) -> str:
    """The doctype line that the page had: without one it is laid out in quirks mode, with a legacy
    one in limited quirks (HTML Standard §13.2.6.4.1). XML has no quirks, so it gets the plain one."""
    found = GIVEN_DOCTYPE.match(html)
    if found:
        return f"{found[0].strip()}\n"
    return "<!DOCTYPE html>\n" if is_xml else ""


def _read_styles(tree: HtmlElement) -> None:
    """In XML the text of a style is escaped, or stands in CDATA sections (XML 1.0 §2.7)."""
    for style in tree.iter("style"):
        pieces = CDATA.split(style.text or "")
        pieces[::2] = map(entities.unescape, pieces[::2])
        style.text = "".join(pieces)


def _base(tree: HtmlElement, url: str) -> str:
    node = tree.find(".//base[@href]")
    base = joined(url, node.get("href")) if node is not None else joined(url, "")
    return base if base.startswith(("http://", "https://")) else url


def _inline_sheets(tree: HtmlElement, sheets: dict[str, str], base: str) -> None:
    """A <link rel=stylesheet> becomes a <style> with its text, where that is known."""
    for link in tree.xpath("//link[@href]"):
        rel = (link.get("rel") or "").lower().split()
        address = joined(base, link.get("href")) if "stylesheet" in rel else ""
        text = sheets.get(address.partition("#")[0])
        if text is None or "alternate" in rel or link.getparent() is None:
            continue
        style = lxml.html.Element("style")
        if media := link.get("media"):
            style.set("media", media)
        style.text = sheet(text, address)
        style.tail = link.tail
        link.getparent().replace(link, style)


def _declare(tree: HtmlElement, facts: dict[str, str]) -> None:
    """Charset first, then the policy and where the page is from."""
    head = tree.find("head")
    if head is None:
        head = lxml.html.Element("head")
        tree.insert(0, head)
    head.text = None
    metas = [{"charset": "utf-8"}, {"http-equiv": "Content-Security-Policy", "content": POLICY}]
    metas += [{"name": name, "content": content} for name, content in facts.items()]
    for position, attributes in enumerate(metas):
        head.insert(position, lxml.html.Element("meta", attributes))
