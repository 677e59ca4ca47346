"""Picks the style sheets, pictures and fonts of a page from its recorded exchanges. (pure)"""

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin

import tinycss2.bytes
import webencodings

from crawler.page.body_reading import REDIRECTS
from crawler.page.page_types import essence
from linkshot.domain.model import Exchange

MAX_SHEETS, MAX_SHEET_BYTES = 200, 20_000_000
MAX_PARTS, MAX_PART_BYTES, MAX_CHARS = 2000, 8_000_000, 28_000_000
"""Limits: count, bytes of each, characters of all as data: URLs."""
MEDIA_TYPE = re.compile(r"(?:image|font|application)/[a-z0-9.+-]{1,60}")
CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([^\s;\"']+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subresources:
    """Pictures and fonts that the page loaded."""

    found: dict[str, str] = field(default_factory=dict)
    """Address → data: URL, in the order they were loaded, up to MAX_CHARS."""
    left_out: int = 0
    """How many there were besides: too large, too many, or not whole."""


def stylesheets(exchanges: Iterable[Exchange], encoding: str) -> dict[str, str]:
    """Address → text of the style sheets the page loaded, those of other sites included.

    `encoding` is that of the document, which a sheet without one of its own has (CSS Syntax §3.2).
    """
    known = list(exchanges)
    environment = webencodings.lookup(encoding)
    found: dict[str, str] = {}
    room = MAX_SHEET_BYTES
    for one in _whole(known):
        if one.resource_type != "stylesheet" or one.url in found or len(found) >= MAX_SHEETS:
            continue
        protocol = CHARSET.search(_header(one, "content-type"))
        text, _ = tinycss2.bytes.decode_stylesheet_bytes(
            one.body, protocol[1] if protocol else None, environment
        )
        if len(text) <= room:
            found[one.url] = text
            room -= len(text)
    return found | _redirected(known, found)


def pictures_and_fonts(exchanges: Iterable[Exchange]) -> Subresources:
    """All pictures and fonts within the limits."""
    known = list(exchanges)
    wanted = {one.url: one for one in known if one.status not in REDIRECTS and _is_part(one)}
    whole = {one.url: one for one in _whole(wanted.values()) if one.body}
    found: dict[str, str] = {}
    room = MAX_CHARS
    for url, one in list(whole.items())[:MAX_PARTS]:
        if len(one.body) > MAX_PART_BYTES:
            continue
        part = data_url(one)
        if len(part) <= room:
            found[url] = part
            room -= len(part)
    missing = {
        url for url, one in wanted.items() if one.status < 400 and (one.body or one.truncated)
    }
    return Subresources(
        found=found | _redirected(known, found), left_out=len(missing - found.keys())
    )


def data_url(one: Exchange) -> str:
    """The body as a data: URL (RFC 2397)."""
    media_type = essence(_header(one, "content-type"))
    other = "font/woff2" if one.resource_type == "font" else "image/png"
    kind = media_type if MEDIA_TYPE.fullmatch(media_type) else other
    return f"data:{kind};base64,{base64.b64encode(one.body).decode('ascii')}"


def _whole(exchanges: Iterable[Exchange]) -> Iterator[Exchange]:
    return (
        one for one in exchanges if one.method == "GET" and one.status == 200 and not one.truncated
    )


def _is_part(one: Exchange) -> bool:
    """By media type too: a picture may be loaded as something else, by <use> or by a script."""
    kind = essence(_header(one, "content-type"))
    return one.resource_type in ("image", "font") or kind.startswith("image/")


def _header(one: Exchange, wanted: str) -> str:
    return next((value for name, value in one.response_headers if name.lower() == wanted), "")


def _redirected(exchanges: Iterable[Exchange], found: dict[str, str]) -> dict[str, str]:
    """Address → content for the addresses that led to a found one."""
    steps = {
        one.url: urljoin(one.url, _header(one, "location")).partition("#")[0]
        for one in exchanges
        if one.status in REDIRECTS
    }
    led: dict[str, str] = {}
    for start in steps:
        address, seen = start, {start}
        while (address := steps.get(address, "")) and address not in seen:
            seen.add(address)
            if address in found:
                led[start] = found[address]
                break
    return led
