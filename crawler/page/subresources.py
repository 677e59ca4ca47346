"""The style sheets, pictures and fonts that the page loaded, read from the browser's memory.

The browser forgets the bytes of a font once it has read it, so fonts are asked for again: its HTTP
cache has those that may be kept, and only the others go over the network a second time.
"""

import asyncio
import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

from crawler.egress.traffic import Account

MAX_SHEETS, MAX_SHEET_BYTES = 200, 20_000_000
SHEETS_PATIENCE_S = 2.0
"""The browser asks again for a sheet that never came, and gives none before that has ended."""
SHEET, IMAGE, FONT = "Stylesheet", "Image", "Font"
MAX_PARTS, MAX_PART_BYTES, MAX_CHARS = 400, 3_000_000, 16_000_000
"""Number, bytes of each, characters of all as data: addresses."""
PIECE = 1 << 20
"""Bytes read at a time of what is loaded again."""
PATIENCE_S = 2.0
"""The longest wait for the next one: one that is still on its way is given when it is there, or never."""
ALL_S = 15.0
"""How long all may take."""
MEDIA_TYPE = re.compile(r"(?:image|font|application)/[a-z0-9.+-]{1,60}")


Resource = dict[str, Any]
"""As Page.getResourceTree has it: url, type, mimeType, contentSize."""
Found = tuple[str, Resource]
"""Frame and resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Pictures and fonts that the page showed."""

    found: dict[str, str] = field(default_factory=dict)
    """Address → data: address, in the order they were loaded, as far as there is room."""
    left_out: int = 0
    """How many there were besides: too large, too many, or not given in time."""


async def sheets(cdp: CDPSession, account: Account) -> dict[str, str]:
    """Address → text of the style sheets the page loaded, those of other sites included."""
    wanted = [
        (frame, str(item["url"]))
        for frame, item in await _loaded(cdp, lambda item: item["type"] == SHEET)
    ][:MAX_SHEETS]
    reading = asyncio.gather(*(_text(cdp, frame, url) for frame, url in wanted))
    if not (await asyncio.wait({reading}, timeout=SHEETS_PATIENCE_S))[0]:
        account.cut_connections()
    texts = await reading
    found: dict[str, str] = {}
    room = MAX_SHEET_BYTES
    for (_, url), text in zip(wanted, texts, strict=True):
        if text is not None and len(text) <= room:
            found[url] = text
            room -= len(text)
    return found


async def parts(cdp: CDPSession) -> Parts:
    """All that fit."""
    every = {_place(item): (frame, item) for frame, item in await _loaded(cdp, _is_part)}
    every = {place: one for place, one in every.items() if place.startswith(("http:", "https:"))}
    wanted = [place for place, (_, item) in every.items() if _is_small(item)][:MAX_PARTS]
    reading = [asyncio.ensure_future(_read(cdp, *every[place])) for place in wanted]
    under_way = set(reading)
    given, clock = under_way, asyncio.get_running_loop().time
    until = clock() + ALL_S
    while under_way and given and clock() < until:
        given, under_way = await asyncio.wait(
            under_way, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED
        )
    found: dict[str, str] = {}
    room = MAX_CHARS
    for place, task in zip(wanted, reading, strict=True):
        part = task.result() if task.done() else ""
        task.cancel()
        if part and len(part) <= room:
            found[place] = part
            room -= len(part)
    return Parts(found=found, left_out=len(every) - len(found))


async def _loaded(cdp: CDPSession, wanted: Callable[[Resource], bool]) -> list[Found]:
    """The wanted resources of the page and its frames; only what came."""
    tree = (await cdp.send("Page.getResourceTree"))["frameTree"]
    return [pair for pair in _resources(tree) if wanted(pair[1]) and _has_come(pair[1])]


def _is_part(item: Resource) -> bool:
    """A drawing that is also used by parts (`<use>`) is of another type."""
    return item["type"] in (IMAGE, FONT) or str(item.get("mimeType", "")).startswith("image/")


def _resources(tree: dict[str, Any]) -> Iterator[Found]:
    for item in tree["resources"]:
        yield tree["frame"]["id"], item
    for child in tree.get("childFrames", ()):
        yield from _resources(child)


def _has_come(item: Resource) -> bool:
    return not item.get("failed") and not item.get("canceled")


def _place(item: Resource) -> str:
    return str(item["url"]).partition("#")[0]


def _is_small(item: Resource) -> bool:
    return float(item.get("contentSize", 0)) <= MAX_PART_BYTES


async def _content(cdp: CDPSession, frame: str, address: str) -> tuple[str, bool] | None:
    """What came, and whether it is in base64; None when the browser has forgotten it."""
    try:
        got = await cdp.send("Page.getResourceContent", {"frameId": frame, "url": address})
    except PlaywrightError:
        return None
    return str(got["content"]), bool(got["base64Encoded"])


async def _text(cdp: CDPSession, frame: str, address: str) -> str | None:
    got = await _content(cdp, frame, address)
    if got is None:
        return None
    content, encoded = got
    return base64.b64decode(content).decode("utf-8", "replace") if encoded else content


async def _read(cdp: CDPSession, frame: str, item: Resource) -> str:
    """The data: address; empty when it cannot be had or is too large."""
    address, media_type = str(item["url"]), str(item.get("mimeType", "")).lower()
    if item["type"] == FONT:
        data = await loaded_again(cdp, frame, address, MAX_PART_BYTES)
        content = base64.b64encode(data).decode("ascii")
    else:
        content = await _base64(cdp, frame, address)
    if not 0 < len(content) <= MAX_PART_BYTES * 4 // 3 + 4:
        return ""
    other = "font/woff2" if item["type"] == FONT else "image/png"
    kind = media_type if MEDIA_TYPE.fullmatch(media_type) else other
    return f"data:{kind};base64,{content}"


async def _base64(cdp: CDPSession, frame: str, address: str) -> str:
    got = await _content(cdp, frame, address)
    if got is None:
        return ""
    content, encoded = got
    if encoded:
        return content
    return base64.b64encode(content.encode("utf-8", "replace")).decode("ascii")


async def loaded_again(cdp: CDPSession, frame: str, address: str, most: int) -> bytes:
    """What the browser gets for this address, from its cache or the network, like any other part of
    the page; empty when it cannot be had or is larger than `most` bytes."""
    options = {"disableCache": False, "includeCredentials": False}
    asked = {"frameId": frame, "url": address, "options": options}
    got = (await cdp.send("Network.loadNetworkResource", asked))["resource"]
    handle = got.get("stream")
    if not handle or got.get("httpStatusCode") != 200:
        return b""
    data = b""
    while len(data) <= most:
        piece = await cdp.send("IO.read", {"handle": handle, "size": min(PIECE, most + 1)})
        read = piece["data"]
        data += base64.b64decode(read) if piece.get("base64Encoded") else read.encode()
        if piece["eof"]:
            break
    await cdp.send("IO.close", {"handle": handle})
    return data if len(data) <= most else b""
