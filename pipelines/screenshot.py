"""Stores the browser's screenshots as `screenshot.webp`, `screenshot-2.webp`, … and the top as `thumb.webp`."""

import struct
from collections.abc import Callable, Sequence
from typing import TypeVar

from linkshot.domain.media_sniffing import image_type
from linkshot.domain.model import Capture, Picture, Role
from pipelines.images import MAX_PIXELS, encode_screenshot, encode_tile, thumbnail
from pipelines.item import PendingArtifact, SnapshotItem
from pipelines.optional_step import run_optional
from pipelines.sandbox import run_sandboxed

TIMEOUT_S = 30.0
T = TypeVar("T")


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
        _add_tiles(item, capture.screenshot_tiles)
    if thumb_data:
        item.artifacts.append(_artifact(Role.THUMBNAIL, "thumb.webp", thumb_data))


def _add_tiles(item: SnapshotItem, tiles: Sequence[Picture]) -> None:
    """Adds what follows below the screenshot, up to the first picture that cannot be encoded."""
    for number, tile in enumerate(tiles, 2):
        data = tile.data if is_webp(tile) else _decode(tile, encode_tile, b"")
        if not data:
            height = tile.page[1] if tile.page else tile.height
            item.partial.append(f"screenshot_height:{height}")
            return
        item.artifacts.append(_artifact(Role.SCREENSHOT, f"screenshot-{number}.webp", data))


def _encode(shot: Picture, small: bytes) -> tuple[bytes, bytes]:
    """Screenshot and thumbnail, `small` if given."""
    if is_webp(shot):
        top = small or run_sandboxed(thumbnail, shot.data, default=b"", timeout_s=TIMEOUT_S)
        return shot.data, top
    whole, top = _decode(shot, encode_screenshot, (b"", b""))
    return whole, small or top


def _decode(picture: Picture, work: Callable[[bytes], T], default: T) -> T:
    """The result of work on a picture that it decodes. Only a PNG that is surely of our browser is decoded
    outside the sandbox: it is no bomb, and the pipe would copy megabytes."""
    if is_png(picture) and picture.width * picture.height <= MAX_PIXELS:
        return work(picture.data)
    made: T = run_sandboxed(work, picture.data, default=default, timeout_s=TIMEOUT_S)
    return made


def is_png(picture: Picture) -> bool:
    """Whether this is a PNG of the size that the browser reported (PNG 3rd edition §11.2.2)."""
    size = struct.pack(">II", picture.width, picture.height)
    return image_type(picture.data) == "image/png" and picture.data[16:24] == size


def is_webp(picture: Picture) -> bool:
    """Whether this is a WebP file, as the browser was asked for."""
    return image_type(picture.data) == "image/webp"


def _artifact(role: Role, name: str, data: bytes) -> PendingArtifact:
    return PendingArtifact(role=role, name=name, media_type="image/webp", data=data)
