"""Which pictures and fonts come inside `page.html`, so that it shows them without a network?"""

import re
from collections.abc import Iterator, Mapping

from lxml.html import HtmlElement

from pipelines.quiet import CSS_URL, joined

MAX_CHARS = 20_000_000
"""Of all data: addresses in one page; what comes later keeps its address and is not shown."""
CANDIDATE = re.compile(r"\s*([^\s,]\S*[^\s,]|[^\s,])(?:\s+[^,]+)?\s*(?:,|$)")
"""An address of a srcset with its descriptor (HTML Standard §4.8.4.2.1)."""


class Inside:
    """The parts of one page; each place where one is shown gets a copy as long as there is room."""

    def __init__(self, parts: Mapping[str, str], base: str) -> None:
        self._parts = parts
        """Address → the same as a data: address."""
        self._base = base
        self._room = MAX_CHARS

    def bring_in(self, tree: HtmlElement) -> None:
        """Change what is shown in the tree; its addresses are absolute already, but for srcset."""
        if not self._parts:
            return
        for picture in tree.iter("img", "input"):
            self._picture(picture)
        for video in tree.iter("video"):
            if found := self._part(video.get("poster") or ""):
                video.set("poster", found)
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

    def _css(self, text: str) -> str:
        def inside(match: re.Match[str]) -> str:
            address = joined(self._base, match[2])
            return f'url("{self._part(address) or address}")'

        return CSS_URL.sub(inside, text)

    def _part(self, address: str) -> str:
        """The data: address, or nothing when the part is not there or there is no room."""
        found = self._parts.get(address.partition("#")[0], "")
        if len(found) > self._room:
            return ""
        self._room -= len(found)
        return found


def _sources(picture: HtmlElement) -> list[HtmlElement]:
    """Of its <picture>; the parser lets a <source> hold what comes after it."""
    around = next(picture.iterancestors("picture"), None)
    return [] if around is None else list(around.iter("source"))
