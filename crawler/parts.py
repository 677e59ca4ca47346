"""Which style sheets, pictures and fonts did the page load? Read from the browser's memory."""

import asyncio
import base64
import re
from collections.abc import Iterator
from typing import Any

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

from crawler.account import Account

MAX_SHEETS, MAX_SHEET_BYTES = 200, 20_000_000
SHEETS_PATIENCE_S = 2.0
"""The browser asks again for a sheet that never came, and gives none before that has ended."""
SHEET = frozenset(("Stylesheet",))
KINDS = frozenset(("Image", "Font"))
MAX_PARTS, MAX_PART_BYTES, MAX_CHARS = 400, 3_000_000, 16_000_000
"""Number, bytes of each, characters of all as data: addresses."""
PATIENCE_S = 2.0
"""One that is still on its way is given by the browser when it is there, or never."""
MEDIA_TYPE = re.compile(r"(?:image|font|application)/[a-z0-9.+-]{1,60}")

Wanted = tuple[str, str, str]
"""Frame, address, media type."""


async def sheets(cdp: CDPSession, account: Account) -> dict[str, str]:
    """Address → text of the style sheets the page loaded, those of other sites included."""
    wanted = [(frame, str(item["url"])) for frame, item in await _loaded(cdp, SHEET)][:MAX_SHEETS]
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


async def parts(cdp: CDPSession) -> dict[str, str]:
    """Address → data: address, in the order they were loaded, as far as there is room."""
    fit = ((frame, item) for frame, item in await _loaded(cdp, KINDS) if _is_fit(item))
    every = ((frame, str(item["url"]), item.get("mimeType", "")) for frame, item in fit)
    wanted = list(dict.fromkeys(every))[:MAX_PARTS]
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


async def _loaded(cdp: CDPSession, kinds: frozenset[str]) -> list[tuple[str, dict[str, Any]]]:
    """(frame, resource) of these kinds, of the page and its frames; only what came."""
    tree = (await cdp.send("Page.getResourceTree"))["frameTree"]
    return [pair for pair in _resources(tree) if pair[1]["type"] in kinds and _has_come(pair[1])]


def _resources(tree: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for item in tree["resources"]:
        yield tree["frame"]["id"], item
    for child in tree.get("childFrames", ()):
        yield from _resources(child)


def _has_come(item: dict[str, Any]) -> bool:
    return not item.get("failed") and not item.get("canceled")


def _is_fit(item: dict[str, Any]) -> bool:
    small = float(item.get("contentSize", 0)) <= MAX_PART_BYTES
    return small and str(item["url"]).startswith(("http://", "https://"))


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


async def _read(cdp: CDPSession, frame: str, address: str, media_type: str) -> str:
    """The data: address; empty when it cannot be had or is too large."""
    got = await _content(cdp, frame, address)
    if got is None:
        return ""
    content, encoded = got
    if not encoded:
        content = base64.b64encode(content.encode("utf-8", "replace")).decode("ascii")
    if len(content) > MAX_PART_BYTES * 4 // 3 + 4:
        return ""
    kind = media_type.lower() if MEDIA_TYPE.fullmatch(media_type.lower()) else "image/png"
    return f"data:{kind};base64,{content}"
