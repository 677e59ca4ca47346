"""Checks a snapshot right after its visit, before it is stored: a Scrapy item pipeline.

Which snapshots are checked is the setting `self_check`. A check uses the worker's browser, a context of
its own and the time that the visit has left; whatever becomes of it, the snapshot is stored.
"""

import asyncio
import logging
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Self

from scrapy.crawler import Crawler

from crawler.browser.browser_pool import CLOSE_TIMEOUT_S
from crawler.browser.download_handler import SnapshotDownloadHandler
from crawler.replay.snapshot_check import (
    SnapshotChecker,
    StoredPage,
    are_screenshots_cut,
    consent_policy,
    user_agent_of,
    viewport_of,
)
from crawler.worker import worker_of
from linkshot.domain.fidelity import ENDS_BROWSER, Fidelity, FidelityLimits
from linkshot.domain.messages import SnapshotRequested
from linkshot.domain.model import Capture, Role
from linkshot.domain.upload_format import WACZ
from linkshot.system.config import Settings
from pipelines.item import SnapshotItem
from pipelines.quality import with_doubts
from pipelines.store import is_unchanged

logger = logging.getLogger(__name__)

SAMPLE_EVERY = 20
"""One of so many snapshots is checked when it is neither the first one of its link nor asked for."""
MAX_S, MIN_S = 20.0, 3.0
"""Longest time of a check in seconds, and what has to be left of the visit's deadline to begin one."""


class SelfCheckPipeline:
    """Sets item.fidelity, and the verdict when the snapshot does not show its page."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._settings: Settings = crawler.settings["LINKSHOT_SETTINGS"]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        capture = item.capture
        if capture is None or not is_checkable(item, capture) or not self._is_wanted(item):
            return item
        limit_s = min(MAX_S, time_left_s(capture, self._settings))
        handler = worker_of(self._crawler).download_handler
        stored = page_of(item, capture)
        if stored is None or handler is None or limit_s < MIN_S:
            return item
        try:
            async with beside_visits(handler, self._settings, limit_s) as checker:
                checked = await checker.check(stored, limit_s)
        except (
            Exception
        ):  # a check is optional whatever happens in it; the snapshot goes on without
            logger.exception(
                "A snapshot could not be checked",
                extra={"action": "check_failed", "link_id": item.request.link_id},
            )
            return item
        apply_check(item, capture, checked, self._settings)
        return item

    def _is_wanted(self, item: SnapshotItem) -> bool:
        coordinator = worker_of(self._crawler).coordinator
        if coordinator is None or coordinator.consumer.draining:
            return False
        return is_wanted(item.request, self._settings.self_check, idle=coordinator.is_idle())


@asynccontextmanager
async def beside_visits(
    handler: SnapshotDownloadHandler, settings: Settings, limit_s: float
) -> AsyncIterator[SnapshotChecker]:
    """The worker's browser for work on a snapshot, TimeoutError some time after `limit_s`; a page that is
    visited alone shares it with nothing."""
    async with (
        asyncio.timeout(limit_s + CLOSE_TIMEOUT_S * 2),
        handler.visit_gate.enter(exclusive=False),
    ):
        yield SnapshotChecker(handler.browser_pool, settings)


def is_checkable(item: SnapshotItem, capture: Capture) -> bool:
    """Whether this is stored, and no page that has ended a browser or a worker before. (pure)"""
    ends_browser = not ENDS_BROWSER.isdisjoint(capture.partial)
    return not (item.isolated or ends_browser or is_unchanged(item))


def is_wanted(request: SnapshotRequested, policy: str, *, idle: bool) -> bool:
    """Whether the snapshot of this request is checked; the same each time it is delivered. (pure)"""
    if request.check or policy == "always":
        return True
    if policy == "off":
        return False
    if idle and request.previous is None:
        return True
    return zlib.crc32(request.request_id.encode()) % SAMPLE_EVERY == 0


def apply_check(
    item: SnapshotItem, capture: Capture, checked: Fidelity, settings: Settings
) -> None:
    """Record the scores; a snapshot that does not show its page is doubtful."""
    item.fidelity = checked
    limits = FidelityLimits(pixels=settings.self_check_pixels, text=settings.self_check_text)
    cut = (*capture.partial, *item.partial)
    item.quality = with_doubts(item.quality, limits.doubts(checked, cut))


def page_of(item: SnapshotItem, capture: Capture) -> StoredPage | None:
    """What is about to be stored of a page; None when it is no page, or has no archive."""
    files = {one.role: one.data for one in reversed(item.artifacts)}
    html, archive = files.get(Role.HTML), files.get(Role.WACZ, files.get(Role.WARC))
    if not isinstance(archive, Path) or not isinstance(html, bytes):
        return None

    def open_archive() -> BinaryIO:
        return archive.open("rb")

    upload = item.request.upload
    return StoredPage(
        name=item.request.request_id,
        url=upload.url if upload else item.request.url,
        screenshots=_screenshots(capture),
        screenshots_cut=are_screenshots_cut(capture.partial),
        text=item.text,
        html=html,
        open_archive=open_archive,
        archive_type=upload.media_type if upload else WACZ,
        page=upload.url if upload else "",
        consent=consent_policy(capture.notes),
        viewport=viewport_of(capture.options),
        user_agent=user_agent_of(capture.options),
    )


def _screenshots(capture: Capture) -> tuple[bytes, ...]:
    """As the browser made them, so that nothing needs to be encoded for the comparison."""
    if capture.screenshot is None:
        return ()
    return tuple(one.data for one in (capture.screenshot, *capture.screenshot_tiles))


def time_left_s(capture: Capture, settings: Settings) -> float:
    """Seconds until the deadline of the visit that brought this capture."""
    return settings.page_deadline_s - (datetime.now(UTC) - capture.started_at).total_seconds()
