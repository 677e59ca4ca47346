"""Brings pictures, fonts and imported style sheets inside `page.html`: it shows them without a network."""

import base64
import re
from collections.abc import Iterator, Mapping

from lxml.html import HtmlElement

from pipelines.page_html.css_urls import with_addresses
from pipelines.page_html.sanitize_page import TILED, joined, sheet

MAX_CHARS = 20_000_000
"""Of all data: addresses in one page; what comes later keeps its address and is not shown."""
MAX_IMPORTS = 8
"""Style sheets that import each other, one below the other."""
CANDIDATE = re.compile(r"\s*([^\s,]\S*[^\s,]|[^\s,])(?:\s+[^,]+)?\s*(?:,|$)")
"""An address of a srcset with its descriptor (HTML Standard §4.8.4.2.1)."""


class Inside:
    """The parts of one page; each place where one is shown gets a copy as long as there is room."""

    def __init__(self, parts: Mapping[str, str], sheets: Mapping[str, str], base: str) -> None:
        self._parts = parts
        """Address → the same as a data: address."""
        self._sheets = sheets
        """Address → text of a style sheet."""
        self.left_out: set[str] = set()
        """Addresses of parts for which there was no room everywhere."""
        self._base = base
        self._room = MAX_CHARS

    def bring_in(self, tree: HtmlElement) -> None:
        """Change what is shown in the tree; its addresses are absolute already, but for srcset."""
        for picture in tree.iter("img", "input"):
            self._picture(picture)
        for video in tree.iter("video"):
            if found := self._part(video.get("poster") or ""):
                video.set("poster", found)
        for element in tree.iter(*TILED):
            if found := self._part(element.get("background") or ""):
                element.set("background", found)
        for element in tree.iter():
            if element.tag == "style" and element.text:
                element.text = self._css(element.text)
            elif style := element.get("style"):
                element.set("style", self._css(style))

    def _picture(self, picture: HtmlElement) -> None:
        """The form that was loaded becomes the only one."""
        sources = _sources(picture)
        for address in self._forms(picture, sources):
            if found := self._part(address):
                picture.set("src", found)
                for name in ("srcset", "sizes", "loading"):
                    picture.attrib.pop(name, None)
                for source in sources:
                    source.drop_tag()
                return

    def _forms(self, picture: HtmlElement, sources: list[HtmlElement]) -> Iterator[str]:
        """Addresses of a picture, those the browser prefers first."""
        for element in (*sources, picture):
            for match in CANDIDATE.finditer(element.get("srcset") or ""):
                yield joined(self._base, match[1])
        yield picture.get("src") or ""

    def _css(self, text: str, imports: int = 0) -> str:
        def inside(found: str, imported: bool) -> str:
            address = joined(self._base, found)
            if imported:
                return self._sheet(address, imports + 1) or address
            return self._part(address) or address

        return with_addresses(text, inside)

    def _sheet(self, address: str, imports: int) -> str:
        """An imported style sheet as a data: address, with what it imports and shows inside."""
        text = self._sheets.get(address.partition("#")[0])
        if text is None or imports > MAX_IMPORTS:
            return ""
        whole = self._css(sheet(text, address), imports)
        data = base64.b64encode(whole.encode("utf-8", "replace")).decode("ascii")
        return self._fitting(address, f"data:text/css;charset=utf-8;base64,{data}")

    def _part(self, address: str) -> str:
        """The data: address, of a drawing with the fragment that chooses a piece of it; nothing when
        the part is not there or there is no room."""
        place, hash_sign, fragment = address.partition("#")
        found = self._parts.get(place, "")
        if found.startswith("data:image/svg"):
            found = f"{found}{hash_sign}{fragment}"
        return self._fitting(place, found) if found else ""

    def _fitting(self, address: str, data: str) -> str:
        if len(data) > self._room:
            self.left_out.add(address)
            return ""
        self._room -= len(data)
        return data


def _sources(picture: HtmlElement) -> list[HtmlElement]:
    """Of its <picture>; the parser lets a <source> hold what comes after it."""
    around = next(picture.iterancestors("picture"), None)
    return [] if around is None else list(around.iter("source"))
