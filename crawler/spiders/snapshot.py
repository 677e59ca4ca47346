"""How does a delivery become a visit, and a visit an item? The one spider: it runs until it is stopped."""

import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any, Self

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from crawler import failures
from crawler.failures import GivenBack
from crawler.queue.visit_coordinator import BROWSER, PUBLISHING, Desk, Turn
from crawler.watchdog import watchdog_of
from linkshot.errors import MessageRefused, Unavailable
from pipelines.item import SnapshotItem
from pipelines.runtime import app_of

logger = logging.getLogger(__name__)


class SnapshotSpider(scrapy.Spider):
    """Takes requests for snapshots from the queue, for ever."""

    name = "snapshot"
    desk: Desk | None = None
    leave_code: int | None = None
    """Why the worker left by itself; an exit code."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """With ears for everything that can break after a visit."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        connect = crawler.signals.connect
        connect(spider.item_broke, signals.item_error)
        connect(spider.item_was_dropped, signals.item_dropped)
        connect(spider.callback_broke, signals.spider_error)
        connect(spider.close_desk, signals.spider_closed)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """An endless stream of visits; Scrapy cancels it when the worker is told to stop."""
        desk = self.desk = Desk(
            app_of(self.crawler), self._leave, watchdog_of(self.crawler), self._begun
        )
        desk.start()
        while True:
            turn = await desk.next()
            if turn.prepared.refused is not None:
                desk.hosts.unvisited(turn.work.host)
                yield self._item(turn, failure=turn.prepared.refused)
            else:
                yield self._request(turn)

    def drain(self) -> None:
        """Take nothing new."""
        if self.desk is not None:
            self.desk.drain()

    def parse(self, response: Response, turn: Turn) -> Iterator[SnapshotItem]:
        """The visit brought something."""
        self._visited(response.meta, turn)
        logger.info(
            "Visited %s",
            turn.work.host,
            extra={
                "action": "visited",
                "link_id": turn.work.request.link_id,
                "http_status": response.status,
                "ms": int(response.meta.get("visit_s", 0.0) * 1000),
            },
        )
        yield self._item(turn, capture=response.meta.pop("capture"))

    def visit_failed(self, failure: TwistedFailure) -> Iterator[SnapshotItem]:
        """The visit brought nothing; or it was we who failed, then the delivery goes back."""
        request = failure.request  # type: ignore[attr-defined]  # Scrapy adds it
        turn: Turn = request.cb_kwargs["turn"]
        self._visited(request.meta, turn)
        error = error_of(failure)
        if isinstance(error, GivenBack):
            turn.ending.nack()
        elif isinstance(error, Unavailable):
            turn.ending.nack()
            self._trouble(error)
        else:
            found = failures.of_exception(error)
            if found.kind == "internal":
                logger.error("A visit failed by our own fault", exc_info=error)
            yield self._item(turn, failure=found)

    def _request(self, turn: Turn) -> scrapy.Request:
        deadline = self._desk.settings.page_deadline_s
        return scrapy.Request(
            turn.work.url,
            dont_filter=True,
            callback=self.parse,
            errback=self.visit_failed,
            cb_kwargs={"turn": turn},
            meta={
                "playwright": True,
                "url": turn.work.url,
                "visit": str(turn.work.request.request_id),
                "alone": turn.prepared.attempt.alone,
                "begin": lambda: turn.ending.watch(deadline),
            },
        )

    def _item(self, turn: Turn, **brought: Any) -> SnapshotItem:
        return SnapshotItem(request=turn.work.request, ack=turn.ending.ack, **brought)

    def _visited(self, meta: dict[str, Any], turn: Turn) -> None:
        if "visit_s" in meta:
            self._desk.trouble.fine(BROWSER)
            least_s = meta.get("least_gap_s", 0.0)
            self._desk.hosts.visited(turn.work.host, meta["visit_s"], least_s)
        else:
            self._desk.hosts.unvisited(turn.work.host)

    @property
    def _desk(self) -> Desk:
        if self.desk is None:
            raise RuntimeError("the spider has not started")
        return self.desk

    def _trouble(self, error: Exception) -> None:
        self._desk.in_trouble(error, getattr(error, "part", PUBLISHING))

    def _leave(self) -> None:
        leave = getattr(self.crawler, "linkshot_leave", None)
        if leave is not None:
            leave()

    def _begun(self) -> None:
        begun = getattr(self.crawler, "linkshot_begun", None)
        if begun is not None:
            begun()

    def item_broke(self, item: SnapshotItem, failure: TwistedFailure) -> None:
        """A pipeline raised: Scrapy runs no later one, so nobody else will end this."""
        ending = self._desk.endings.of(item.request.request_id)
        if ending is None or ending.over:
            return
        error = error_of(failure)
        if isinstance(error, Unavailable) and not isinstance(error, MessageRefused):
            ending.nack()
            self._trouble(error)
        else:
            detail = f"{failures.stage_of(error)}: {type(error).__name__}"
            ending.fail(failures.failure("internal", detail))

    def item_was_dropped(self, item: SnapshotItem, exception: Exception) -> None:
        """A pipeline dropped an item; none should."""
        ending = self._desk.endings.of(item.request.request_id)
        if ending is not None:
            ending.fail(failures.failure("internal", f"dropped by {failures.stage_of(exception)}"))

    def callback_broke(self, failure: TwistedFailure, response: Response | None) -> None:
        """The spider itself raised; without a response it was start(), and the worker ends."""
        turn = response.request.cb_kwargs.get("turn") if response and response.request else None
        if turn is not None:
            turn.ending.fail(failures.of_exception(error_of(failure)))

    async def close_desk(self) -> None:
        """The engine has ended all visits and stages: leave the group."""
        if self.desk is not None:
            await self.desk.close()


def error_of(failure: TwistedFailure) -> BaseException:
    """The exception inside Twisted's wrapping."""
    return failure.value or RuntimeError("a failure without an exception")
