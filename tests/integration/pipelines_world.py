"""Captures, items and pictures for the tests of the pipelines."""

import asyncio
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from PIL import Image

from linkshot.domain.messages import SnapshotRequested
from linkshot.domain.model import Capture, LinkId, Reason, SnapshotId
from pipelines.item import SnapshotItem

NOW = datetime(2026, 1, 2, tzinfo=UTC)
LINK = LinkId("0" * 32)
REQUEST = SnapshotId("0190b6e0-0000-7000-8000-000000000001")


class Pipeline(Protocol):
    async def process_item(self, item: SnapshotItem) -> SnapshotItem: ...


def capture(html: str = "", **given: Any) -> Capture:
    """A page with this HTML; a file when `media_type` says so."""
    known: dict[str, Any] = {
        "started_at": NOW,
        "finished_at": NOW,
        "final_url": "http://a.example/d/p.html",
        "http_status": 200,
        "media_type": "text/html",
        "html": html,
        "body": html.encode(),
    }
    return Capture(**(known | given))


def item(brought: Capture | None = None, **given: Any) -> SnapshotItem:
    """An item as the spider makes it."""
    request = SnapshotRequested(
        request_id=given.pop("request_id", REQUEST),
        link_id=LINK,
        url="http://a.example/d/p.html",
        host="a.example",
        reason=given.pop("reason", Reason.ADD),
        previous=given.pop("previous", None),
    )
    ack: Callable[[], None] = given.pop("ack", lambda: None)
    return SnapshotItem(request=request, ack=ack, capture=brought, **given)


def through(one: SnapshotItem, *pipelines: Pipeline) -> SnapshotItem:
    """The item after these pipelines."""
    for pipeline in pipelines:
        one = asyncio.run(_process(pipeline, one))
    return one


async def _process(pipeline: Pipeline, one: SnapshotItem) -> SnapshotItem:
    return await pipeline.process_item(one)


def picture(kind: str = "PNG", width: int = 640, height: int = 1000) -> bytes:
    """An encoded bitmap: white, its top half a page's width red."""
    image = Image.new("RGB", (width, height), "white")
    image.paste("red", (0, 0, width // 2, min(height, 100)))
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()
