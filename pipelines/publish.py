"""How do others learn of a result? Announced and durable first, then the delivery is settled."""

import asyncio
from typing import Self

from scrapy.crawler import Crawler

from linkshot.app import App
from linkshot.domain.messages import RESULTS
from linkshot.ports import Message
from linkshot.system.failpoints import failpoint
from pipelines.item import SnapshotItem
from pipelines.runtime import app_of


class PublishPipeline:
    """The last pipeline."""

    def __init__(self, app: App) -> None:
        self.app = app

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make a pipeline."""
        return cls(app_of(crawler))

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        """Scrapy calls it for every item."""
        await asyncio.to_thread(self.publish, item)
        return item

    def publish(self, item: SnapshotItem) -> None:
        """QueueUnavailable leaves the delivery unsettled."""
        if item.finished is None:
            raise RuntimeError("keep.py makes a result of every item")
        value = self.app.keyring.sign(RESULTS, item.finished.encode())
        message = Message(key=item.finished.link_id, value=value)
        failpoint("before-publish")
        self.app.queue.publish(RESULTS, [message])
        failpoint("after-publish")
        item.ack()
