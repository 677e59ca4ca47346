"""Makes the capture of an uploaded page, which takes the place of a visit; the first of the pipelines.

The file itself is kept as an artifact beside what is derived from it. The page of a web archive was shown in the
browser before (crawler/replay/archive_replay.py).
"""

import asyncio
import logging
import tempfile
from pathlib import Path
from typing import Self

from scrapy.crawler import Crawler

from linkshot.app import App
from linkshot.archives.warc_records import GZIP
from linkshot.domain.failures import make_failure
from linkshot.domain.model import Capture, Role, UploadedFile
from linkshot.domain.upload_format import ARCHIVES, WARC
from linkshot.errors import Damaged
from linkshot.use_cases import blobs
from pipelines.archive.wacz_pipeline import PREFIX, SUFFIX
from pipelines.item import PendingArtifact, SnapshotItem
from pipelines.runtime import app_of
from pipelines.sandbox import run_sandboxed
from pipelines.uploaded_page import MHTML, MHTML_NAME, UploadedPage, read_upload

logger = logging.getLogger(__name__)

TIMEOUT_S = 60.0
FILES = {MHTML: (Role.MHTML, MHTML_NAME, MHTML)}
WACZ_FILE = (Role.WACZ, "archive.wacz")
WARC_FILES = {True: (Role.WARC, "upload.warc.gz"), False: (Role.WARC, "upload.warc")}
"""By whether it is compressed."""
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
        if upload is None or item.failure is not None:
            return item
        read = self.add_archive if upload.media_type in ARCHIVES else self.read
        await asyncio.to_thread(read, item, upload)
        return item

    def add_archive(self, item: SnapshotItem, upload: UploadedFile) -> None:
        """Keeps the archive as it came; its capture is made already. Raises StoreUnavailable."""
        with tempfile.NamedTemporaryFile(prefix=PREFIX, suffix=SUFFIX, delete=False) as file:
            path = Path(file.name)
            try:
                blobs.copy(self.app.store, upload.sha256, file, upload.bytes)
            except Damaged as exc:
                path.unlink()
                self._lost(item, exc)
                return
            except BaseException:
                path.unlink()
                raise
        is_packed = path.open("rb").read(2) == GZIP
        role, name = WARC_FILES[is_packed] if upload.media_type == WARC else WACZ_FILE
        item.artifacts.append(
            PendingArtifact(role=role, name=name, media_type=upload.media_type, data=path)
        )

    @staticmethod
    def _lost(item: SnapshotItem, exc: Damaged) -> None:
        logger.error(
            "An uploaded page cannot be read from the store",
            extra={"link_id": item.request.link_id, "fault": exc.fault},
        )
        item.capture, item.failure = None, make_failure("upload_lost")

    def read(self, item: SnapshotItem, upload: UploadedFile) -> None:
        """Reads the blob and makes the capture. Raises StoreUnavailable."""
        try:
            data = blobs.read(self.app.store, upload.sha256, upload.bytes)
        except Damaged as exc:
            self._lost(item, exc)
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
