"""Keeps one browser process running, and replaces it by age, after crashes, and when it is killed.

Visits share a process and have a context each: a launch costs a second of CPU time, a context
milliseconds. What a page can do to the process is bounded by killing it on doubt.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError

from crawler import watchdog
from crawler.browser import memory_guard, web_workers

logger = logging.getLogger(__name__)

LAUNCH_TIMEOUT_S = 60.0
CLOSE_TIMEOUT_S = 8.0


@dataclass(slots=True, eq=False)
class BrowserProcess:
    """One browser process from launch to end."""

    browser: Browser
    pid: int | None
    agent: str
    """Its User-Agent without the word Headless, which some sites refuse."""
    pages: int = 0
    """Visits so far, those under way included."""
    users: int = 0
    retired: bool = False
    """Whether it serves no new visits."""
    killed_for: str = ""
    """The visit that it was killed for; the others in it are innocent and run again."""

    over_memory: bool = False
    """Whether a page of it used too much memory and was killed."""

    guard: "asyncio.Future[None] | None" = None

    @property
    def alive(self) -> bool:
        """Whether Playwright is still connected to it."""
        return not self.killed_for and self.browser.is_connected()


class BrowserPool:
    """Hands out the current browser; a new one after `max_pages` visits, a crash or a kill."""

    def __init__(
        self, launch: Callable[[], Awaitable[Browser]], max_pages: int, max_bytes: int
    ) -> None:
        self.launch = launch
        self.max_pages = max_pages
        self.max_bytes = max_bytes
        self.launched = 0
        self._current: BrowserProcess | None = None
        self._lock = asyncio.Lock()
        # a thread of its own: pages that take all memory are met while all others wait for parsers
        self._guards = ThreadPoolExecutor(1, thread_name_prefix="memory-guard")

    async def acquire(self) -> BrowserProcess:
        """A living browser for one visit; release it afterwards."""
        async with self._lock:
            if self._current is None or not self._current.alive or self._current.retired:
                self._current = await asyncio.wait_for(self._start(), LAUNCH_TIMEOUT_S)
            process = self._current
            process.pages += 1
            process.users += 1
            # it serves those under way to their end; the next visit gets a new one
            process.retired = process.pages >= self.max_pages
            return process

    async def release(self, process: BrowserProcess) -> None:
        """The visit has ended; the last one of a retired browser ends that."""
        process.users -= 1
        if process.retired and process.users == 0:
            await self.end(process)

    async def kill(self, process: BrowserProcess, name: str) -> None:
        """Kill it with all its processes, because of the visit `name`."""
        if process.killed_for:
            return
        process.killed_for = name
        logger.warning(
            "The browser is killed and replaced", extra={"action": "browser_killed", "visit": name}
        )
        kill_group(process.pid)
        await self.end(process)

    async def end(self, process: BrowserProcess) -> None:
        """Close it, by force after CLOSE_TIMEOUT_S."""
        process.retired = True
        if process.guard is not None:
            process.guard.cancel()
        try:
            await asyncio.wait_for(process.browser.close(), CLOSE_TIMEOUT_S)
        except (PlaywrightError, TimeoutError) as exc:
            logger.debug("A browser did not close by itself", extra={"reason": str(exc)[:200]})
        kill_group(process.pid)

    def kill_from_thread(self, process: BrowserProcess, name: str) -> None:
        """Kill it for the visit `name`. From any thread: Playwright belongs to the event loop, which may
        be what is stuck, and is not called.
        """
        if process.killed_for:
            return
        process.killed_for, process.retired = name, True
        kill_group(process.pid)
        watchdog.log_bounded(
            logging.WARNING,
            "A visit did not leave its browser in time; the browser is killed and replaced",
            action="browser_killed",
            visit=name,
        )

    async def close(self) -> None:
        """End the current one. Repeatable."""
        process, self._current = self._current, None
        if process is not None:
            await self.end(process)
        self._guards.shutdown(wait=False, cancel_futures=True)

    async def _start(self) -> BrowserProcess:
        browser = await self.launch()
        self.launched += 1
        pid, agent = await browser_info(browser)
        process = BrowserProcess(browser=browser, pid=pid, agent=agent)
        process.guard = asyncio.ensure_future(self._guard(process))
        return process

    async def _guard(self, process: BrowserProcess) -> None:
        """Keep pages from taking all memory or processor, as long as the browser lives."""
        while process.pid is not None and process.alive:
            await asyncio.sleep(memory_guard.CHECK_INTERVAL_S)
            # an idle browser has no page to kill
            if process.users and await self._has_killed_one(process.pid):
                process.over_memory = process.retired = True

    async def _has_killed_one(self, pid: int) -> bool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._guards, self._look_after, pid)

    def _look_after(self, pid: int) -> bool:
        """Whether a page was killed for its memory."""
        processes = memory_guard.child_processes(pid)
        web_workers.yield_processor(processes)
        return memory_guard.check_memory(processes, self.max_bytes)


async def browser_info(browser: Browser) -> tuple[int | None, str]:
    """Process id and User-Agent of a browser. Playwright knows neither; the DevTools protocol does."""
    session = await browser.new_browser_cdp_session()
    version = await session.send("Browser.getVersion")
    processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
    await session.detach()
    pid = next((int(one["id"]) for one in processes if one["type"] == "browser"), None)
    return pid, str(version["userAgent"]).replace("HeadlessChrome", "Chrome")


def kill_group(pid: int | None) -> None:
    """SIGKILL for the browser's process group; Playwright starts each browser in a group of its own."""
    if pid is None:
        return
    try:
        group = os.getpgid(pid)
        if group != os.getpgrp():  # our own group would include this worker
            os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
