"""Brings the drawings of other files that SVG's <use> shows into the page.

Chromium refuses data: addresses in <use>, and a <use> refers to the tree it stands in, so each shadow
root gets drawings of its own.
"""

import copy
import re
from collections.abc import Iterator

import lxml.etree
import lxml.html
from lxml.html import HtmlElement

from pipelines.page_html.document_resources import DocumentResources
from pipelines.page_html.sanitize_page import absolute_url, sanitize

MAX_DRAWINGS = 2_000
HIDDEN = "position:absolute;width:0;height:0"
LOCAL_URL = re.compile(r"url\(\s*[\"']?#([^\"')]+)[\"']?\s*\)")


def inline_uses(tree: HtmlElement, base: str, inside: DocumentResources) -> None:
    """Makes every <use> refer to a copy inside its tree."""
    drawings = _Drawings(inside)
    for use in list(tree.iter("use")):
        if not use.get("href"):
            continue
        address = absolute_url(base, use.get("href", ""))
        if not address or address.startswith("#"):
            continue
        place, _, fragment = address.partition("#")
        name = drawings.name_of(_root_of(use, tree), place, fragment)
        if name:
            use.set("href", f"#{name}")
        else:
            del use.attrib["href"]
            use.set("data-linkshot-src", address)


class _Drawings:
    """The copies made so far."""

    def __init__(self, inside: DocumentResources) -> None:
        self._inside = inside
        self._files: dict[str, dict[str, HtmlElement]] = {}
        """Address → its elements by id."""
        self._names: dict[tuple[HtmlElement, str, str], str] = {}
        self._holders: dict[HtmlElement, HtmlElement] = {}

    def name_of(self, root: HtmlElement, place: str, fragment: str) -> str:
        """The id of the copy in this root, made when it is first asked for; "" if there is none."""
        key = (root, place, fragment)
        if key in self._names:
            return self._names[key]
        found = self._file(place).get(fragment)
        if found is None or len(self._names) >= MAX_DRAWINGS:
            return ""
        name = self._names[key] = f"linkshot-use-{len(self._names)}"
        drawing = copy.deepcopy(found)
        drawing.tail = None
        for element in drawing.iter():
            if own := element.attrib.pop("id", ""):
                self._names[root, place, own] = f"linkshot-use-{len(self._names)}"
                element.set("id", self._names[root, place, own])
        drawing.set("id", name)
        self._names[key] = name
        for element in drawing.iter():
            self._rename_references(element, root, place)
        self._holder(root).append(drawing)
        return name

    def _rename_references(self, element: HtmlElement, root: HtmlElement, place: str) -> None:
        """Gradients, clips and further <use> of the same file come along."""
        for attribute, value in element.attrib.items():
            if attribute == "href" and value.startswith("#"):
                element.set("href", f"#{self.name_of(root, place, value[1:])}")
            elif "url(" in value:
                element.set(
                    attribute,
                    LOCAL_URL.sub(lambda m: f"url(#{self.name_of(root, place, m[1])})", value),
                )

    def _file(self, place: str) -> dict[str, HtmlElement]:
        if place not in self._files:
            found = self._inside.resource(place)
            self._files[place] = dict(_by_id(found.body, place)) if found else {}
        return self._files[place]

    def _holder(self, root: HtmlElement) -> HtmlElement:
        if root not in self._holders:
            holder = lxml.html.Element("svg", {"style": HIDDEN, "aria-hidden": "true"})
            root.append(holder)
            self._holders[root] = holder
        return self._holders[root]


def _root_of(use: HtmlElement, tree: HtmlElement) -> HtmlElement:
    """The shadow root or body that the element is in."""
    shadow = next(use.iterancestors("template"), None)
    body = tree.find("body")
    if shadow is not None:
        return shadow
    return tree if body is None else body


def _by_id(body: bytes, place: str) -> Iterator[tuple[str, HtmlElement]]:
    """The elements of a drawing by id, sanitized and without namespaces."""
    parser = lxml.html.XHTMLParser(
        huge_tree=True, resolve_entities=False, no_network=True, remove_pis=True, recover=True
    )
    try:
        drawing = lxml.etree.fromstring(body, parser)
    except lxml.etree.XMLSyntaxError:
        return
    if drawing is None:
        return
    for element in drawing.iter():
        if isinstance(element.tag, str):
            element.tag = lxml.etree.QName(element).localname
            for name, value in list(element.attrib.items()):
                if name.startswith("{"):
                    del element.attrib[name]
                    if name.endswith("}href") and "href" not in element.attrib:
                        element.set("href", value)
    lxml.etree.cleanup_namespaces(drawing)
    sanitize(drawing, place, is_frozen=True)
    for element in drawing.iter():
        if isinstance(element.tag, str) and (name := element.get("id")):
            yield name, element
