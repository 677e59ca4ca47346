"""What is kept of a link that is no page? `original.<ext>`, and a picture of it where it is one."""

from linkshot.domain.model import Capture, Role
from pipelines.images import thumbnail
from pipelines.item import Kept, SnapshotItem
from pipelines.media_types import EXTENSIONS, type_of
from pipelines.optional_step import attempt
from pipelines.sandbox import run_limited


class OriginalPipeline:
    """Keeps the main response of non-HTML links."""

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        """Scrapy calls it for every item."""
        await attempt(item, "original", add_original)
        return item


def add_original(item: SnapshotItem, capture: Capture) -> None:
    """The body under a name by its type, never by its own; pictures also as a thumbnail."""
    if not capture.body or capture.html:
        return
    kind = type_of(capture)
    name = f"original.{EXTENSIONS.get(kind, 'bin')}"
    item.kept.append(Kept(role=Role.ORIGINAL, name=name, media_type=kind, data=capture.body))
    if kind.startswith("image/") and kind != "image/svg+xml" and capture.thumbnail is None:
        small = run_limited(thumbnail, capture.body, default=b"")
        if small:
            item.kept.append(_thumbnail(small))
        else:
            item.partial.append("thumbnail")


def _thumbnail(data: bytes) -> Kept:
    return Kept(role=Role.THUMBNAIL, name="thumb.webp", media_type="image/webp", data=data)
