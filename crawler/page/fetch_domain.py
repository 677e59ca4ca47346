"""Answers paused requests of the CDP Fetch domain, and reads the streams of bodies."""

import asyncio
import base64
import http
import logging
from collections.abc import Coroutine, Iterable
from typing import Any

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

logger = logging.getLogger(__name__)

READ_CHUNK_BYTES = 1 << 20
"""Bytes per IO.read; a whole body in one message exceeds what Playwright's driver can pass on."""
STALE_HEADERS = frozenset(("content-length", "content-encoding", "transfer-encoding"))
"""Headers that no longer describe the body once it was read and decoded."""
_PHRASES = {status.value: status.phrase for status in http.HTTPStatus}

Event = dict[str, Any]
"""A Fetch.requestPaused or Fetch.authRequired event."""


async def answer(cdp: CDPSession, method: str, event: Event, **more: Any) -> Any:
    """Call `method` for the request of the event."""
    return await cdp.send(method, {"requestId": event["requestId"], **more})


async def fulfill(
    cdp: CDPSession,
    event: Event,
    body: bytes,
    phrase: str = "",
    more_headers: Iterable[dict[str, str]] = (),
) -> None:
    """Give the browser this body, decoded, with the head of the server's answer."""
    status = event["responseStatusCode"]
    kept = [one for one in event["responseHeaders"] if one["name"].lower() not in STALE_HEADERS]
    await answer(
        cdp,
        "Fetch.fulfillRequest",
        event,
        responseCode=status,
        # Chromium refuses to fulfill without a phrase, and unregistered statuses have none
        responsePhrase=phrase or _PHRASES.get(status, "Unknown"),
        responseHeaders=[*kept, *more_headers],
        body=base64.b64encode(body).decode("ascii"),
    )


async def read_chunk(
    cdp: CDPSession, handle: str, size: int = READ_CHUNK_BYTES
) -> tuple[bytes, bool]:
    """The next bytes of a stream, READ_CHUNK_BYTES at most, and whether it has ended."""
    read = {"handle": handle, "size": min(size, READ_CHUNK_BYTES)}
    chunk = await cdp.send("IO.read", read)
    data = chunk["data"]
    piece = base64.b64decode(data) if chunk.get("base64Encoded") else data.encode()
    return piece, bool(chunk["eof"])


class PageTasks:
    """Work for a page that may be closed at any moment; calls that fail for that do not matter."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin this work."""
        task = asyncio.ensure_future(_ignore_page_gone(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def wait(self, timeout_s: float) -> None:
        """Until what is under way has ended, or time is up."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=timeout_s)

    async def idle(self) -> None:
        """Until all has ended, also what begins meanwhile."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def cancel(self) -> None:
        """Cancel what is under way."""
        for task in self._tasks:
            task.cancel()


async def _ignore_page_gone(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except (PlaywrightError, TimeoutError) as exc:
        logger.debug("An exchange was not handled to its end", extra={"reason": str(exc)[:200]})
