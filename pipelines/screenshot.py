"""How does the page look? `screenshot.webp` and `thumb.webp`, of the browser's own pictures."""

import struct

from linkshot.domain.model import Capture, Picture, Role
from pipelines.images import MAX_PIXELS, screenshots, thumbnail
from pipelines.item import Kept, SnapshotItem
from pipelines.optional_step import attempt
from pipelines.sandbox import run_limited

ENCODE_S = 30.0


class ScreenshotPipeline:
    """Keeps screenshot and thumbnail; its failure never fails a snapshot."""

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        """Scrapy calls it for every item."""
        await attempt(item, "screenshot", add_pictures)
        return item


def add_pictures(item: SnapshotItem, capture: Capture) -> None:
    """Keep what the browser encoded; what is no WebP yet is encoded anew."""
    shot, given = capture.screenshot, capture.thumbnail
    if shot is None and given is None:
        return
    small_data = given.data if given is not None and is_webp(given) else b""
    whole_data = b""
    if shot is not None:
        whole_data, small_data = _made(shot, small_data)
    if not (whole_data and small_data) and "screenshot" not in item.partial:
        item.partial.append("screenshot")
    if whole_data:
        item.kept.append(_kept(Role.SCREENSHOT, "screenshot.webp", whole_data))
    if small_data:
        item.kept.append(_kept(Role.THUMBNAIL, "thumb.webp", small_data))


def _made(shot: Picture, small: bytes) -> tuple[bytes, bytes]:
    """Screenshot and thumbnail, the given one where there is one; what is not surely of our browser
    in the limited child."""
    if is_webp(shot):
        top = small or run_limited(thumbnail, shot.data, default=b"", wall_s=ENCODE_S)
        return shot.data, top
    if is_png(shot) and shot.width * shot.height <= MAX_PIXELS:
        whole, top = screenshots(shot.data)
    else:
        whole, top = run_limited(screenshots, shot.data, default=(b"", b""), wall_s=ENCODE_S)
    return whole, small or top


def is_png(picture: Picture) -> bool:
    """Whether the bytes are a PNG of the size the browser said (PNG 3rd edition §5.2, §11.2.2)."""
    size = struct.pack(">II", picture.width, picture.height)
    return picture.data[:8] == b"\x89PNG\r\n\x1a\n" and picture.data[16:24] == size


def is_webp(picture: Picture) -> bool:
    """Whether the bytes are what the browser said (RFC 9649 §2.4)."""
    return picture.data[:4] == b"RIFF" and picture.data[8:12] == b"WEBP"


def _kept(role: Role, name: str, data: bytes) -> Kept:
    return Kept(role=role, name=name, media_type="image/webp", data=data)
