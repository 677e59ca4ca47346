"""Builds page.html from a frozen page: its documents, each with the resources it shows inside.

Runs in the sandbox process. The markup is XML that our own script wrote (crawler/page/scripts/
freeze.js), so the tree is the one that the browser had; it is sanitized nevertheless, because
everything in it comes from the page.
"""

import base64
from collections.abc import Mapping

import lxml.html
from lxml.html import HtmlElement

from linkshot.domain.model import FrozenFrame, FrozenPage, FrozenSheet
from pipelines.page_html.css_urls import LOCAL_PREFIXES, CssPiece
from pipelines.page_html.document_resources import MISSING, DocumentResources, SizeBudget
from pipelines.page_html.frozen_markup import document_in, parse_markup
from pipelines.page_html.head import doctype_of, insert_metadata, with_left_out
from pipelines.page_html.parser_nesting import keep_nesting
from pipelines.page_html.resources import ResourceMap
from pipelines.page_html.sanitize_page import BACKGROUND_TAGS, absolute_url, sanitize
from pipelines.page_html.scroll_positions import insert_scroll_positions
from pipelines.page_html.svg_use import inline_uses

MAX_RESOURCE_CHARS = 28_000_000
"""All resources of a page as data: addresses."""
MIN_SHARED_IMAGE_CHARS = 50_000
"""Copies of an image in <img> that cost less than this stand where they are used."""
FRAME_SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
"""What a document in a frame may do: follow a link into a new window."""
EMPTY_IMAGE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='{}' height='{}'/%3E"
)
REFERENCES = {"video": "poster", "input": "src", "link": "href", "image": "href", "feImage": "href"}
"""Elements besides <img> → the attribute with the address of a picture; of all others `background`."""
UNDEFINED = ":not([data-linkshot-undefined])"
"""Stands for :defined, since without scripts no custom element is."""


def build_frozen_page(
    page: FrozenPage, resources: ResourceMap, facts: Mapping[str, str]
) -> tuple[bytes, tuple[str, ...]]:
    """The page as one file, which names the resources that did not fit, and their addresses."""
    budget = SizeBudget(MAX_RESOURCE_CHARS)
    made = _document(page.main, resources, budget, facts)
    return made.encode("utf-8", "replace"), tuple(sorted(budget.left_out))


def _document(
    frame: FrozenFrame, resources: ResourceMap, budget: SizeBudget, facts: Mapping[str, str]
) -> str:
    tree = parse_markup(frame)
    base = frame.base if frame.base.startswith(("http://", "https://")) else frame.url
    sanitize(tree, base, is_frozen=True)
    _insert_resources(tree, frame, base, DocumentResources(resources, frame.blobs, budget))
    for element in tree.iter("iframe", "frame"):
        inner = document_in(element, frame)
        element.attrib.pop("data-linkshot-frame", None)
        if inner is not None:
            _insert_frame(element, inner, _document(inner, resources, budget, {}))
    keep_nesting(tree, is_quirks=frame.is_quirks)
    # of the whole page: the documents in its frames are there by now
    insert_metadata(tree, with_left_out(facts, budget.left_out) if facts else facts)
    doctype = doctype_of(frame.doctype, is_xml=not frame.is_quirks)
    return f"{doctype}{lxml.html.tostring(tree, encoding='unicode')}"


def _insert_frame(element: HtmlElement, inner: FrozenFrame, document: str) -> None:
    """As srcdoc, which has no quirks mode (HTML Standard §13.2.6.4.1) and which <frame> does not know;
    these get a data: address."""
    if element.tag == "iframe":
        element.set("sandbox", FRAME_SANDBOX)
    if element.tag == "iframe" and not inner.is_quirks:
        element.set("srcdoc", document)
        return
    data = base64.b64encode(document.encode("utf-8", "replace")).decode("ascii")
    element.set("src", f"data:text/html;charset=utf-8;base64,{data}")


def _insert_resources(
    tree: HtmlElement, frame: FrozenFrame, base: str, inside: DocumentResources
) -> None:
    styles = _read_styles(tree, frame, base, inside)
    images = list(tree.iter("img"))
    for image in images:
        if image.get("data-linkshot-natural"):
            inside.count(image.get("src", ""))
    inline_uses(tree, base, inside)
    for element, pieces in styles:
        text = safe_style(inside.write_css(pieces))
        if element.tag == "style":
            element.text = text
        else:
            element.set("style", text)
    for image in images:
        _insert_image(image, frame, inside)
    for element in tree.iter("input", "video", "link", "image", "feImage", *BACKGROUND_TAGS):
        name = REFERENCES.get(str(element.tag), "background")
        _insert_reference(element, absolute_url(base, element.get(name, "")), inside, name)
    insert_scroll_positions(tree)
    if variables := inside.variables():
        rule = lxml.html.Element("style")
        rule.text = variables
        head = tree.find("head")
        (tree if head is None else head).insert(0, rule)


def _read_styles(
    tree: HtmlElement, frame: FrozenFrame, base: str, inside: DocumentResources
) -> list[tuple[HtmlElement, list[CssPiece]]]:
    """Elements with CSS: <style> and those with a style attribute."""
    found: list[tuple[HtmlElement, list[CssPiece]]] = []
    for element in tree.iter():
        if element.tag == "style":
            place = element.attrib.pop("data-linkshot-sheet", "")
            if place.isdecimal() and int(place) < len(frame.sheets):
                found.append((element, _read_sheet(frame.sheets[int(place)], inside)))
            else:
                element.text = None
        elif style := element.get("style"):
            found.append((element, inside.read_css(style, base)))
    return found


def _read_sheet(sheet: FrozenSheet, inside: DocumentResources) -> list[CssPiece]:
    recorded = inside.resource(sheet.address) if sheet.is_recorded else None
    chunks = sheet.chunks if recorded is None else (recorded.text,)
    pieces: list[CssPiece] = []
    for chunk in chunks:
        pieces += inside.read_css(chunk.replace(":defined", UNDEFINED), sheet.base)
        pieces.append("\n")
    return pieces


def safe_style(text: str) -> str:
    """CSS in which nothing opens or ends an element, in <style> of HTML and in that of SVG alike."""
    pieces = text.split("<")
    for at in range(1, len(pieces)):
        # in a condition `<` stands before a number, a space or `=` as a rule
        sign = r"\3c " if pieces[at][:1].isalpha() or pieces[at][:1] in "/!?" else "<"
        pieces[at] = sign + pieces[at]
    return "".join(pieces)


def _insert_image(image: HtmlElement, frame: FrozenFrame, inside: DocumentResources) -> None:
    natural = image.attrib.pop("data-linkshot-natural", "").split()
    painted = image.attrib.pop("data-linkshot-painted", "")
    if painted.isdecimal() and int(painted) < len(frame.painted):
        image.set("src", frame.painted[int(painted)] or MISSING)
        return
    address = image.get("src", "")
    shared = inside.shared(address, MIN_SHARED_IMAGE_CHARS) if len(natural) == 2 else ""
    if not shared:
        _insert_reference(image, address, inside)
        return
    # an empty drawing of the same size keeps the box where `content` is not understood
    image.set("src", EMPTY_IMAGE.format(*natural))
    image.set("style", f"{image.get('style', '')};content:{shared}")


def _insert_reference(
    element: HtmlElement, address: str, inside: DocumentResources, name: str = "src"
) -> None:
    if not element.get(name) or address.startswith(LOCAL_PREFIXES):
        return
    if found := inside.data_url(address):
        element.set(name, found)
    elif element.tag == "img":
        # a broken image has a box, one without an address has none
        element.set("src", MISSING)
        element.set("data-linkshot-src", address)
    elif element.tag != "link":
        del element.attrib[name]
