"""Publishes the result and, when it is durable, acknowledges the delivery."""

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
    """The last pipeline: publishes item.finished."""

    def __init__(self, app: App) -> None:
        self.app = app

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(app_of(crawler))

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        await asyncio.to_thread(self.publish, item)
        return item

    def publish(self, item: SnapshotItem) -> None:
        """Raises QueueUnavailable, and then the delivery is not acknowledged."""
        if item.finished is None:
            raise RuntimeError("StorePipeline sets item.finished of every item")
        value = self.app.keyring.sign(RESULTS, item.finished.encode())
        message = Message(key=item.finished.link_id, value=value)
        failpoint("before-publish")
        self.app.queue.publish(RESULTS, [message])
        failpoint("after-publish")
        item.ack()
