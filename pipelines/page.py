"""How does the page stay viewable? `page.html`: UTF-8, no scripts, its style sheets inside."""

import asyncio
import logging
import re
from urllib.parse import urljoin

import lxml.html
from lxml.html import HtmlElement

from linkshot.model import Capture, Role
from pipelines.item import Kept, SnapshotItem

logger = logging.getLogger(__name__)

MAX_HTML = 30_000_000
DROPPED = (
    "script",
    "noscript",
    "base",
    "iframe",
    "frame",
    "object",
    "embed",
    "applet",
    "portal",
    "template",
)
ADDRESSES = {
    "a": ("href",),
    "area": ("href",),
    "img": ("src",),
    "video": ("poster", "src"),
    "audio": ("src",),
    "source": ("src",),
    "track": ("src",),
    "form": ("action",),
    "q": ("cite",),
    "blockquote": ("cite",),
}
POLICY = (
    "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline' data:; font-src data:; "
    "media-src data:; base-uri 'none'; form-action 'none'"
)
CSS_URL = re.compile(r"""url\(\s*(['"]?)(?!data:|#)([^'")]*)\1\s*\)""")


class PagePipeline:
    """Keeps `page.html` of HTML pages."""

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        """Scrapy calls it for every item."""
        capture = item.capture
        if capture is not None and capture.html:
            kept = await asyncio.to_thread(page_of, capture)
            if kept is not None:
                item.kept.append(kept)
        return item


def page_of(capture: Capture) -> Kept | None:
    """The page as one quiet file; None when it cannot be made (the snapshot lives without it)."""
    try:
        data = quiet(capture)
    except (ValueError, lxml.etree.LxmlError, RecursionError) as exc:
        logger.warning("page.html could not be made", extra={"error": type(exc).__name__})
        return None
    if len(data) > MAX_HTML:
        return None
    return Kept(role=Role.HTML, name="page.html", media_type="text/html; charset=utf-8", data=data)


def quiet(capture: Capture) -> bytes:
    """The document without anything that acts or asks the network; addresses are absolute."""
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    tree = lxml.html.document_fromstring(capture.html.encode("utf-8", "replace"), parser=parser)
    base = _base(tree, capture.final_url)
    _inline_styles(tree, capture.styles, base)
    for element in list(tree.iter()):
        _quieten(element, base)
    _head(tree, capture)
    body = lxml.html.tostring(tree, encoding="utf-8", doctype="<!DOCTYPE html>")
    return bytes(body)


def _base(tree: HtmlElement, url: str) -> str:
    node = tree.find(".//base")
    joined = urljoin(url, node.get("href") or "") if node is not None else url
    return joined if joined.startswith(("http://", "https://")) else url


def _inline_styles(tree: HtmlElement, styles: dict[str, str], base: str) -> None:
    """A <link rel=stylesheet> becomes a <style> with its text, where that is known."""
    for link in tree.xpath("//link"):
        rel = (link.get("rel") or "").lower().split()
        address = _joined(base, link.get("href") or "")
        text = styles.get(address)
        parent = link.getparent()
        if (
            "stylesheet" in rel
            and "alternate" not in rel
            and text is not None
            and parent is not None
        ):
            style = lxml.html.Element("style")
            if media := link.get("media"):
                style.set("media", media)
            style.text = _css(text, address)
            style.tail = link.tail
            parent.replace(link, style)


def _css(text: str, base: str) -> str:
    """Addresses absolute, and nothing that ends the element it stands in."""
    whole = CSS_URL.sub(lambda m: f'url("{_joined(base, m[2])}")', text)
    return re.sub(r"</(?=style)", r"<\\/", whole, flags=re.IGNORECASE)


def _quieten(element: HtmlElement, base: str) -> None:
    """Take out what acts; make addresses absolute."""
    if not isinstance(element.tag, str) or element.getparent() is None:
        return
    if element.tag in DROPPED or (element.tag == "meta" and element.get("http-equiv")):
        element.drop_tree()
        return
    if element.tag == "link" and "icon" not in (element.get("rel") or "").lower():
        element.drop_tree()
        return
    for name in list(element.attrib):
        value = element.attrib[name]
        lowered = name.lower()
        if (
            lowered.startswith("on")
            or lowered in ("integrity", "nonce", "ping", "srcdoc")
            or re.match(r"[\s\x00-\x1f]*(javascript|vbscript|data:text/html)", value, re.IGNORECASE)
        ):
            del element.attrib[name]
    for name in ADDRESSES.get(element.tag, ()):
        if value := element.get(name):
            element.set(name, _joined(base, value))
    if element.tag in ("input", "textarea") and element.get("type", "").lower() in (
        "password",
        "file",
    ):
        element.attrib.pop("value", None)


def _head(tree: HtmlElement, capture: Capture) -> None:
    head = tree.find("head")
    if head is None:
        head = lxml.html.Element("head")
        tree.insert(0, head)
    for node in head.xpath("./meta[@charset]"):
        node.drop_tree()
    facts = {
        "linkshot:url": capture.final_url,
        "linkshot:ts": capture.started_at.isoformat(),
    }
    for position, (name, content) in enumerate(facts.items()):
        head.insert(position, _meta({"name": name, "content": content}))
    head.insert(0, _meta({"http-equiv": "Content-Security-Policy", "content": POLICY}))
    head.insert(0, _meta({"charset": "utf-8"}))


def _meta(attributes: dict[str, str]) -> HtmlElement:
    made = lxml.html.Element("meta")
    for name, value in attributes.items():
        made.set(name, value)
    return made


def _joined(base: str, address: str) -> str:
    if address.startswith(("data:", "blob:", "#", "mailto:", "tel:")):
        return address
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return ""
