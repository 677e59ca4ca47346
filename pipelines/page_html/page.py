"""Builds `page.html`: one UTF-8 file without scripts, with style sheets, fonts and images inline.

It must be safe to open from disk in any browser: nothing runs, nothing is fetched. The replay of
web/ adds its own sandbox but does not depend on it.
"""

import html as entities
import re
from dataclasses import replace

import lxml.html
from lxml.html import HtmlElement

from linkshot.domain.model import Capture, Role
from pipelines.item import PendingArtifact, SnapshotItem
from pipelines.optional_step import run_optional
from pipelines.page_html.font_subset import subset_fonts
from pipelines.page_html.frozen_page import build_frozen_page
from pipelines.page_html.head import doctype_of, insert_metadata, short_addresses, with_left_out
from pipelines.page_html.resource_inliner import ResourceInliner
from pipelines.page_html.resources import ResourceMap, is_shown
from pipelines.page_html.sanitize_page import absolute_url, sanitize, sanitize_stylesheet
from pipelines.page_html.strip_scripts import strip_scripts
from pipelines.sandbox import run_sandboxed
from pipelines.uploaded_page import MHTML, MHTML_NAME, UploadedPage, read_upload

BuiltPage = tuple[bytes, tuple[str, ...]]
"""The file, and the addresses of pictures, fonts and sheets that it lacks; empty where it could not be built."""
NOTHING: BuiltPage = (b"", ())
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
    if not data and capture.mhtml:
        data, left_out = _build_from_mhtml(item, capture, facts)
    if not data:
        data, left_out = _build_simple(capture, facts)
    if not 0 < len(data) <= MAX_HTML:
        item.partial.append("page")
        return
    if left_out:
        item.partial.append(f"parts_left_out:{len(left_out)}")
        item.notes["parts_left_out"] = short_addresses(left_out)
    item.artifacts.append(
        PendingArtifact(
            role=Role.HTML, name="page.html", media_type="text/html; charset=utf-8", data=data
        )
    )


def _build_frozen(item: SnapshotItem, capture: Capture, facts: dict[str, str]) -> BuiltPage:
    """The frozen page; empty when there is none, it is too large or it cannot be built."""
    if capture.frozen is None:
        return NOTHING
    resources = subset_fonts(capture.frozen, _resources(capture))
    made: BuiltPage = run_sandboxed(
        build_frozen_page, capture.frozen, resources, facts, default=NOTHING
    )
    if not 0 < len(made[0]) <= MAX_HTML:
        item.partial.append("freeze")
        return NOTHING
    if left_out := capture.frozen.frames_left_out:
        item.partial.append(f"frames_left_out:{left_out}")
    return made[0], made[1] + resources.broken(capture.exchanges)


def _build_from_mhtml(item: SnapshotItem, capture: Capture, facts: dict[str, str]) -> BuiltPage:
    """The page from its MHTML, which is kept, too; empty when that cannot be read."""
    item.artifacts.append(
        PendingArtifact(role=Role.MHTML, name=MHTML_NAME, media_type=MHTML, data=capture.mhtml)
    )
    saved: UploadedPage = run_sandboxed(
        read_upload, capture.mhtml, MHTML, capture.final_url, default=UploadedPage()
    )
    if not saved.html:
        return NOTHING
    source = replace(
        capture,
        media_type="text/html",
        html=saved.html,
        styles=saved.styles,
        parts=saved.parts,
    )
    made = _build_simple(source, facts)
    if made[0]:
        item.partial.append("mhtml")
        if saved.frames:
            item.partial.append(f"frames_left_out:{saved.frames}")
    return made


def _resources(capture: Capture) -> ResourceMap:
    """What a saved page brought along, else what a visit recorded: its sheets lack the rules of scripts."""
    brought = ResourceMap.of_parts(capture.styles, capture.parts)
    return brought | ResourceMap.of(filter(is_shown, capture.exchanges))


def _build_simple(capture: Capture, facts: dict[str, str]) -> BuiltPage:
    """The page from its HTML alone."""
    if len(capture.html) > MAX_HTML:
        return NOTHING
    resources = _resources(capture)
    parts = resources.as_parts()
    is_xml = capture.media_type == XHTML
    made: BuiltPage = run_sandboxed(
        build_page, capture.html, *parts, facts, is_xml, default=NOTHING
    )
    return made[0], made[1] + resources.broken(capture.exchanges)


def build_page(
    html: str,
    sheets: dict[str, str],
    parts: dict[str, str],
    facts: dict[str, str],
    is_xml: bool = False,  # the sandbox process takes positions only
) -> BuiltPage:
    """The sanitized document with absolute URLs, and the addresses of parts that did not fit.

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
    insert_metadata(tree, with_left_out(facts, inliner.left_out))
    made = DOCTYPE.sub(b"", lxml.html.tostring(tree, encoding="utf-8"), count=1)
    doctype = doctype_of(html, is_xml=is_xml).encode("utf-8", "replace")
    return doctype + made, tuple(sorted(inliner.left_out))


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
