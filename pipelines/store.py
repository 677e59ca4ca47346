"""Makes a snapshot exist: blobs first, the manifest last; the only writer of artifacts."""

import asyncio
import hashlib
import logging
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Self

from scrapy.crawler import Crawler

from linkshot import __version__
from linkshot.app import App
from linkshot.domain.manifest import Manifest
from linkshot.domain.messages import SnapshotFinished
from linkshot.domain.model import Artifact, Capture, ChangeKind, Failure, Outcome, Reason, Verdict
from linkshot.domain.storage_layout import blob_key, manifest_key
from linkshot.domain.urls import MAX_LENGTH
from linkshot.errors import Damaged
from linkshot.system.failpoints import failpoint
from pipelines.item import Kept, SnapshotItem
from pipelines.runtime import app_of

logger = logging.getLogger(__name__)

TRUSTED_FOR = timedelta(hours=12)
"""A blob that was there before is put again when older: a collector may be about to take it."""
MAX_HEADER = 1024
MAX_LANGUAGE = 35
"""Characters of etag and last-modified that are remembered; longer ones are of no use cut."""
SOFTWARE = {
    "linkshot": __version__,
    **{
        name: version(name) for name in ("scrapy", "playwright", "scrapy-playwright", "trafilatura")
    },
}


class KeepPipeline:
    """Sets item.finished."""

    def __init__(self, app: App) -> None:
        self.app = app

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make a pipeline."""
        return cls(app_of(crawler))

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        """Scrapy calls it for every item."""
        item.finished = await asyncio.to_thread(self.finish, item)
        return item

    def finish(self, item: SnapshotItem) -> SnapshotFinished:
        """The result that will be announced; StoreUnavailable when it cannot be kept."""
        if item.capture is None:
            return failed(item, item.failure, datetime.now(UTC))
        if is_unchanged(item):
            return result(item, item.capture, Outcome.UNCHANGED, ())
        artifacts = tuple(self._put(kept) for kept in item.kept)
        finished = result(item, item.capture, Outcome.STORED, artifacts)
        return self._create(item, item.capture, finished)

    def _put(self, kept: Kept) -> Artifact:
        data = kept.data.read_bytes() if isinstance(kept.data, Path) else kept.data
        digest = hashlib.sha256(data).hexdigest()
        key = blob_key(digest)
        failpoint("before-put")
        if not self._is_fresh(key, len(data)):
            self.app.store.put(key, data, kept.media_type)
        failpoint("after-put")
        return Artifact(
            role=kept.role,
            name=kept.name,
            key=key,
            media_type=kept.media_type,
            bytes=len(data),
            sha256=digest,
        )

    def _is_fresh(self, key: str, size: int) -> bool:
        try:
            stat = self.app.store.stat(key)
        except Damaged:
            return False
        if stat is None or stat.bytes != size:
            return False
        oldest = datetime.now(UTC) - TRUSTED_FOR
        return stat.modified_us > oldest.timestamp() * 1_000_000

    def _create(
        self, item: SnapshotItem, capture: Capture, finished: SnapshotFinished
    ) -> SnapshotFinished:
        """Who loses the race takes the winner's result; a manifest nobody can read is replaced."""
        key = manifest_key(finished.link_id, finished.request_id)
        data = manifest(item, capture, finished).encode()
        failpoint("before-manifest")
        made = self.app.store.create(key, data)
        failpoint("after-manifest")
        if made:
            return finished
        try:
            return Manifest.decode(self.app.store.open(key)).finished
        except (Damaged, KeyError):
            logger.exception("A damaged manifest is replaced", extra={"key": key})
            self.app.store.put(key, data, "application/json")
            return finished


def is_unchanged(item: SnapshotItem) -> bool:
    """A scheduled visit of a page whose text is the same makes no new version."""
    return (
        item.request.reason is Reason.SCHEDULE
        and item.change is not None
        and item.change.kind is ChangeKind.SAME
        and item.quality.verdict in (Verdict.GOOD, Verdict.PARTIAL)
    )


def manifest(item: SnapshotItem, capture: Capture, finished: SnapshotFinished) -> Manifest:
    """Everything that is known about where the artifacts came from."""
    return Manifest(
        finished=finished,
        requested_url=item.request.url,
        hops=tuple({"url": hop.url, "status": hop.status} for hop in capture.hops),
        software=SOFTWARE,
        partial=tuple(dict.fromkeys((*capture.partial, *item.partial))),
        notes=capture.notes,
        headers=capture.headers,
    )


def result(
    item: SnapshotItem, capture: Capture, outcome: Outcome, artifacts: tuple[Artifact, ...]
) -> SnapshotFinished:
    """The message about a capture."""
    request = item.request
    stored = outcome is Outcome.STORED
    return SnapshotFinished(
        request_id=request.request_id,
        link_id=request.link_id,
        url=request.url,
        outcome=outcome,
        reason=request.reason,
        started_at=capture.started_at,
        finished_at=capture.finished_at,
        # a page may call itself by megabytes; the manifest has it
        final_url=capture.final_url if len(capture.final_url) <= MAX_LENGTH else None,
        http_status=capture.http_status,
        title=item.title or None,
        language=item.language[:MAX_LANGUAGE] or None,
        text_sha256=_text_sha256(item, stored=stored),
        source_text_sha256=item.source_text_sha256,
        etag=capture.headers.get("etag", "")[:MAX_HEADER] or None,
        last_modified=capture.headers.get("last-modified", "")[:MAX_HEADER] or None,
        change=item.change,
        quality=item.quality,
        manifest=manifest_key(request.link_id, request.request_id) if stored else None,
        artifacts=artifacts,
    )


def _text_sha256(item: SnapshotItem, *, stored: bool) -> str | None:
    """Of the text that is kept: of a page that is unchanged the one before, which may differ in
    white space."""
    before = item.request.previous
    return item.text_sha256 if stored or before is None else before.text_sha256


def failed(item: SnapshotItem, failure: Failure | None, now: datetime) -> SnapshotFinished:
    """The message about a visit that brought nothing."""
    request = item.request
    return SnapshotFinished(
        request_id=request.request_id,
        link_id=request.link_id,
        url=request.url,
        outcome=Outcome.FAILED,
        reason=request.reason,
        started_at=now,
        finished_at=now,
        error=failure or Failure(kind="internal", retryable=True),
    )
