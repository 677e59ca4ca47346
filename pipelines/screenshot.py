"""How does the page look? `screenshot.webp` as the browser made it, `thumb.webp` from its top."""

import asyncio
import io
import logging

from PIL import Image

from linkshot.model import Picture, Role
from pipelines.item import Kept, SnapshotItem

logger = logging.getLogger(__name__)

THUMB = (640, 360)
TOP_RATIO = 9 / 16
"""Of the width: how much of the top the thumbnail shows."""
MAX_PIXELS = 120_000_000
QUALITY = 80
WEBP_LIMIT = 16_383
"""WebP's greatest width and height (VP8 frame header, 14 bits)."""

Image.MAX_IMAGE_PIXELS = MAX_PIXELS


class ScreenshotPipeline:
    """Keeps screenshot and thumbnail; its failure never fails a snapshot."""

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        """Scrapy calls it for every item."""
        if item.capture is not None and item.capture.screenshot is not None:
            item.kept += await asyncio.to_thread(pictures, item.capture.screenshot)
        return item


def pictures(shot: Picture) -> list[Kept]:
    """Screenshot and thumbnail as artifacts; [] when the bytes are no picture."""
    try:
        whole = shot.data if shot.media_type == "image/webp" else _webp(shot.data)
        thumb = thumbnail(shot.data)
    except (OSError, ValueError, Image.DecompressionBombError) as exc:
        logger.warning("A screenshot could not be read", extra={"error": str(exc)})
        return []
    return [
        Kept(role=Role.SCREENSHOT, name="screenshot.webp", media_type="image/webp", data=whole),
        Kept(role=Role.THUMBNAIL, name="thumb.webp", media_type="image/webp", data=thumb),
    ]


def thumbnail(data: bytes) -> bytes:
    """The top of a picture at 640 × 360 in WebP."""
    with Image.open(io.BytesIO(data)) as image:
        width, height = image.size
        top = image.convert("RGB").crop((0, 0, width, min(height, max(int(width * TOP_RATIO), 1))))
    top.thumbnail((THUMB[0], THUMB[1]), Image.Resampling.BILINEAR, reducing_gap=2.0)
    canvas = Image.new("RGB", THUMB, "white")
    canvas.paste(top, ((THUMB[0] - top.width) // 2, 0))
    return _encoded(canvas)


def _webp(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        return _encoded(
            image.convert("RGB").crop((0, 0, image.width, min(image.height, WEBP_LIMIT)))
        )


def _encoded(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=QUALITY, method=2)
    return out.getvalue()
