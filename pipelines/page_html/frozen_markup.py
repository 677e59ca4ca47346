"""Reads the markup of a frozen document, which scripts/freeze.js wrote as XML (pure)."""

import lxml.html
from lxml.html import HtmlElement

from linkshot.domain.model import FrozenFrame


def parse_markup(frame: FrozenFrame) -> HtmlElement:
    """The tree that the browser had; what is in it comes from the page and may be hostile."""
    parser = lxml.html.XHTMLParser(
        huge_tree=True, resolve_entities=False, no_network=True, remove_pis=True
    )
    return lxml.html.document_fromstring(frame.markup.encode("utf-8", "replace"), parser=parser)


def document_in(element: HtmlElement, frame: FrozenFrame) -> FrozenFrame | None:
    """The document in an <iframe> or <frame> of this one; None where it could not be read."""
    place = element.get("data-linkshot-frame", "")
    is_known = place.isdecimal() and int(place) < len(frame.frames)
    return frame.frames[int(place)] if is_known else None
