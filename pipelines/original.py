"""What is kept of a link that is no page? `original.<ext>`, and a picture of it where it is one."""

import asyncio
import io

from PIL import Image

from linkshot.model import Capture, Role
from pipelines.item import Kept, SnapshotItem
from pipelines.screenshot import thumbnail
from pipelines.text import HTML_TYPES

EXTENSIONS = {
    "application/pdf": "pdf", "application/json": "json", "application/zip": "zip",
    "application/xml": "xml", "text/xml": "xml", "application/rss+xml": "xml",
    "application/atom+xml": "xml", "text/plain": "txt", "text/csv": "csv", "text/markdown": "md",
    "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp",
    "image/avif": "avif", "image/svg+xml": "svg", "image/x-icon": "ico", "audio/mpeg": "mp3",
    "video/mp4": "mp4", "video/webm": "webm",
}  # fmt: skip


class OriginalPipeline:
    """Keeps the main response of non-HTML links."""

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        """Scrapy calls it for every item."""
        capture = item.capture
        if capture is not None and capture.body and capture.media_type not in HTML_TYPES:
            item.kept += await asyncio.to_thread(originals, capture)
        return item


def originals(capture: Capture) -> list[Kept]:
    """The body under a name by its type; images also as a thumbnail."""
    name = f"original.{EXTENSIONS.get(capture.media_type, 'bin')}"
    kept = [
        Kept(
            role=Role.ORIGINAL,
            name=name,
            media_type=capture.media_type or "application/octet-stream",
            data=capture.body,
        )
    ]
    if capture.media_type.startswith("image/") and not capture.screenshot:
        kept += _thumbnail(capture.body)
    return kept


def _thumbnail(body: bytes) -> list[Kept]:
    try:
        with Image.open(io.BytesIO(body)) as image:
            image.verify()
        data = thumbnail(body)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return []
    return [Kept(role=Role.THUMBNAIL, name="thumb.webp", media_type="image/webp", data=data)]
