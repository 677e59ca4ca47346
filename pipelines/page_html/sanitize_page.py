"""Takes out of a page what acts, asks the network or hides a secret. (changes the tree it is given)"""

import re

from ada_url import join_url
from lxml.html import HtmlElement

from pipelines.page_html.css_urls import with_addresses

DROPPED = frozenset((
    "script", "noscript", "base", "iframe", "frame", "frameset", "object", "embed", "applet",
    "portal", "template",
))  # fmt: skip
ADDRESSES = {
    "a": "href", "area": "href", "img": "src", "video": "src", "audio": "src", "source": "src",
    "track": "src", "form": "action", "q": "cite", "blockquote": "cite", "link": "href",
}  # fmt: skip
ACTS = frozenset((
    "integrity", "nonce", "ping", "srcdoc", "formaction", "http-equiv", "manifest",
))  # fmt: skip
TILED = frozenset(("body", "table", "thead", "tbody", "tfoot", "tr", "td", "th"))
"""Elements whose attribute `background` is a picture (HTML Standard §15.3.2, §15.3.10)."""
SECRET = frozenset(("password", "file", "hidden"))
"""Types of <input> whose value is not kept: secrets, names of files, tokens."""
SCRIPT = re.compile(r"(?:java|vb|live)script:", re.IGNORECASE)
SHOWN = frozenset((
    "alt", "title", "content", "value", "style", "placeholder", "label", "aria-label",
))  # fmt: skip
"""Attributes that hold words, whatever they look like."""
UNSEEN = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\ufeff]+")
"""Characters that browsers take out of a scheme or that hide one (URL Standard §4.4)."""
STYLE_END = re.compile(r"<(?=/\s*style)", re.IGNORECASE)
KEPT_SCHEMES = ("data:", "blob:", "mailto:", "tel:", "#")


def quieten(tree: HtmlElement, base: str) -> None:
    """Take out of the whole document what acts; make its addresses absolute."""
    for element in list(tree.iterdescendants()):
        if not isinstance(element.tag, str) or _goes(element):
            _drop(element)
        else:
            _clean(element, base)
    _clean(tree, base)


def sheet(text: str, address: str) -> str:
    """A style sheet with absolute addresses and nothing that ends the element it stands in."""
    whole = with_addresses(text, lambda found, _imported: joined(address, found))
    return STYLE_END.sub(r"\\3c ", whole)


def joined(base: str, address: str) -> str:
    """As a browser asks for it: absolute, letters beyond ASCII and spaces percent-encoded (URL
    Standard); empty for what cannot be read."""
    address = address.strip()
    if address.startswith(KEPT_SCHEMES):
        return address
    try:
        return join_url(base, address)
    except ValueError:
        return ""


def _goes(element: HtmlElement) -> bool:
    tag = _name(element)
    if tag == "meta":
        return "http-equiv" in element.attrib or "charset" in element.attrib
    if tag == "link":
        return "icon" not in (element.get("rel") or "").lower()
    return tag in DROPPED


def _name(element: HtmlElement) -> str:
    """Without a prefix: `svg:script` acts like a script where the page is read as XML."""
    return str(element.tag).rpartition(":")[2].lower()


def _drop(element: HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def _clean(element: HtmlElement, base: str) -> None:
    for name, value in list(element.attrib.items()):
        if _acts(name, value):
            del element.attrib[name]
    if tile := element.attrib.pop("background", ""):
        _keep_tile(element, joined(base, tile))
    name = ADDRESSES.get(str(element.tag), "")
    if name and (value := element.get(name)):
        element.set(name, joined(base, value))
    if (poster := element.get("poster")) and element.tag == "video":
        element.set("poster", joined(base, poster))
    if element.tag == "input" and element.get("type", "").strip().lower() in SECRET:
        element.attrib.pop("value", None)


def _keep_tile(element: HtmlElement, address: str) -> None:
    if str(element.tag) in TILED and address.startswith(("http:", "https:", "data:image/")):
        element.set("background", address)


def _acts(name: str, value: str) -> bool:
    lowered = name.lower()
    if lowered.startswith("on") or lowered in ACTS:
        return True
    if ":" not in value[:200] or lowered in SHOWN:
        return False
    start = UNSEEN.sub("", value[:200])
    goes_there = lowered.endswith(("href", "action"))
    return bool(SCRIPT.match(start)) or (goes_there and start[:5].lower() == "data:")
