"""Makes the views that the settings `pdf` and `mobile_view` ask for right after the visit: a Scrapy item pipeline.

They are made from the archive of the snapshot in the worker's browser, and stored with it. The page is not visited again.
"""

import asyncio
import logging
from typing import Self

from scrapy.crawler import Crawler

from crawler.browser.download_handler import SnapshotDownloadHandler
from crawler.replay.rendering import RenderingFailed
from crawler.replay.self_check import beside_visits, is_checkable, page_of, time_left_s
from crawler.replay.snapshot_check import StoredPage
from crawler.worker import worker_of
from linkshot.domain.archive_view import VIEW_MEDIA_TYPES, view_file_name
from linkshot.domain.model import Capture, Role
from linkshot.system.config import Settings
from pipelines.item import PendingArtifact, SnapshotItem
from pipelines.quality import assess_item

logger = logging.getLogger(__name__)

MAX_S, MIN_S = 30.0, 3.0
"""Longest time of a view in seconds, and what has to be left of the visit's deadline to begin one."""


class ViewPipeline:
    """Adds the views as artifacts; one that cannot be made is named and costs the snapshot nothing else."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._settings: Settings = crawler.settings["LINKSHOT_SETTINGS"]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        roles, capture = wanted_views(self._settings), item.capture
        if not roles or capture is None or not is_checkable(item, capture):
            return item
        stored, handler = page_of(item, capture), worker_of(self._crawler).download_handler
        if stored is None or handler is None:
            return item
        for role in roles:
            await self._add(item, capture, stored, role, handler)
        return item

    async def _add(
        self,
        item: SnapshotItem,
        capture: Capture,
        stored: StoredPage,
        role: Role,
        handler: SnapshotDownloadHandler,
    ) -> None:
        limit_s = min(MAX_S, time_left_s(capture, self._settings))
        try:
            if limit_s < MIN_S:
                raise RenderingFailed("time")
            async with beside_visits(handler, self._settings, limit_s) as checker:
                view = await checker.view(stored, role, limit_s)
        except Exception:  # a view is optional whatever happens in it
            logger.exception(
                "A view of a snapshot could not be made",
                extra={
                    "action": "form_failed",
                    "form": role.value,
                    "link_id": item.request.link_id,
                },
            )
            item.partial.append("pdf" if role is Role.PDF else "mobile")
            item.quality = await asyncio.to_thread(assess_item, item, capture)
            return
        for number, data in enumerate(view.files, 1):
            name, kind = view_file_name(role, number), VIEW_MEDIA_TYPES[role]
            item.artifacts.append(PendingArtifact(role=role, name=name, media_type=kind, data=data))
        if view.cut_at:
            item.notes["mobile_cut_at"] = view.cut_at


def wanted_views(settings: Settings) -> list[Role]:
    """What is made of each snapshot. (pure)"""
    asked = {Role.PDF: settings.pdf, Role.MOBILE: settings.mobile_view}
    return [role for role, wanted in asked.items() if wanted]
