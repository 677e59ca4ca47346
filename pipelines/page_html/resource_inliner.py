"""Inlines images, fonts and imported style sheets of a page as data: URLs."""

import base64
import re
from collections.abc import Iterator, Mapping

from lxml.html import HtmlElement

from pipelines.page_html.css_urls import rewrite_urls
from pipelines.page_html.sanitize_page import BACKGROUND_TAGS, absolute_url, sanitize_stylesheet

MAX_CHARS = 20_000_000
"""All data: URLs of one page together; later parts keep their URL and are not shown."""
MAX_IMPORT_DEPTH = 8
"""Nesting of @import; style sheets may import each other."""
SRCSET_CANDIDATE = re.compile(r"\s*([^\s,]\S*[^\s,]|[^\s,])(?:\s+[^,]+)?\s*(?:,|$)")
"""A URL of a srcset with its descriptor (HTML Standard §4.8.4.2.1)."""


class ResourceInliner:
    """Inlines the parts of one page, a copy at each use, as long as MAX_CHARS allows."""

    def __init__(self, parts: Mapping[str, str], sheets: Mapping[str, str], base: str) -> None:
        self._parts = parts
        """URL without fragment → data: URL."""
        self._sheets = sheets
        """URL without fragment → CSS."""
        self.left_out: set[str] = set()
        """URLs of parts that did not fit at every use."""
        self._base = base
        self._room = MAX_CHARS

    def inline(self, tree: HtmlElement) -> None:
        """Changes the tree in place. Its URLs must be absolute already, except in srcset."""
        for picture in tree.iter("img", "input"):
            self._inline_picture(picture)
        for video in tree.iter("video"):
            if found := self._data_url(video.get("poster") or ""):
                video.set("poster", found)
        for element in tree.iter(*BACKGROUND_TAGS):
            if found := self._data_url(element.get("background") or ""):
                element.set("background", found)
        for element in tree.iter():
            if element.tag == "style" and element.text:
                element.text = self._inline_css(element.text)
            elif style := element.get("style"):
                element.set("style", self._inline_css(style))

    def _inline_picture(self, picture: HtmlElement) -> None:
        """Reduces an image to the candidate that the browser loaded."""
        around = next(picture.iterancestors("picture"), None)
        # lxml nests what follows a <source> inside it, so the sources are not always children
        sources = [] if around is None else list(around.iter("source"))
        for address in self._candidates(picture, sources):
            if found := self._data_url(address):
                picture.set("src", found)
                for name in ("srcset", "sizes", "loading"):
                    picture.attrib.pop(name, None)
                for source in sources:
                    source.drop_tag()
                return

    def _candidates(self, picture: HtmlElement, sources: list[HtmlElement]) -> Iterator[str]:
        """URLs of an image, in the order in which a browser prefers them."""
        for element in (*sources, picture):
            for match in SRCSET_CANDIDATE.finditer(element.get("srcset") or ""):
                yield absolute_url(self._base, match[1])
        yield picture.get("src") or ""

    def _inline_css(self, text: str, imports: int = 0) -> str:
        def replace(found: str, imported: bool) -> str:
            address = absolute_url(self._base, found)
            if imported:
                return self._import_url(address, imports + 1) or address
            return self._data_url(address) or address

        return rewrite_urls(text, replace)

    def _import_url(self, address: str, imports: int) -> str:
        """An imported style sheet as a data: URL with its own imports and images inline; "" if unknown."""
        text = self._sheets.get(address.partition("#")[0])
        if text is None or imports > MAX_IMPORT_DEPTH:
            return ""
        whole = self._inline_css(sanitize_stylesheet(text, address), imports)
        data = base64.b64encode(whole.encode("utf-8", "replace")).decode("ascii")
        return self._take(address, f"data:text/css;charset=utf-8;base64,{data}")

    def _data_url(self, address: str) -> str:
        """The data: URL of a part, "" if it is unknown or does not fit. An SVG keeps its fragment, which
        selects a part of the drawing."""
        place, hash_sign, fragment = address.partition("#")
        found = self._parts.get(place, "")
        if found.startswith("data:image/svg"):
            found = f"{found}{hash_sign}{fragment}"
        return self._take(place, found) if found else ""

    def _take(self, address: str, data: str) -> str:
        if len(data) > self._room:
            self.left_out.add(address)
            return ""
        self._room -= len(data)
        return data
