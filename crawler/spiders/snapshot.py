"""The one spider: turns deliveries into requests, and what comes of them into items. Runs until stopped."""

import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any, Self

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from crawler import failures
from crawler.failures import VisitAborted
from crawler.queue.ready_visit import META_KEY, CaptureResponse, ReadyVisit, visit_of
from crawler.queue.visit_coordinator import BROWSER, VisitCoordinator
from crawler.worker import worker_of
from linkshot.domain.failure_details import detail_text
from linkshot.domain.failures import make_failure
from linkshot.domain.model import Capture, Failure
from linkshot.errors import MessageRefused, Unavailable
from pipelines.item import SnapshotItem
from pipelines.runtime import app_of

logger = logging.getLogger(__name__)


class SnapshotSpider(scrapy.Spider):
    """Consumes requests for snapshots, for ever."""

    name = "snapshot"

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Connected to the signals of everything that can fail after a visit."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        connect = crawler.signals.connect
        connect(spider.on_item_error, signals.item_error)
        connect(spider.on_item_dropped, signals.item_dropped)
        connect(spider.on_spider_error, signals.spider_error)
        connect(spider.on_spider_closed, signals.spider_closed)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """An endless stream of visits; Scrapy cancels it when the worker is told to stop.

        As long as this generator waits, the engine is not idle, so Scrapy does not close the spider.
        """
        coordinator = worker_of(self.crawler).open_coordinator(app_of(self.crawler))
        coordinator.start()
        while True:
            visit = await coordinator.next()
            if visit.rejected is not None:
                coordinator.scheduler.release_host(visit.host)
                yield _item(visit, failure=visit.rejected)
            elif visit.request.upload is not None:
                # the page is in the store: its site is not contacted
                coordinator.scheduler.release_host(visit.host)
                yield self._request(visit) if visit.shows_archive else _item(visit)
            else:
                yield self._request(visit)

    def _request(self, visit: ReadyVisit) -> scrapy.Request:
        return scrapy.Request(
            visit.url,
            dont_filter=True,
            callback=self.parse,
            errback=self.visit_failed,
            meta={META_KEY: visit},
        )

    def parse(self, response: Response) -> Iterator[SnapshotItem]:
        """The visit brought a capture."""
        assert isinstance(response, CaptureResponse)  # the download handler's
        visit = _visit(response.request)
        self._free_host(visit)
        uploaded = visit.request.upload is not None
        logger.info(
            "Showed an uploaded page of %s" if uploaded else "Visited %s",
            visit.host,
            extra={
                "action": "shown" if uploaded else "visited",
                "link_id": visit.request.link_id,
                "http_status": response.status,
                "ms": int((visit.report.seconds or 0.0) * 1000),
            },
        )
        yield _item(visit, capture=response.capture)

    def visit_failed(self, failure: TwistedFailure) -> Iterator[SnapshotItem]:
        """The visit brought a failure of the site, or we failed and the delivery is returned."""
        visit = _visit(failure.request)  # type: ignore[attr-defined]  # Scrapy adds it
        self._free_host(visit)
        error = error_of(failure)
        if isinstance(error, VisitAborted):
            visit.completion.nack()
        elif isinstance(error, Unavailable):
            visit.completion.nack()
            self._coordinator.report_outage(error)
        else:
            found = failures.exception_failure(error)
            if found.kind == "internal":
                logger.error("A visit failed by our own fault", exc_info=error)
            yield _item(visit, failure=found)

    def _free_host(self, visit: ReadyVisit) -> None:
        report = visit.report
        if visit.request.upload is not None:
            if report.seconds is not None:
                self._coordinator.outages.succeeded(BROWSER)
        elif report.seconds is None:
            self._coordinator.scheduler.release_host(visit.host)
        else:
            self._coordinator.outages.succeeded(BROWSER)
            least_s = max(report.min_gap_s, visit.rules.delay_s or 0.0)
            self._coordinator.scheduler.visit_ended(visit.host, report.seconds, least_s)

    @property
    def _coordinator(self) -> VisitCoordinator:
        coordinator = worker_of(self.crawler).coordinator
        if coordinator is None:
            raise RuntimeError("the spider has not started")
        return coordinator

    def on_item_error(self, item: SnapshotItem, failure: TwistedFailure) -> None:
        """A pipeline raised. Scrapy runs no later one then, so PublishPipeline will not complete it."""
        completion = self._coordinator.completions.get(item.request.request_id)
        if completion is None or completion.done:
            return
        error = error_of(failure)
        if isinstance(error, Unavailable) and not isinstance(error, MessageRefused):
            completion.nack()
            self._coordinator.report_outage(error)
        else:
            detail = f"{failures.stage_of(error)}: {type(error).__name__}"
            completion.fail(make_failure("internal", detail))

    def on_item_dropped(self, item: SnapshotItem, exception: Exception) -> None:
        """A pipeline dropped an item; none of ours does."""
        completion = self._coordinator.completions.get(item.request.request_id)
        if completion is not None:
            detail = detail_text("stage.dropped", stage=failures.stage_of(exception))
            completion.fail(make_failure("internal", detail))

    def on_spider_error(self, failure: TwistedFailure, response: Response | None) -> None:
        """The spider itself raised; without a response that was start(), and the worker ends."""
        visit = visit_of(response.request) if response and response.request else None
        if visit is not None:
            visit.completion.fail(failures.exception_failure(error_of(failure)))

    async def on_spider_closed(self) -> None:
        """The engine has ended all visits and pipelines: leave the group."""
        coordinator = worker_of(self.crawler).coordinator
        if coordinator is not None:
            await coordinator.close()


def _item(
    visit: ReadyVisit, capture: Capture | None = None, failure: Failure | None = None
) -> SnapshotItem:
    completion = visit.completion
    return SnapshotItem(
        request=visit.request,
        ack=completion.ack,
        capture=capture,
        failure=failure,
        optional_until=completion.optional_until,
        isolated=visit.isolated or visit.report.lost_browser,
    )


def _visit(request: scrapy.Request | None) -> ReadyVisit:
    visit = visit_of(request) if request is not None else None
    if visit is None:
        raise RuntimeError("a response without a visit")
    return visit


def error_of(failure: TwistedFailure) -> BaseException:
    """The exception inside Twisted's wrapping."""
    return failure.value or RuntimeError("a failure without an exception")
