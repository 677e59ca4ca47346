"""When has a page loaded? Each wait has a cap; a stuck image never fails a page."""

import asyncio
from typing import Any

from playwright.async_api import CDPSession

from crawler.guards import Guards
from crawler.steps import Steps
from crawler.world import World
from linkshot.config import Settings

ALMOST_S = 2.0
"""With one or two requests open (a poll, a stream) it counts as quiet after this time more."""
PROBE_S = 5.0
"""A page that does not answer for so long runs an endless script."""
SETTLE_MS = 3000
SETTLE_QUIET_MS = 300
SCROLL_STEPS = 50


class Lifecycle:
    """What the browser says of the newest document of the main frame."""

    def __init__(self, cdp: CDPSession, frame_id: str) -> None:
        self.cdp = cdp
        self.frame_id = frame_id
        self.loader = ""
        self.reached: set[str] = set()
        self._news = asyncio.Event()

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
        self._news.set()

    async def until(self, *names: str) -> None:
        """Wait until the newest document has reached one of these states."""
        while self.reached.isdisjoint(names):
            self._news.clear()
            await self._news.wait()

    async def until_quiet(self) -> None:
        """No request open for half a second, or at most two for two seconds more."""
        await self.until("networkAlmostIdle", "networkIdle")
        try:
            async with asyncio.timeout(ALMOST_S):
                await self.until("networkIdle")
        except TimeoutError:
            return


async def wait(
    steps: Steps, world: World, lifecycle: Lifecycle, guards: Guards, settings: Settings
) -> None:
    """Load, quiet, scroll, settle; what does not come in time is noted and left out."""
    await steps.do("load", lifecycle.until("load"), settings.load_timeout_s)
    if not guards.stopped:
        await steps.do("quiet", lifecycle.until_quiet(), settings.quiet_timeout_s)
    if not await answers(steps, world, guards):
        return
    await scroll(steps, world, settings)
    settled = await steps.do(
        "settle", world.run("settle", ms=SETTLE_MS, quiet=SETTLE_QUIET_MS), SETTLE_MS / 1000 + 2
    )
    for late in (settled or {}).get("late", ()):
        steps.cut(str(late))
    await answers(steps, world, guards)


async def scroll(steps: Steps, world: World, settings: Settings) -> None:
    """Walk down the page, so that its lazy parts load."""
    if not settings.scroll_timeout_s:
        return
    limits = {
        "ms": int(settings.scroll_timeout_s * 1000),
        "px": settings.screenshot_px * 2,
        "steps": SCROLL_STEPS,
    }
    walked = await steps.do("scroll", world.run("scroll", **limits), settings.scroll_timeout_s + 2)
    if walked and walked.get("limit"):
        steps.cut("scroll")


async def answers(steps: Steps, world: World, guards: Guards) -> bool:
    """Whether the page still answers; an endless script is ended, and the page taken as it is."""
    if not steps.partial and not guards.stopped:
        return True
    alive = await steps.do("script", world.evaluate("true"), PROBE_S)
    if not alive:
        await guards.stop_scripts()
    if guards.stopped:
        steps.cut("dialogs" if guards.dialog_count > 10 else "script")
    return not guards.stopped
