"""One running crawl worker, as a Scrapy extension: its services, and the ways to end it.

Scrapy makes spider, download handler and middlewares itself, each from the Crawler alone. What they
share hangs here, and each finds it with worker_of().
"""

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

from scrapy.crawler import Crawler

from crawler import watchdog
from crawler.exit_codes import ExitCode
from crawler.queue.visit_coordinator import VisitCoordinator
from crawler.watchdog import Watchdog
from linkshot.app import App
from linkshot.processes.heartbeat import BEAT_INTERVAL_S, Heartbeat
from linkshot.system.config import Settings
from linkshot.system.signals import SignalListener, end_now

if TYPE_CHECKING:
    from crawler.browser.download_handler import SnapshotDownloadHandler

logger = logging.getLogger(__name__)

SECOND_SIGNAL_S = 1.0
"""A second signal earlier than this is the first one repeated (a terminal signals the whole group)."""
ABORT_TIMEOUT_S = 20.0
"""After everything was returned; then the process ends, whatever still hangs."""
THREADS_PER_REQUEST = 3
ENDS = "The worker ends"
STUCK = "The event loop is stuck; the worker ends and its visits come again"


class Worker:
    """Services of one crawler and its end.

    Scrapy can only stop an engine that runs: before that, Crawler.stop_async() returns silently and
    the engine starts all the same. So stop() is for a worker with a coordinator, which the running
    engine opens; before it nothing was consumed, and the process just ends.
    """

    def __init__(
        self, crawler: Crawler, settings: Settings, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.crawler = crawler
        self.settings = settings
        self.loop = loop
        self.reason = ExitCode.OK
        self.coordinator: VisitCoordinator | None = None
        self.download_handler: SnapshotDownloadHandler | None = None
        self.watchdog = Watchdog(self.end_stuck)
        self._stopped_at = math.inf
        self._tasks: set[asyncio.Future[Any]] = set()
        self._heartbeat = Heartbeat(settings.heartbeat_file)
        self._signals = SignalListener(
            self._on_first_signal,
            lambda: self._in_loop(self._on_second_signal),
            lambda: end_now(ExitCode.OK),
        )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy makes it, first of all extensions: from here on signals end the worker in order."""
        worker = cls(crawler, crawler.settings["LINKSHOT_SETTINGS"], asyncio.get_running_loop())
        worker._signals.listen()
        worker.loop.set_default_executor(_executor(crawler))
        worker._beat()
        return worker

    def open_coordinator(self, app: App) -> VisitCoordinator:
        """Make the coordinator, in the running engine."""
        self.coordinator = VisitCoordinator(
            app, lambda: self.stop(ExitCode.UNREACHABLE), self.watchdog, self._signals.begun
        )
        return self.coordinator

    def _beat(self) -> None:
        """From the event loop, which does everything: when it is stuck, the heartbeat stops."""
        self._heartbeat.beat()
        self.loop.call_later(BEAT_INTERVAL_S, self._beat)

    def _on_first_signal(self) -> None:
        """Runs in a thread of its own: the loop may be busy with imports for seconds."""
        if self.coordinator is None:
            watchdog.log_bounded(logging.INFO, ENDS, action="worker_ended", reason=ExitCode.OK.name)
            end_now(ExitCode.OK)
        self._in_loop(lambda: self.stop(ExitCode.OK))

    def _on_second_signal(self) -> None:
        if time.monotonic() - self._stopped_at >= SECOND_SIGNAL_S:
            self.abort()

    def _in_loop(self, work: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and so will the process
            self.loop.call_soon_threadsafe(work)

    def code(self) -> int:
        """Exit code of the worker that has ended."""
        stats = self.crawler.stats
        failed = stats is None or stats.get_value("finish_reason") not in ("shutdown", "finished")
        return int(ExitCode.FAILED if failed and self.reason is ExitCode.OK else self.reason)

    def stop(self, reason: ExitCode) -> None:
        """Consume nothing new, end visits within the drain timeout, return the rest."""
        if self._stopped_at < math.inf:
            return
        self._stopped_at, self.reason = time.monotonic(), reason
        logger.info(ENDS, extra={"action": "worker_draining", "reason": reason.name})
        if self.coordinator is not None:
            self.coordinator.drain()
        if self.download_handler is not None:
            self.download_handler.drain()
        self.loop.call_later(self.settings.drain_timeout_s, self.abort)
        self._tasks.add(asyncio.ensure_future(self.crawler.stop_async()))

    def abort(self) -> None:
        """Break off what still runs; its deliveries are returned."""
        if self.download_handler is not None:
            self.download_handler.abort()
        self.loop.call_later(ABORT_TIMEOUT_S, lambda: end_now(self.reason))

    def end_stuck(self) -> None:
        """End the process from the watchdog, since nothing else can. Marks stay, deliveries return."""
        stack = watchdog.stack_of_main()
        watchdog.log_bounded(logging.ERROR, STUCK, action="worker_stuck", stack=stack)
        end_now(ExitCode.STUCK)


def _executor(crawler: Crawler) -> ThreadPoolExecutor:
    """Threads for what blocks: pipelines wait in them for the one sandbox process, and must leave some to others."""
    return ThreadPoolExecutor(THREADS_PER_REQUEST * crawler.settings.getint("CONCURRENT_REQUESTS"))


def worker_of(crawler: Crawler) -> Worker:
    """The worker that this crawler belongs to."""
    worker = crawler.get_extension(Worker)
    if worker is None:
        raise RuntimeError("the extension crawler.worker.Worker is not enabled")
    return worker
