"""Looks up what a page loaded by the address it was requested with (pure)."""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote_to_bytes

from linkshot.domain.media_sniffing import sniff
from linkshot.domain.model import Exchange
from pipelines.charset import decode
from pipelines.page_html.sanitize_page import absolute_url

MAX_REDIRECTS = 20
MEDIA_TYPE = re.compile(r"(?:image|font|application|text)/[a-z0-9.+-]{1,60}")
UNKNOWN = frozenset(("", "application/octet-stream", "text/plain"))
"""Media types that servers send for what they do not know."""
FOUND = frozenset((200, 203))


@dataclass(frozen=True, slots=True)
class Resource:
    """One answer: a picture, a font, a style sheet."""

    media_type: str
    body: bytes
    content_type: str = ""
    """The whole header, for its charset."""

    @property
    def text(self) -> str:
        """The body as text."""
        return decode(self.body, self.content_type or self.media_type)

    @property
    def data_url(self) -> str:
        """The body inside its address (RFC 2397)."""
        media_type = self.media_type
        if media_type in UNKNOWN or not MEDIA_TYPE.fullmatch(media_type):
            media_type = sniff(self.body)
        return f"data:{media_type};base64,{base64.b64encode(self.body).decode('ascii')}"


class ResourceMap:
    """Addresses as the browser requests them, without fragment, and what was answered."""

    def __init__(
        self, resources: Mapping[str, Resource], redirects: Mapping[str, str] | None = None
    ) -> None:
        self._resources = dict(resources)
        self._redirects = dict(redirects or {})

    @classmethod
    def of(cls, exchanges: Iterable[Exchange]) -> Self:
        """What these exchanges brought; of several answers of one address the last good one."""
        resources: dict[str, Resource] = {}
        redirects: dict[str, str] = {}
        for exchange in exchanges:
            if exchange.method != "GET":
                continue
            location = exchange.response_header("location")
            if 300 <= exchange.status < 400 and location:
                redirects[exchange.url] = absolute_url(exchange.url, location)
            elif exchange.status in FOUND and exchange.body and not exchange.truncated:
                content_type = exchange.response_header("content-type")
                media_type = content_type.partition(";")[0].strip().lower()
                resources[exchange.url] = Resource(media_type, exchange.body, content_type)
        return cls(resources, redirects)

    @classmethod
    def of_parts(cls, styles: Mapping[str, str], parts: Mapping[str, str]) -> Self:
        """Style sheets as text, and pictures and fonts as data: addresses."""
        resources = {address: from_data_url(data) for address, data in parts.items()}
        for address, text in styles.items():
            body = text.encode("utf-8", "replace")
            resources[address] = Resource("text/css", body, "text/css; charset=utf-8")
        return cls(resources)

    def __or__(self, other: Self) -> Self:
        """Both; where both have an address, this one's answer."""
        return type(self)(other._resources | self._resources, other._redirects | self._redirects)

    def items(self) -> Iterable[tuple[str, Resource]]:
        """Addresses and what they answered, redirects left out."""
        return self._resources.items()

    def with_resources(self, others: Mapping[str, Resource]) -> Self:
        """The same with these in place of what the addresses answered."""
        return type(self)({**self._resources, **others}, self._redirects)

    def find(self, address: str) -> Resource | None:
        """The answer at this address or where it was redirected to."""
        place = address.partition("#")[0]
        for _ in range(MAX_REDIRECTS):
            if found := self._resources.get(place):
                return found
            if place not in self._redirects:
                return None
            place = self._redirects[place].partition("#")[0]
        return None

    def as_parts(self) -> tuple[dict[str, str], dict[str, str]]:
        """Style sheets as text and all others as data: addresses, by every address that leads there."""
        styles: dict[str, str] = {}
        parts: dict[str, str] = {}
        for address in (*self._resources, *self._redirects):
            if found := self.find(address):
                is_sheet = found.media_type == "text/css"
                (styles if is_sheet else parts)[address] = (
                    found.text if is_sheet else found.data_url
                )
        return styles, parts

    def broken(self, exchanges: Iterable[Exchange]) -> tuple[str, ...]:
        """Pictures and fonts among these exchanges of which only a part came."""
        broken = {
            exchange.url
            for exchange in exchanges
            if exchange.resource_type in ("image", "font")
            and exchange.status in FOUND
            and exchange.truncated
        }
        return tuple(sorted(broken - self._resources.keys()))


def is_shown(exchange: Exchange) -> bool:
    """Whether page.html may show it or be led to it: a picture, font, sheet or redirect."""
    media_type = exchange.response_header("content-type").strip().lower()
    return (
        300 <= exchange.status < 400
        or exchange.resource_type in ("image", "font", "stylesheet")
        or media_type.startswith(("image/", "font/", "text/css"))
    )


def from_data_url(data: str) -> Resource:
    """The resource inside a data: address (RFC 2397)."""
    head, _, body = data.removeprefix("data:").partition(",")
    media_type = head.partition(";")[0].strip().lower()
    if head.endswith(";base64"):
        try:
            return Resource(media_type, base64.b64decode(body), head)
        except ValueError:
            return Resource(media_type, b"", head)
    return Resource(media_type, unquote_to_bytes(body), head)
