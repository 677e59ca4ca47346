"""Which browser process serves now, and when is it replaced or killed?"""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError

from crawler import watchdog
from crawler.browser import memory_guard

logger = logging.getLogger(__name__)

LAUNCH_TIMEOUT_S = 60.0
CLOSE_TIMEOUT_S = 8.0


@dataclass(slots=True, eq=False)
class Life:
    """One browser process from launch to end."""

    browser: Browser
    pid: int | None
    agent: str
    """Its User-Agent without the word Headless."""
    pages: int = 0
    """Visits it has served or serves."""
    users: int = 0
    retired: bool = False
    """Serves no new visits."""
    killed_for: str = ""
    """The visit that it was killed for; others in it are not to blame."""

    too_big: bool = False
    """A page of it used too much memory and was ended."""

    guard: "asyncio.Future[None] | None" = None

    @property
    def alive(self) -> bool:
        """Whether it still answers to Playwright."""
        return not self.killed_for and self.browser.is_connected()


class Browsers:
    """Hands out the current browser; a new one after `max_pages` visits, a crash or a kill."""

    def __init__(
        self, launch: Callable[[], Awaitable[Browser]], max_pages: int, max_bytes: int
    ) -> None:
        self.launch = launch
        self.max_pages = max_pages
        self.max_bytes = max_bytes
        self.launched = 0
        self._current: Life | None = None
        self._lock = asyncio.Lock()

    async def take(self) -> Life:
        """A living browser for one visit; give it back afterwards."""
        async with self._lock:
            if self._current is None or not self._current.alive or self._current.retired:
                self._current = await asyncio.wait_for(self._launch(), LAUNCH_TIMEOUT_S)
            life = self._current
            life.pages += 1
            life.users += 1
            life.retired = life.pages >= self.max_pages
            return life

    async def give(self, life: Life) -> None:
        """The visit has left it; the last one out of a retired browser ends it."""
        life.users -= 1
        if life.retired and life.users == 0:
            await self.end(life)

    async def kill(self, life: Life, name: str) -> None:
        """End it at once, with all its processes, because of the visit `name`."""
        if life.killed_for:
            return
        life.killed_for = name
        logger.warning(
            "The browser is killed and replaced", extra={"action": "browser_killed", "visit": name}
        )
        kill_group(life.pid)
        await self.end(life)

    async def end(self, life: Life) -> None:
        """Close it in peace, or not."""
        life.retired = True
        if life.guard is not None:
            life.guard.cancel()
        try:
            await asyncio.wait_for(life.browser.close(), CLOSE_TIMEOUT_S)
        except (PlaywrightError, TimeoutError) as exc:
            logger.debug("A browser did not close by itself", extra={"reason": str(exc)[:200]})
        kill_group(life.pid)

    def kill_beside(self, life: Life, name: str) -> None:
        """Kill it for the visit `name`, without a word to Playwright. From any thread."""
        if life.killed_for:
            return
        life.killed_for, life.retired = name, True
        kill_group(life.pid)
        watchdog.say(
            logging.WARNING,
            "A visit did not leave its browser in time; the browser is killed and replaced",
            action="browser_killed",
            visit=name,
        )

    async def close(self) -> None:
        """End the current one. Repeatable."""
        life, self._current = self._current, None
        if life is not None:
            await self.end(life)

    async def _launch(self) -> Life:
        browser = await self.launch()
        self.launched += 1
        pid, agent = await told_of(browser)
        life = Life(browser=browser, pid=pid, agent=agent)
        life.guard = asyncio.ensure_future(self._guard(life))
        return life

    async def _guard(self, life: Life) -> None:
        """As long as it lives, see to it that its pages do not use up the machine's memory."""
        while life.pid is not None and life.alive:
            await asyncio.sleep(memory_guard.LOOK_EVERY_S)
            if life.users and await memory_guard.look(life.pid, self.max_bytes):
                life.too_big = life.retired = True


async def told_of(browser: Browser) -> tuple[int | None, str]:
    """Process id and User-Agent of a browser, as it tells them itself."""
    session = await browser.new_browser_cdp_session()
    version = await session.send("Browser.getVersion")
    processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
    await session.detach()
    pid = next((int(one["id"]) for one in processes if one["type"] == "browser"), None)
    return pid, str(version["userAgent"]).replace("HeadlessChrome", "Chrome")


def kill_group(pid: int | None) -> None:
    """SIGKILL for the process group of the browser, which Playwright starts as one of its own."""
    if pid is None:
        return
    try:
        group = os.getpgid(pid)
        if group != os.getpgrp():
            os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
