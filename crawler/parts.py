"""Which pictures and fonts did the page load? Read from the browser's memory, without a request."""

import asyncio
import base64
import re
from collections.abc import Iterator
from typing import Any

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

KINDS = frozenset(("Image", "Font"))
MAX_PARTS, MAX_PART_BYTES, MAX_CHARS = 400, 3_000_000, 16_000_000
"""Number, bytes of each, characters of all as data: addresses."""
PATIENCE_S = 2.0
"""One that is still on its way is given by the browser when it is there, or never."""
MEDIA_TYPE = re.compile(r"(?:image|font|application)/[a-z0-9.+-]{1,60}")

Wanted = tuple[str, str, str]
"""Frame, address, media type."""


async def parts(cdp: CDPSession) -> dict[str, str]:
    """Address → data: address, in the order they were loaded, as far as there is room."""
    tree = (await cdp.send("Page.getResourceTree"))["frameTree"]
    wanted = list(dict.fromkeys(_wanted(tree)))[:MAX_PARTS]
    reading = [asyncio.ensure_future(_read(cdp, *one)) for one in wanted]
    if reading:
        await asyncio.wait(reading, timeout=PATIENCE_S)
    found: dict[str, str] = {}
    room = MAX_CHARS
    for (_, address, _), task in zip(wanted, reading, strict=True):
        part = task.result() if task.done() else ""
        task.cancel()
        if part and len(part) <= room:
            found[address.partition("#")[0]] = part
            room -= len(part)
    return found


def _wanted(tree: dict[str, Any]) -> Iterator[Wanted]:
    """Of the page and its frames; only what came whole and from the network."""
    frame = tree["frame"]["id"]
    for item in tree["resources"]:
        missing = item.get("failed") or item.get("canceled")
        if item["type"] in KINDS and not missing and _is_fit(item):
            yield frame, item["url"], item.get("mimeType", "")
    for child in tree.get("childFrames", ()):
        yield from _wanted(child)


def _is_fit(item: dict[str, Any]) -> bool:
    small = float(item.get("contentSize", 0)) <= MAX_PART_BYTES
    return small and str(item["url"]).startswith(("http://", "https://"))


async def _read(cdp: CDPSession, frame: str, address: str, media_type: str) -> str:
    """The data: address; empty when the browser has forgotten the bytes."""
    try:
        got = await cdp.send("Page.getResourceContent", {"frameId": frame, "url": address})
    except PlaywrightError:
        return ""
    content = str(got["content"])
    if not got["base64Encoded"]:
        content = base64.b64encode(content.encode("utf-8", "replace")).decode("ascii")
    if len(content) > MAX_PART_BYTES * 4 // 3 + 4:
        return ""
    kind = media_type.lower() if MEDIA_TYPE.fullmatch(media_type.lower()) else "image/png"
    return f"data:{kind};base64,{content}"
