"""Starts a crawl worker and ends it: run_crawl() blocks until it is told to stop, and says why it ended."""

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Callable
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings as ScrapySettings

from crawler import watchdog
from crawler.browser.launch import find_browser
from crawler.exit_codes import Exit, Parent
from crawler.robots_rules import AGENT
from crawler.watchdog import Watchdog
from linkshot import __version__
from linkshot.processes.heartbeat import BEAT_INTERVAL_S, Heartbeat
from linkshot.system.config import Settings
from linkshot.system.signals import SignalListener, end_now

logger = logging.getLogger(__name__)

SECOND_SIGNAL_S = 1.0
"""An earlier second signal is the same wish said twice (a terminal tells the whole group)."""
LAST_WAIT_S = 20.0
"""After everything was given back; then the process ends whatever still hangs."""
ENDS = "The worker ends"
STUCK = "The event loop is stuck; the worker ends and its visits come again"


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


def run_crawl(settings: Settings, *, parent: Parent | None = None) -> int:
    """Visit pages until a signal or the end of the parent's pipe; the exit code.

    Raises ConfigError when no browser can be found.
    """
    find_browser(settings)
    from crawler.spiders.snapshot import SnapshotSpider

    process = AsyncCrawlerProcess(scrapy_settings(settings))
    quieten(settings)
    crawler = process.create_crawler(SnapshotSpider)
    worker = Worker(crawler, settings, asyncio.get_event_loop())
    worker.listen(parent)
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
    """One running crawler and the ways to end it.

    Scrapy stops only an engine that runs: Crawler.stop_async() returns without a word before that,
    and the engine starts all the same. So stop() is for a worker that has a desk, which the running
    engine opens; before it nothing was taken, and the process ends at once.
    """

    def __init__(
        self, crawler: Crawler, settings: Settings, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.crawler = crawler
        self.settings = settings
        self.loop = loop
        self.reason = Exit.OK
        self._stopped_at = math.inf
        self._tasks: set[asyncio.Future[Any]] = set()
        self._heartbeat = Heartbeat(settings.heartbeat_file)
        self._told = SignalListener(
            self._first_signal,
            lambda: self._in_loop(self._second_signal),
            lambda: end_now(Exit.OK),
        )
        self.watchdog = Watchdog(self.end_stuck)
        crawler.linkshot_watchdog = self.watchdog  # type: ignore[attr-defined]  # ours
        crawler.linkshot_begun = self._told.begun  # type: ignore[attr-defined]  # ours
        crawler.linkshot_leave = lambda: self.stop(Exit.UNREACHABLE)  # type: ignore[attr-defined]

    def listen(self, parent: Parent | None) -> None:
        """Hear signals, and the end of the parent."""
        self._told.listen()
        if parent is not None:
            parent.gone = lambda: end_now(Exit.PARENT_GONE)
        self._beat()

    def _beat(self) -> None:
        """From the event loop, which does everything: when it is stuck, the heartbeat ends."""
        self._heartbeat.beat()
        self.loop.call_later(BEAT_INTERVAL_S, self._beat)

    def _first_signal(self) -> None:
        """Not in the event loop, which may be busy with imports: what has taken nothing just ends."""
        if getattr(self.crawler.spider, "desk", None) is None:
            watchdog.say(logging.INFO, ENDS, action="worker_ended", reason=Exit.OK.name)
            end_now(Exit.OK)
        self._in_loop(lambda: self.stop(Exit.OK))

    def _in_loop(self, work: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and so will the process
            self.loop.call_soon_threadsafe(work)

    def code(self) -> int:
        """Why it ended."""
        stats = self.crawler.stats
        failed = stats is None or stats.get_value("finish_reason") not in ("shutdown", "finished")
        return int(Exit.FAILED if failed and self.reason is Exit.OK else self.reason)

    def _second_signal(self) -> None:
        if time.monotonic() - self._stopped_at >= SECOND_SIGNAL_S:
            self.hurry()

    def stop(self, reason: Exit) -> None:
        """Take nothing new, end visits within the drain timeout, give back the rest."""
        if self._stopped_at < math.inf:
            return
        self._stopped_at, self.reason = time.monotonic(), reason
        logger.info(ENDS, extra={"action": "worker_draining", "reason": reason.name})
        if (drain := getattr(self.crawler.spider, "drain", None)) is not None:
            drain()
        if (handler := getattr(self.crawler, "linkshot_handler", None)) is not None:
            handler.drain()
        self.loop.call_later(self.settings.drain_timeout_s, self.hurry)
        self._tasks.add(asyncio.ensure_future(self.crawler.stop_async()))

    def hurry(self) -> None:
        """Break off what still runs; its deliveries go back."""
        handler = getattr(self.crawler, "linkshot_handler", None)
        if handler is not None:
            handler.hurry()
        self.loop.call_later(LAST_WAIT_S, lambda: end_now(self.reason))

    def end_stuck(self) -> None:
        """Nothing else can end it: the watchdog does. The marks stay, the deliveries come again."""
        stack = watchdog.stack_of_main()
        watchdog.say(logging.ERROR, STUCK, action="worker_stuck", stack=stack)
        end_now(Exit.STUCK)
