"""Stores the browser's screenshots as `screenshot.webp`, `screenshot-2.webp`, … and the top as `thumb.webp`."""

import struct

from linkshot.domain.media_sniffing import image_type
from linkshot.domain.model import Capture, Picture, Role
from pipelines.images import MAX_PIXELS, encode_screenshot, thumbnail
from pipelines.item import PendingArtifact, SnapshotItem
from pipelines.optional_step import run_optional
from pipelines.sandbox import run_sandboxed

TIMEOUT_S = 30.0


class ScreenshotPipeline:
    """Adds screenshot and thumbnail; a failure never fails the snapshot."""

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        await run_optional(item, "screenshot", add_screenshot)
        return item


def add_screenshot(item: SnapshotItem, capture: Capture) -> None:
    """Adds both; a picture that is not WebP yet is encoded."""
    shot, thumb = capture.screenshot, capture.thumbnail
    if shot is None and thumb is None:
        return
    thumb_data = thumb.data if thumb is not None and is_webp(thumb) else b""
    full_data = b""
    if shot is not None:
        full_data, thumb_data = _encode(shot, thumb_data)
    if not (full_data and thumb_data) and "screenshot" not in item.partial:
        item.partial.append("screenshot")
    if full_data:
        item.artifacts.append(_artifact(Role.SCREENSHOT, "screenshot.webp", full_data))
        for number, tile in enumerate(capture.screenshot_tiles, 2):
            tile_data, _ = _encode(tile, b"")
            if not tile_data:
                item.partial.append("screenshot")
                break
            name = f"screenshot-{number}.webp"
            item.artifacts.append(_artifact(Role.SCREENSHOT, name, tile_data))
    if thumb_data:
        item.artifacts.append(_artifact(Role.THUMBNAIL, "thumb.webp", thumb_data))


def _encode(shot: Picture, small: bytes) -> tuple[bytes, bytes]:
    """Screenshot and thumbnail, `small` if given. Only a PNG that is surely of our browser is decoded
    outside the sandbox: it is no bomb, and the pipe would copy megabytes."""
    if is_webp(shot):
        top = small or run_sandboxed(thumbnail, shot.data, default=b"", timeout_s=TIMEOUT_S)
        return shot.data, top
    if is_png(shot) and shot.width * shot.height <= MAX_PIXELS:
        whole, top = encode_screenshot(shot.data)
    else:
        whole, top = run_sandboxed(
            encode_screenshot, shot.data, default=(b"", b""), timeout_s=TIMEOUT_S
        )
    return whole, small or top


def is_png(picture: Picture) -> bool:
    """Whether this is a PNG of the size that the browser reported (PNG 3rd edition §11.2.2)."""
    size = struct.pack(">II", picture.width, picture.height)
    return image_type(picture.data) == "image/png" and picture.data[16:24] == size


def is_webp(picture: Picture) -> bool:
    """Whether this is a WebP file, as the browser was asked for."""
    return image_type(picture.data) == "image/webp"


def _artifact(role: Role, name: str, data: bytes) -> PendingArtifact:
    return PendingArtifact(role=role, name=name, media_type="image/webp", data=data)
