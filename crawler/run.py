"""How does a crawl worker start and end? run_crawl() blocks until it is told to stop, and says why it ended."""

import asyncio
import contextlib
import logging
import os
import signal
import threading
import time
from enum import IntEnum
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings as ScrapySettings

from crawler import watchdog
from crawler.browser import find_browser
from crawler.robotstxt import AGENT
from crawler.watchdog import Watchdog
from linkshot import __version__
from linkshot.config import Settings

logger = logging.getLogger(__name__)

SECOND_SIGNAL_S = 1.0
"""An earlier second signal is the same wish said twice (a terminal tells the whole group)."""
LAST_WAIT_S = 20.0
"""After everything was given back; then the process ends whatever still hangs."""
STUCK = "The event loop is stuck; the worker ends and its visits come again"


class Exit(IntEnum):
    """Exit codes of a crawl worker."""

    OK = 0
    FAILED = 1
    """An error of our own; the log has it."""
    PARENT_GONE = 3
    UNREACHABLE = 75
    """Store or queue did not answer for too long (EX_TEMPFAIL of sysexits.h)."""
    STUCK = 70
    """The event loop stood still past a visit's deadline and grace (EX_SOFTWARE)."""
    CONFIG = 78
    """A setting cannot work (EX_CONFIG)."""


def scrapy_settings(settings: Settings) -> ScrapySettings:
    """Scrapy's settings: the fixed ones of crawler/settings.py and what follows from ours."""
    made = ScrapySettings()
    made.setmodule("crawler.settings", priority="project")
    made.setdict(
        {
            "LINKSHOT_SETTINGS": settings,
            "CONCURRENT_REQUESTS": settings.page_slots + 4,
            "CONCURRENT_REQUESTS_PER_DOMAIN": settings.page_slots + 4,
            "CONCURRENT_ITEMS": settings.page_slots * 2,
            "USER_AGENT": settings.user_agent or f"{AGENT}/{__version__}",
            "REDIRECT_ENABLED": settings.robots,
            "LOG_ENABLED": False,
            "LOG_LEVEL": settings.log_level.upper(),
        },
        priority="cmdline",
    )
    return made


def run_crawl(settings: Settings, *, parent_fd: int | None = None) -> int:
    """Visit pages until a signal or the end of the parent's pipe; the exit code.

    Raises ConfigError when no browser can be found.
    """
    find_browser(settings)
    from crawler.spiders.snapshot import SnapshotSpider

    process = AsyncCrawlerProcess(scrapy_settings(settings))
    quieten(settings)
    crawler = process.create_crawler(SnapshotSpider)
    worker = Worker(crawler, settings, asyncio.get_event_loop())
    worker.listen(parent_fd)
    process.crawl(crawler)
    process.start(install_signal_handlers=False)
    worker.watchdog.close()
    return worker.code()


def quieten(settings: Settings) -> None:
    """Scrapy tells much of itself; who wants to know it asks for the debug level."""
    if settings.log_level != "debug":
        for name in ("scrapy", "scrapy-playwright", "twisted", "py.warnings"):
            logging.getLogger(name).setLevel(logging.WARNING)


class Worker:
    """One running crawler and the ways to end it."""

    def __init__(
        self, crawler: Crawler, settings: Settings, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.crawler = crawler
        self.settings = settings
        self.loop = loop
        self.reason = Exit.OK
        self._told_at: float | None = None
        self._tasks: set[asyncio.Future[Any]] = set()
        self.watchdog = Watchdog(self.end_stuck)
        crawler.linkshot_watchdog = self.watchdog  # type: ignore[attr-defined]  # ours
        crawler.linkshot_leave = lambda: self.stop(Exit.UNREACHABLE)  # type: ignore[attr-defined]

    def listen(self, parent_fd: int | None) -> None:
        """Hear signals, and the end of the parent."""
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.add_signal_handler(number, self.told)
        if parent_fd is not None:
            threading.Thread(target=self._watch_parent, args=(parent_fd,), daemon=True).start()

    def code(self) -> int:
        """Why it ended."""
        stats = self.crawler.stats
        failed = stats is None or stats.get_value("finish_reason") not in ("shutdown", "finished")
        return int(Exit.FAILED if failed and self.reason is Exit.OK else self.reason)

    def told(self) -> None:
        """A signal: the first one drains, a second one gives back at once."""
        now = time.monotonic()
        if self._told_at is None:
            self.stop(Exit.OK)
        elif now - self._told_at >= SECOND_SIGNAL_S:
            self.hurry()

    def stop(self, reason: Exit) -> None:
        """Take nothing new, end visits within the drain timeout, give back the rest."""
        if self._told_at is not None:
            return
        self._told_at, self.reason = time.monotonic(), reason
        logger.info("The worker ends", extra={"action": "worker_draining", "reason": reason.name})
        if (drain := getattr(self.crawler.spider, "drain", None)) is not None:
            drain()
        self.loop.call_later(self.settings.drain_timeout_s, self.hurry)
        task = asyncio.ensure_future(self._stop_crawler())
        self._tasks.add(task)

    def hurry(self) -> None:
        """Break off what still runs; its deliveries go back."""
        handler = getattr(self.crawler, "linkshot_handler", None)
        if handler is not None:
            handler.hurry()
        self.loop.call_later(LAST_WAIT_S, lambda: os._exit(int(self.reason)))

    async def _stop_crawler(self) -> None:
        """The engine may still be starting; it can be stopped only afterwards."""
        while self.crawler.crawling:
            with contextlib.suppress(RuntimeError):
                await self.crawler.stop_async()
                return
            await asyncio.sleep(0.1)

    def _watch_parent(self, parent_fd: int) -> None:
        """The pipe ends when the parent does, however it died."""
        with contextlib.suppress(OSError):
            while os.read(parent_fd, 1):
                pass
        logger.warning("The parent process is gone; the worker ends")
        self._end_now(Exit.PARENT_GONE)

    def end_stuck(self) -> None:
        """Nothing else can end it: the watchdog does. The marks stay, the deliveries come again."""
        stack = watchdog.stack_of_main()
        watchdog.say(logging.ERROR, STUCK, action="worker_stuck", stack=stack)
        self._end_now(Exit.STUCK)

    def _end_now(self, reason: Exit) -> None:
        """From any thread."""
        handler = getattr(self.crawler, "linkshot_handler", None)
        if handler is not None:
            handler.kill_browser()
        os._exit(int(reason))
