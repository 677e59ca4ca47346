"""Builds `page.html`: one UTF-8 file without scripts, with style sheets, fonts and images inline.

It must be safe to open from disk in any browser: nothing runs, nothing is fetched. The replay of
web/ adds its own sandbox but does not depend on it.
"""

import html as entities
import re

import lxml.html
from lxml.html import HtmlElement

from linkshot.domain.model import Capture, Role
from pipelines.item import PendingArtifact, SnapshotItem
from pipelines.optional_step import run_optional
from pipelines.page_html.frozen_page import build_frozen_page
from pipelines.page_html.head import doctype_of, insert_metadata
from pipelines.page_html.resource_inliner import ResourceInliner
from pipelines.page_html.resources import ResourceMap, is_shown
from pipelines.page_html.sanitize_page import absolute_url, sanitize, sanitize_stylesheet
from pipelines.page_html.strip_scripts import strip_scripts
from pipelines.sandbox import run_sandboxed

MAX_HTML = 30_000_000
XHTML = "application/xhtml+xml"
DOCTYPE = re.compile(rb"\s*<!DOCTYPE[^>]*>\s*", re.IGNORECASE)
CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)


class PagePipeline:
    """Adds `page.html` of HTML pages; one that ends the browser here would end a reader's, too."""

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        if item.capture is not None and item.capture.html and item.capture.is_rendered:
            await run_optional(item, "page", add_page)
        return item


def add_page(item: SnapshotItem, capture: Capture) -> None:
    """Adds the page as one sanitized file, unless it is too large."""
    facts = {"linkshot:url": capture.final_url, "linkshot:ts": capture.started_at.isoformat()}
    data, left_out = _build_frozen(item, capture, facts)
    if not data:
        data, left_out = _build_simple(capture, facts)
    if not 0 < len(data) <= MAX_HTML:
        item.partial.append("page")
        return
    if left_out:
        item.partial.append(f"parts_left_out:{left_out}")
    item.artifacts.append(
        PendingArtifact(
            role=Role.HTML, name="page.html", media_type="text/html; charset=utf-8", data=data
        )
    )


def _build_frozen(item: SnapshotItem, capture: Capture, facts: dict[str, str]) -> tuple[bytes, int]:
    """The frozen page; empty when there is none, it is too large or it cannot be built."""
    nothing = (b"", 0)
    if capture.frozen is None:
        return nothing
    resources = _resources(capture)
    made: tuple[bytes, int] = run_sandboxed(
        build_frozen_page, capture.frozen, resources, facts, default=nothing
    )
    if not 0 < len(made[0]) <= MAX_HTML:
        item.partial.append("freeze")
        return nothing
    if left_out := capture.frozen.frames_left_out:
        item.partial.append(f"frames_left_out:{left_out}")
    return made[0], made[1] + resources.count_broken(capture.exchanges)


def _resources(capture: Capture) -> ResourceMap:
    """What a visit recorded, or an upload brought along."""
    recorded = ResourceMap.of(filter(is_shown, capture.exchanges))
    return recorded | ResourceMap.of_parts(capture.styles, capture.parts)


def _build_simple(capture: Capture, facts: dict[str, str]) -> tuple[bytes, int]:
    """The page from its HTML alone."""
    nothing = (b"", 0)
    if len(capture.html) > MAX_HTML:
        return nothing
    resources = _resources(capture)
    parts = resources.as_parts()
    is_xml = capture.media_type == XHTML
    made: tuple[bytes, int] = run_sandboxed(
        build_page, capture.html, *parts, facts, is_xml, default=nothing
    )
    return made[0], made[1] + resources.count_broken(capture.exchanges)


def build_page(
    html: str,
    sheets: dict[str, str],
    parts: dict[str, str],
    facts: dict[str, str],
    is_xml: bool = False,  # the sandbox process takes positions only
) -> tuple[bytes, int]:
    """The sanitized document with absolute URLs, and the number of parts that did not fit.

    Runs in the sandbox process. `sheets` maps URLs to CSS, `parts` maps URLs of images and fonts to
    data: URLs; `facts` become <meta> elements and must include `linkshot:url`.
    """
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True)
    source = strip_scripts(html).replace("\x00", "\ufffd").encode("utf-8", "replace")
    tree = lxml.html.document_fromstring(source, parser=parser)
    url = facts["linkshot:url"]
    given = tree.find(".//base[@href]")
    base = absolute_url(url, "" if given is None else given.get("href"))
    if not base.startswith(("http://", "https://")):
        # data: and javascript: are no base (HTML Standard, 4.2.3)
        base = url
    if is_xml:
        # the HTML parser leaves <style> as it stands; in XML it is escaped text or CDATA (XML 1.0 §2.7)
        for style in tree.iter("style"):
            pieces = CDATA.split(style.text or "")
            pieces[::2] = map(entities.unescape, pieces[::2])
            style.text = "".join(pieces)
    _inline_stylesheets(tree, sheets, base)
    sanitize(tree, base)
    inliner = ResourceInliner(parts, sheets, base)
    inliner.inline(tree)
    insert_metadata(tree, facts)
    made = DOCTYPE.sub(b"", lxml.html.tostring(tree, encoding="utf-8"), count=1)
    return doctype_of(html, is_xml=is_xml).encode("utf-8", "replace") + made, len(inliner.left_out)


def _inline_stylesheets(tree: HtmlElement, sheets: dict[str, str], base: str) -> None:
    """Replaces each <link rel=stylesheet> whose text is known by a <style>."""
    for link in tree.xpath("//link[@href]"):
        rel = (link.get("rel") or "").lower().split()
        address = absolute_url(base, link.get("href")) if "stylesheet" in rel else ""
        text = sheets.get(address.partition("#")[0])
        if text is None or "alternate" in rel or link.getparent() is None:
            continue
        style = lxml.html.Element("style")
        if media := link.get("media"):
            style.set("media", media)
        style.text = sanitize_stylesheet(text, address)
        style.tail = link.tail
        link.getparent().replace(link, style)
