"""How this snapshot differs from the one before."""

import asyncio
import logging
from typing import Self

from scrapy.crawler import Crawler

from linkshot.app import App
from linkshot.domain.model import Change, ChangeKind, Verdict
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
        """Scrapy's way to make a pipeline."""
        return cls(app_of(crawler))

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        """Scrapy calls it for every item."""
        if item.capture is not None:
            item.change = await asyncio.to_thread(self.change_of, item)
        return item

    def change_of(self, item: SnapshotItem) -> Change:
        """first, gone, same, noise, minor or major; StoreUnavailable when the text before cannot be had."""
        before = item.request.previous
        if before is None or before.text_sha256 is None:
            return Change(kind=ChangeKind.FIRST)
        if item.capture is not None and item.capture.http_status in (404, 410):
            return Change(kind=ChangeKind.GONE, score=1.0)
        if item.quality.verdict not in (Verdict.GOOD, Verdict.PARTIAL):
            return Change(kind=ChangeKind.NOISE)
        if before.text_sha256 == item.text_sha256:
            return Change(kind=ChangeKind.SAME)
        try:
            old = blobs.read(self.app.store, before.text_sha256).decode("utf-8", "replace")
        except Damaged as exc:
            facts = {"link_id": item.request.link_id, "fault": exc.fault}
            logger.warning("The text before is not to be had", extra=facts)
            return Change(kind=ChangeKind.MAJOR, score=1.0)
        found = compare(old, item.text)
        if (
            found.kind is ChangeKind.SAME
            and has_block_separators(item.text)
            and not has_block_separators(old)
        ):
            return Change(kind=ChangeKind.NOISE)  # the new text is kept once: more is found in it
        return found
