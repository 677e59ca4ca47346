"""Stores files, and pages that were not rendered, as `original.<ext>`, images also with a thumbnail."""

from linkshot.domain.model import Capture, Role
from pipelines.images import thumbnail
from pipelines.item import PendingArtifact, SnapshotItem
from pipelines.media_types import EXTENSIONS, media_type_of
from pipelines.optional_step import run_optional
from pipelines.sandbox import run_sandboxed


class OriginalPipeline:
    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        await run_optional(item, "original", add_original)
        return item


def add_original(item: SnapshotItem, capture: Capture) -> None:
    """Adds the response body.

    The file name follows from the media type: a name from the server could be anything.
    """
    if not capture.body or (capture.html and capture.is_rendered):
        return
    kind = media_type_of(capture)
    name = f"original.{EXTENSIONS.get(kind, 'bin')}"
    item.artifacts.append(
        PendingArtifact(role=Role.ORIGINAL, name=name, media_type=kind, data=capture.body)
    )
    if kind.startswith("image/") and kind != "image/svg+xml" and capture.thumbnail is None:
        small = run_sandboxed(thumbnail, capture.body, default=b"")
        if small:
            item.artifacts.append(
                PendingArtifact(
                    role=Role.THUMBNAIL, name="thumb.webp", media_type="image/webp", data=small
                )
            )
        else:
            item.partial.append("thumbnail")
