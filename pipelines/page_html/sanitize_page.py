"""Removes from a page what runs code, submits data, loads documents or holds a secret (pure)."""

import re

from ada_url import join_url
from lxml.html import HtmlElement

from pipelines.page_html.css_urls import rewrite_urls

DROPPED_TAGS = frozenset((
    "script", "noscript", "base", "iframe", "frame", "frameset", "object", "embed", "applet",
    "portal", "template",
))  # fmt: skip
FRAME_TAGS = frozenset(("iframe", "frame"))
FROZEN_TAGS = FRAME_TAGS | {"frameset", "object", "template"}
"""Dropped elements that a frozen page may keep: its frames are filled in afterwards, an <object> shows
its fallback, a <template> is a shadow root or holds the place of what was dropped."""
URL_ATTRIBUTES = {
    "a": "href", "area": "href", "img": "src", "video": "src", "audio": "src", "source": "src",
    "track": "src", "form": "action", "q": "cite", "blockquote": "cite", "link": "href",
}  # fmt: skip
ACTIVE_ATTRIBUTES = frozenset((
    "integrity", "nonce", "ping", "srcdoc", "formaction", "http-equiv", "manifest",
))  # fmt: skip
LOADING_ATTRIBUTES = ("src", "data", "classid", "codebase", "archive", "sandbox", "allow")
"""Attributes by which frames and objects load something, or say what it may do."""
ANIMATIONS = frozenset(("animate", "set", "animatemotion", "animatetransform"))
"""Elements of SVG that change an attribute of another one."""
BACKGROUND_TAGS = frozenset(("body", "table", "thead", "tbody", "tfoot", "tr", "td", "th"))
"""Elements whose `background` attribute is an image (HTML Standard §15.3.2, §15.3.10)."""
SECRET_INPUT_TYPES = frozenset(("password", "file", "hidden"))
"""Types of <input> whose value is removed: passwords, file names, tokens."""
SCRIPT_SCHEME = re.compile(r"(?:java|vb|live)script:", re.IGNORECASE)
TEXT_ATTRIBUTES = frozenset((
    "alt", "title", "content", "value", "style", "placeholder", "label", "aria-label",
))  # fmt: skip
"""Attributes that hold text, even if it looks like a URL."""
INVISIBLE = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\ufeff]+")
"""Characters that browsers strip from a scheme or that disguise one (URL Standard §4.4)."""
STYLE_END = re.compile(r"<(?=/\s*style)", re.IGNORECASE)
KEPT_SCHEMES = ("data:", "blob:", "mailto:", "tel:", "#")


def sanitize(tree: HtmlElement, base: str, *, is_frozen: bool = False) -> None:
    """Sanitizes the whole document in place and makes its URLs absolute.

    Shadow roots stay. Of a frozen page the elements of FROZEN_TAGS do, too, without anything to load or to run.
    """
    for element in list(tree.iterdescendants()):
        if not isinstance(element.tag, str) or _is_dropped(element, is_frozen=is_frozen):
            if element.getparent() is not None:  # dropping an ancestor does not end the iteration
                element.drop_tree()
        else:
            _clean_attributes(element, base)
    _clean_attributes(tree, base)


def sanitize_stylesheet(text: str, address: str) -> str:
    """CSS with absolute URLs, in which nothing ends the <style> element around it."""
    whole = rewrite_urls(text, lambda found, _imported: absolute_url(address, found))
    return STYLE_END.sub(r"\\3c ", whole)


def absolute_url(base: str, address: str) -> str:
    """The URL as a browser requests it: absolute and percent-encoded (URL Standard); "" if invalid."""
    address = address.strip()
    if address.startswith(KEPT_SCHEMES):
        return address
    try:
        return join_url(base, address)
    except ValueError:
        return ""


def _is_dropped(element: HtmlElement, *, is_frozen: bool) -> bool:
    # without a prefix: `svg:script` runs like a script where the page is parsed as XML
    tag = str(element.tag).rpartition(":")[2].rpartition("}")[2].lower()
    if tag == "meta":
        return "http-equiv" in element.attrib or "charset" in element.attrib
    if tag == "link":
        return "icon" not in (element.get("rel") or "").lower()
    if tag in ANIMATIONS:
        return (element.get("attributeName") or "").lower().endswith("href")
    if tag == "template" and "shadowrootmode" in element.attrib:
        return False
    if is_frozen and tag == "template":
        # what stands in it, browsers without shadow roots or scripts would act on
        return bool(len(element) or element.text)
    if is_frozen and tag in FROZEN_TAGS:
        return False
    return tag in DROPPED_TAGS


def _clean_attributes(element: HtmlElement, base: str) -> None:
    for name, value in list(element.attrib.items()):
        if _is_active(name, value) and not _is_drawing(element, name, value):
            del element.attrib[name]
    if (background := element.attrib.pop("background", "")) and element.tag in BACKGROUND_TAGS:
        background = absolute_url(base, background)
        if background.startswith(("http:", "https:", "data:image/")):
            element.set("background", background)
    if element.tag in FROZEN_TAGS:
        for name in LOADING_ATTRIBUTES:
            element.attrib.pop(name, None)
    name = URL_ATTRIBUTES.get(str(element.tag), "")
    if name and (value := element.get(name)):
        element.set(name, absolute_url(base, value))
    if (poster := element.get("poster")) and element.tag == "video":
        element.set("poster", absolute_url(base, poster))
    if element.tag == "input" and element.get("type", "").strip().lower() in SECRET_INPUT_TYPES:
        element.attrib.pop("value", None)


def _is_active(name: str, value: str) -> bool:
    lowered = name.lower()
    if lowered.startswith("on") or lowered in ACTIVE_ATTRIBUTES:
        return True
    if ":" not in value[:200] or lowered in TEXT_ATTRIBUTES:
        return False
    start = INVISIBLE.sub("", value[:200])
    is_followed = lowered.endswith(("href", "action"))
    return bool(SCRIPT_SCHEME.match(start)) or (is_followed and start[:5].lower() == "data:")


def _is_drawing(element: HtmlElement, name: str, value: str) -> bool:
    """Whether it is the address of a picture in an SVG <image>, which is shown and not followed."""
    is_image = element.tag == "image" and name.lower().endswith("href")
    return is_image and value.lower().startswith("data:image/")
