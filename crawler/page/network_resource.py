"""Loads a file in the page's name beside the page's own requests (CDP Network.loadNetworkResource)."""

import base64
from dataclasses import dataclass

from playwright.async_api import CDPSession

READ_CHUNK_BYTES = 1 << 20
"""Bytes per IO.read."""


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
        chunk = await cdp.send(
            "IO.read", {"handle": handle, "size": min(READ_CHUNK_BYTES, most + 1)}
        )
        read = chunk["data"]
        data += base64.b64decode(read) if chunk.get("base64Encoded") else read.encode()
        if chunk["eof"]:
            break
    await cdp.send("IO.close", {"handle": handle})
    headers = {str(name): str(value) for name, value in got.get("headers", {}).items()}
    return LoadedResource(headers=headers, body=data) if len(data) <= most else None
