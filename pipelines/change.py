"""Compares the text of a snapshot with that of the previous one."""

import asyncio
import logging
from typing import Self

from scrapy.crawler import Crawler

from linkshot.app import App
from linkshot.domain.failures import GONE_STATUSES
from linkshot.domain.model import Change, ChangeKind
from linkshot.errors import Damaged
from linkshot.text.diff import compare
from linkshot.text.text_format import has_block_separators
from linkshot.use_cases import blobs
from pipelines.item import SnapshotItem
from pipelines.runtime import app_of

logger = logging.getLogger(__name__)


class ChangePipeline:
    """Sets item.change."""

    def __init__(self, app: App) -> None:
        self.app = app

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(app_of(crawler))

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        if item.capture is not None:
            item.change = await asyncio.to_thread(self.change_of, item)
        return item

    def change_of(self, item: SnapshotItem) -> Change | None:
        """Classifies the change; None when the page was not compared, because what was captured is
        not the page, the previous text is damaged, or only one of the two was rendered: scripts and
        styles alone make their texts differ. Raises StoreUnavailable."""
        previous = item.request.previous
        if previous is None or previous.text_sha256 is None:
            return Change(kind=ChangeKind.FIRST)
        if item.capture is not None and item.capture.http_status in GONE_STATUSES:
            return Change(kind=ChangeKind.GONE, score=1.0)
        if not item.quality.verdict.is_page:
            return None
        if previous.is_rendered is not item.quality.is_rendered:
            return None
        if previous.text_sha256 == item.text_sha256:
            return Change(kind=ChangeKind.SAME)
        try:
            old = blobs.read(self.app.store, previous.text_sha256).decode("utf-8", "replace")
        except Damaged as exc:
            facts = {"link_id": item.request.link_id, "fault": exc.fault}
            logger.warning("The previous text is damaged", extra=facts)
            return None
        found = compare(old, item.text)
        # a text in the older format is replaced once: search finds more in the newer one
        is_newer = has_block_separators(item.text) and not has_block_separators(old)
        if found.kind is ChangeKind.SAME and is_newer:
            return Change(kind=ChangeKind.NOISE)
        return found
