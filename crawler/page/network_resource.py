"""Loads a file in the page's name beside the page's own requests (CDP Network.loadNetworkResource)."""

from dataclasses import dataclass

from playwright.async_api import CDPSession

from crawler.page.fetch_domain import read_chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedResource:
    """A file and the head of its answer."""

    headers: dict[str, str]
    body: bytes


async def load(cdp: CDPSession, frame: str, address: str, most: int) -> LoadedResource | None:
    """What the browser gets for this address, from its cache or the network, without cookies.

    None when it cannot be had or is larger than `most` bytes.
    """
    options = {"disableCache": False, "includeCredentials": False}
    request = {"frameId": frame, "url": address, "options": options}
    got = (await cdp.send("Network.loadNetworkResource", request))["resource"]
    handle = got.get("stream")
    if not handle or got.get("httpStatusCode") != 200:
        return None
    data = b""
    while len(data) <= most:
        piece, has_ended = await read_chunk(cdp, handle, most + 1)
        data += piece
        if has_ended:
            break
    await cdp.send("IO.close", {"handle": handle})
    headers = {str(name): str(value) for name, value in got.get("headers", {}).items()}
    return LoadedResource(headers=headers, body=data) if len(data) <= most else None
