"""Follows the loading state of the newest document of the main frame (CDP lifecycle events)."""

import asyncio
from typing import Any

from playwright.async_api import CDPSession

ALMOST_IDLE_S = 2.0
"""With one or two requests open (a poll, a stream) a page counts as quiet after this much longer."""


class Lifecycle:
    """The lifecycle events that the newest document has reached."""

    def __init__(self, cdp: CDPSession, frame_id: str) -> None:
        self.cdp = cdp
        self.frame_id = frame_id
        self.loader = ""
        self.reached: set[str] = set()
        self._changed = asyncio.Event()

    async def start(self) -> None:
        """Begin to listen; before the first navigation."""
        self.cdp.on("Page.lifecycleEvent", self._event)
        await self.cdp.send("Page.enable")
        await self.cdp.send("Page.setLifecycleEventsEnabled", {"enabled": True})

    def _event(self, event: dict[str, Any]) -> None:
        if event["frameId"] != self.frame_id:
            return
        if event["loaderId"] != self.loader:
            self.loader = event["loaderId"]
            self.reached.clear()
        self.reached.add(event["name"])
        self._changed.set()

    async def until(self, *names: str) -> None:
        """Wait until the newest document has reached one of these states."""
        while self.reached.isdisjoint(names):
            self._changed.clear()
            await self._changed.wait()

    async def until_replaced(self, loader: str) -> None:
        """Wait until a newer document than this one has come."""
        while self.loader == loader:
            self._changed.clear()
            await self._changed.wait()

    async def until_quiet(self) -> None:
        """No request open for half a second, or at most two for two seconds more."""
        await self.until("networkAlmostIdle", "networkIdle")
        try:
            async with asyncio.timeout(ALMOST_IDLE_S):
                await self.until("networkIdle")
        except TimeoutError:
            return
