"""How does the page look? `screenshot.webp` and `thumb.webp`, as the browser made them."""

from linkshot.model import Capture, Picture, Role
from pipelines.degrade import attempt
from pipelines.item import Kept, SnapshotItem
from pipelines.limited import run_limited
from pipelines.pictures import thumbnail, webp

ENCODE_S = 30.0


class ScreenshotPipeline:
    """Keeps screenshot and thumbnail; its failure never fails a snapshot."""

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        """Scrapy calls it for every item."""
        await attempt(item, "screenshot", add_pictures)
        return item


def add_pictures(item: SnapshotItem, capture: Capture) -> None:
    """Keep what the browser encoded; what is no WebP yet is encoded anew."""
    shot = capture.screenshot
    if shot is None:
        return
    whole = (
        shot.data if is_webp(shot) else run_limited(webp, shot.data, default=b"", wall_s=ENCODE_S)
    )
    small = _thumbnail(capture.thumbnail, shot)
    if not whole or not small:
        item.partial.append("screenshot")
    if whole:
        item.kept.append(_kept(Role.SCREENSHOT, "screenshot.webp", whole))
    if small:
        item.kept.append(_kept(Role.THUMBNAIL, "thumb.webp", small))


def is_webp(picture: Picture) -> bool:
    """Whether the bytes are what the browser said (RFC 9649 §2.4)."""
    return picture.data[:4] == b"RIFF" and picture.data[8:12] == b"WEBP"


def _thumbnail(given: Picture | None, shot: Picture) -> bytes:
    if given is not None and is_webp(given):
        return given.data
    made: bytes = run_limited(thumbnail, shot.data, default=b"", wall_s=ENCODE_S)
    return made


def _kept(role: Role, name: str, data: bytes) -> Kept:
    return Kept(role=role, name=name, media_type="image/webp", data=data)
