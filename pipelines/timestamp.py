"""Asks the configured authority for a time stamp (RFC 3161) of a manifest.

An optional step with a short limit: an authority that fails costs the snapshot its stamp and nothing else. The
request leaves through Scrapy's engine, and so through the egress proxy.
"""

import asyncio
import logging
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http.request import NO_CALLBACK

from linkshot.domain.rfc3339 import rfc3339
from linkshot.domain.timestamps import (
    MAX_RESPONSE_BYTES,
    QUERY,
    REPLY,
    stamped_at,
    timestamp_query,
)
from linkshot.errors import Damaged
from linkshot.system.config import Settings

logger = logging.getLogger(__name__)

PAUSE_S = 60.0
"""After an authority did not answer it is not asked for so long: each page would wait for it again."""
Post = Callable[[str, bytes], Awaitable[tuple[int, bytes]]]
"""Posts a query to an address; status and body of the answer."""


class TimestampAuthority:
    """The authority of the settings; safe to ask for several pages at a time."""

    def __init__(
        self, settings: Settings, post: Post, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = settings.timestamp_authority
        self._timeout_s = settings.timestamp_timeout_s
        self._post = post
        self._clock = clock
        self._paused_until = float("-inf")

    async def stamp(self, data: bytes) -> dict[str, Any]:
        """The answer for a manifest's seal: `authority`, `response` in base64 and its `time`, or `error` with
        a code: `timestamp.unreachable`, `.timeout`, `.paused`, `.http`, `.refused`, `.invalid`. Never raises."""
        if self._clock() < self._paused_until:
            return {"authority": self._url, "error": "timestamp.paused"}
        query = timestamp_query(data)
        try:
            async with asyncio.timeout(self._timeout_s):
                status, body = await self._post(self._url, query.body)
        except TimeoutError:
            return self._failed("timestamp.timeout", pause=True)
        except Exception as exc:  # noqa: BLE001  # Scrapy, Twisted and the egress each have errors of their own
            logger.debug("A time stamp failed", extra={"reason": repr(exc)[:200]})
            return self._failed("timestamp.unreachable", pause=True)
        if status != 200:
            return self._failed("timestamp.http", pause=status >= 500)
        try:
            at = stamped_at(body, data, query.nonce)
        except Damaged as exc:
            refused = exc.fault == "refused"
            return self._failed("timestamp.refused" if refused else "timestamp.invalid")
        return {"authority": self._url, "time": rfc3339(at), "response": b64encode(body).decode()}

    def _failed(self, code: str, *, pause: bool = False) -> dict[str, Any]:
        if pause:
            self._paused_until = self._clock() + PAUSE_S
        logger.warning(
            "A snapshot has no time stamp",
            extra={"action": "timestamp_failed", "authority": self._url, "code": code},
        )
        return {"authority": self._url, "error": code}


def poster(crawler: Crawler, timeout_s: float) -> Post:
    """Posts through the engine of this crawler."""

    async def post(url: str, body: bytes) -> tuple[int, bytes]:
        request = Request(
            url,
            method="POST",
            body=body,
            headers={"Content-Type": QUERY, "Accept": REPLY},
            callback=NO_CALLBACK,
            dont_filter=True,
            meta={
                "download_timeout": timeout_s,
                "download_maxsize": MAX_RESPONSE_BYTES,
                "dont_redirect": True,
            },
        )
        engine = crawler.engine
        assert engine is not None  # it is running: it gave us the page
        response = await engine.download_async(request)
        return response.status, response.body

    return post
