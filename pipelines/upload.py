"""Makes the capture of an uploaded page, which takes the place of a visit; the first of the pipelines.

The file itself is kept as an artifact beside what is derived from it.
"""

import asyncio
import logging
from typing import Self

from scrapy.crawler import Crawler

from linkshot.app import App
from linkshot.domain.failures import make_failure
from linkshot.domain.model import Capture, Role, UploadedFile
from linkshot.errors import Damaged
from linkshot.use_cases import blobs
from pipelines.item import PendingArtifact, SnapshotItem
from pipelines.runtime import app_of
from pipelines.sandbox import run_sandboxed
from pipelines.uploaded_page import MHTML, MHTML_NAME, UploadedPage, read_upload

logger = logging.getLogger(__name__)

TIMEOUT_S = 60.0
FILES = {MHTML: (Role.MHTML, MHTML_NAME, MHTML)}
HTML_FILE = (Role.ORIGINAL, "original.html", "text/html")


class UploadPipeline:
    """Sets item.capture of a request with an upload, or item.failure."""

    def __init__(self, app: App) -> None:
        self.app = app

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(app_of(crawler))

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        upload = item.request.upload
        if upload is not None and item.failure is None:
            await asyncio.to_thread(self.read, item, upload)
        return item

    def read(self, item: SnapshotItem, upload: UploadedFile) -> None:
        """Reads the blob and makes the capture. Raises StoreUnavailable."""
        try:
            data = blobs.read(self.app.store, upload.sha256, upload.bytes)
        except Damaged as exc:
            logger.error(  # noqa: TRY400  # no fault of the code
                "An uploaded page cannot be read from the store",
                extra={"link_id": item.request.link_id, "fault": exc.fault},
            )
            item.failure = make_failure("upload_lost")
            return
        page: UploadedPage = run_sandboxed(
            read_upload,
            data,
            upload.media_type,
            upload.url,
            default=UploadedPage(),
            timeout_s=TIMEOUT_S,
        )
        if not page.html:
            item.failure = make_failure("upload_unreadable")
            return
        item.capture = capture_of(page, upload)
        if page.missing:
            item.partial.append(f"parts_left_out:{page.missing}")
        if page.frames:
            item.partial.append(f"frames_left_out:{page.frames}")
        role, name, media_type = FILES.get(upload.media_type, HTML_FILE)
        item.artifacts.append(
            PendingArtifact(role=role, name=name, media_type=media_type, data=data)
        )


def capture_of(page: UploadedPage, upload: UploadedFile) -> Capture:
    """What a visit would have brought; without a status, since no server answered us (pure)."""
    return Capture(
        started_at=upload.received_at,
        finished_at=upload.received_at,
        final_url=upload.url,
        http_status=0,
        media_type="text/html",
        html=page.html,
        styles=page.styles,
        parts=page.parts,
        title=page.title,
        favicon=page.icon,
        notes={"uploaded": {"sha256": upload.sha256, "bytes": upload.bytes}},
    )
