"""Flattens a frozen page into one HTML document: shadow roots and frames as parts of their page. (pure)

Extractors of articles know neither: a page that is built of web components, or stands in a frame,
has no text for them.
"""

from dataclasses import replace

import lxml.html
from lxml.html import HtmlElement

from linkshot.domain.model import FrozenFrame, FrozenPage
from pipelines.page_html.frozen_markup import document_in, parse_markup

SHADOW_ROOT = "shadowrootmode"
NO_TEXT = ("style", "script", "link", "meta")


def is_nested(page: FrozenPage) -> bool:
    """Whether the page has shadow roots or frames."""
    return bool(page.main.frames) or SHADOW_ROOT in page.main.markup


def without_resources(frame: FrozenFrame) -> FrozenFrame:
    """The markup of the frame and its frames alone, for the way to another process."""
    frames = tuple(one and without_resources(one) for one in frame.frames)
    return replace(frame, sheets=(), blobs={}, painted=(), frames=frames)


def flatten(frame: FrozenFrame) -> str:
    """The document as HTML, with the content of shadow roots and frames in its place."""
    made = lxml.html.tostring(_flat_tree(frame), encoding="unicode")
    return f"<!DOCTYPE html>\n{made}"


def _flat_tree(frame: FrozenFrame) -> HtmlElement:
    tree = parse_markup(frame)
    for root in list(tree.iter("template")):
        if root.get(SHADOW_ROOT):
            _open_shadow_root(root)
    for element in list(tree.iter("iframe", "frame")):
        inner = document_in(element, frame)
        if inner is not None:
            _insert_frame(element, inner)
    if tree.find("body") is None:
        for frameset in tree.findall("frameset"):
            frameset.tag = "body"
    return tree


def _open_shadow_root(root: HtmlElement) -> None:
    """Puts the root's children in place of the host's, and these into its slots (DOM Standard §4.2.2.3)."""
    host = root.getparent()
    if host is None:
        return
    light = [child for child in host if child is not root]
    light_text = root.tail or ""
    for child in light:
        host.remove(child)
    host.remove(root)
    host.text = (host.text or "") + (root.text or "")
    host.extend(child for child in list(root) if child.tag not in NO_TEXT)
    for slot in list(host.iter("slot")):
        name = slot.get("name") or ""
        assigned = [
            one for one in light if isinstance(one.tag, str) and (one.get("slot") or "") == name
        ]
        if not assigned and (name or not light_text.strip()):
            continue  # its own content is the fallback
        del slot[:]
        slot.text = light_text if not name else None
        slot.extend(assigned)
        light = [one for one in light if one not in assigned]


def _insert_frame(element: HtmlElement, inner: FrozenFrame) -> None:
    body = _flat_tree(inner).find("body")
    for name in list(element.attrib):
        del element.attrib[name]
    element.tag = "div"
    if body is not None:
        element.text = body.text
        element.extend(list(body))
