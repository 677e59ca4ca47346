"""Reads the style sheets, pictures and fonts that the page loaded from the browser's memory.

Chromium drops the bytes of a font once it is parsed, so fonts are requested again: the HTTP cache
has the cacheable ones, and only the others go over the network a second time.
"""

import asyncio
import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

from crawler.egress.traffic import TrafficMeter

MAX_SHEETS, MAX_SHEET_BYTES = 200, 20_000_000
SHEETS_TIMEOUT_S = 2.0
"""Chromium requests a sheet that never came again, and returns none before that has ended."""
SHEET, IMAGE, FONT = "Stylesheet", "Image", "Font"
MAX_PARTS, MAX_PART_BYTES, MAX_CHARS = 2000, 8_000_000, 28_000_000
"""Limits: count, bytes of each, characters of all as data: URLs."""
READ_CHUNK_BYTES = 1 << 20
"""Bytes per IO.read."""
NEXT_TIMEOUT_S = 2.0
"""The longest wait for the next one: Chromium answers for one still loading when it is there, or never."""
TOTAL_TIMEOUT_S = 15.0
"""Limit for all together."""
MEDIA_TYPE = re.compile(r"(?:image|font|application)/[a-z0-9.+-]{1,60}")


Resource = dict[str, Any]
"""As Page.getResourceTree has it: url, type, mimeType, contentSize."""
Found = tuple[str, Resource]
"""Frame and resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subresources:
    """Pictures and fonts that the page loaded."""

    found: dict[str, str] = field(default_factory=dict)
    """Address → data: URL, in the order they were loaded, up to MAX_CHARS."""
    left_out: int = 0
    """How many there were besides: too large, too many, or not in time."""


async def read_stylesheets(cdp: CDPSession, meter: TrafficMeter) -> dict[str, str]:
    """Address → text of the style sheets the page loaded, those of other sites included."""
    wanted = [
        (frame, str(item["url"]))
        for frame, item in await _loaded(cdp, lambda item: item["type"] == SHEET)
    ][:MAX_SHEETS]
    reading = asyncio.gather(*(_text(cdp, frame, url) for frame, url in wanted))
    if not (await asyncio.wait({reading}, timeout=SHEETS_TIMEOUT_S))[0]:
        meter.cut_connections()  # then those that hang fail, and the others are returned
    texts = await reading
    found: dict[str, str] = {}
    room = MAX_SHEET_BYTES
    for (_, url), text in zip(wanted, texts, strict=True):
        if text is not None and len(text) <= room:
            found[url] = text
            room -= len(text)
    return found


async def read_subresources(cdp: CDPSession) -> Subresources:
    """All pictures and fonts within the limits."""
    loaded = await _loaded(cdp, _is_part)
    # several fragments of one file, as <use> names them in an SVG, are one part
    every = {str(item["url"]).partition("#")[0]: (frame, item) for frame, item in loaded}
    every = {url: one for url, one in every.items() if url.startswith(("http:", "https:"))}
    wanted = [
        url
        for url, (_, item) in every.items()
        if float(item.get("contentSize", 0)) <= MAX_PART_BYTES
    ][:MAX_PARTS]
    reading = [asyncio.ensure_future(_read(cdp, *every[url])) for url in wanted]
    pending = set(reading)
    done, clock = pending, asyncio.get_running_loop().time
    until = clock() + TOTAL_TIMEOUT_S
    # NEXT_TIMEOUT_S without a single one means that the rest are still loading
    while pending and done and clock() < until:
        done, pending = await asyncio.wait(
            pending, timeout=NEXT_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED
        )
    found: dict[str, str] = {}
    room = MAX_CHARS
    for url, task in zip(wanted, reading, strict=True):
        part = task.result() if task.done() else ""
        task.cancel()
        if part and len(part) <= room:
            found[url] = part
            room -= len(part)
    return Subresources(found=found, left_out=len(every) - len(found))


async def _loaded(cdp: CDPSession, wanted: Callable[[Resource], bool]) -> list[Found]:
    """The wanted resources of the page and its frames that finished loading."""
    tree = (await cdp.send("Page.getResourceTree"))["frameTree"]
    return [
        pair
        for pair in _resources(tree)
        if wanted(pair[1]) and not (pair[1].get("failed") or pair[1].get("canceled"))
    ]


def _is_part(item: Resource) -> bool:
    """By media type too: Chromium types an SVG that is referenced by `<use>` as a document."""
    return item["type"] in (IMAGE, FONT) or str(item.get("mimeType", "")).startswith("image/")


def _resources(tree: dict[str, Any]) -> Iterator[Found]:
    for item in tree["resources"]:
        yield tree["frame"]["id"], item
    for child in tree.get("childFrames", ()):
        yield from _resources(child)


async def _content(cdp: CDPSession, frame: str, address: str) -> tuple[str, bool] | None:
    """The content and whether it is base64; None when the browser dropped it."""
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
    """The data: URL; empty when it cannot be had or is too large."""
    address, media_type = str(item["url"]), str(item.get("mimeType", "")).lower()
    if item["type"] == FONT:
        data = await reload_resource(cdp, frame, address, MAX_PART_BYTES)
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


async def reload_resource(cdp: CDPSession, frame: str, address: str, most: int) -> bytes:
    """The body the browser gets for this address, from its cache or the network, in the page's name.

    Empty when it cannot be had or is larger than `most` bytes.
    """
    options = {"disableCache": False, "includeCredentials": False}
    request = {"frameId": frame, "url": address, "options": options}
    got = (await cdp.send("Network.loadNetworkResource", request))["resource"]
    handle = got.get("stream")
    if not handle or got.get("httpStatusCode") != 200:
        return b""
    data = b""
    while len(data) <= most:
        chunk = await cdp.send(
            "IO.read", {"handle": handle, "size": min(READ_CHUNK_BYTES, most + 1)}
        )
        read = chunk["data"]
        data += base64.b64decode(read) if chunk.get("base64Encoded") else read.encode()
        if chunk["eof"]:
            break
    await cdp.send("IO.close", {"handle": handle})
    return data if len(data) <= most else b""
