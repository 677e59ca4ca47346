"""Writes a snapshot to the store: blobs first, the manifest last.

The manifest makes the snapshot exist, so a crash in between leaves unreferenced blobs (which gc
removes) but never a snapshot with missing parts. Nothing else writes artifacts.
"""

import asyncio
import hashlib
import io
import logging
import platform
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Self

from scrapy.crawler import Crawler

from linkshot import __version__
from linkshot.app import App
from linkshot.domain.failures import make_failure
from linkshot.domain.manifest import Manifest
from linkshot.domain.messages import SnapshotFinished
from linkshot.domain.model import (
    Artifact,
    Capture,
    ChangeKind,
    ManifestReference,
    Outcome,
    Reason,
)
from linkshot.domain.storage_layout import blob_key, manifest_key
from linkshot.domain.urls import MAX_LENGTH
from linkshot.errors import Damaged
from linkshot.system.failpoints import failpoint
from pipelines.item import PendingArtifact, SnapshotItem
from pipelines.runtime import app_of
from pipelines.seal import seal_manifest
from pipelines.timestamp import TimestampAuthority, poster

logger = logging.getLogger(__name__)

REUSE_BLOBS_FOR = timedelta(hours=12)
"""An existing blob older than this is written again: gc may be about to delete it."""
MAX_HEADER = 1024
MAX_LANGUAGE = 35
"""Characters of etag and last-modified, and of the language, in the result message."""
SOFTWARE = {
    "linkshot": __version__,
    **{
        name: version(name)
        for name in ("scrapy", "playwright", "scrapy-playwright", "trafilatura", "warcio")
    },
    "python": platform.python_version(),
}


class StorePipeline:
    """Stores the artifacts and sets item.finished."""

    def __init__(self, app: App, authority: TimestampAuthority | None = None) -> None:
        self.app = app
        self.authority = authority

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        app, authority = app_of(crawler), None
        if app.settings.timestamp_authority:
            post = poster(crawler, app.settings.timestamp_timeout_s)
            authority = TimestampAuthority(app.settings, post)
        return cls(app, authority)

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        try:
            finished = await asyncio.to_thread(self.put_artifacts, item)
        finally:
            for artifact in item.artifacts:
                if isinstance(artifact.data, Path):
                    artifact.data.unlink(missing_ok=True)
        if item.capture is not None and finished.outcome is Outcome.STORED:
            core = await asyncio.to_thread(self._manifest, item, item.capture, finished)
            sealed = await seal_manifest(self.app, self.authority, core)
            finished = await asyncio.to_thread(self._create_manifest, finished, sealed)
        item.finished = finished
        return item

    def put_artifacts(self, item: SnapshotItem) -> SnapshotFinished:
        """Writes the blobs; returns the result, of which a stored one has no manifest yet. Raises
        StoreUnavailable."""
        if item.capture is None:
            now = datetime.now(UTC)
            error = item.failure or make_failure("internal")
            return SnapshotFinished.of(item.request, Outcome.FAILED, now, now, error)
        if is_unchanged(item):
            return build_result(item, item.capture, Outcome.UNCHANGED, ())
        artifacts = tuple(self._put(artifact) for artifact in item.artifacts)
        return build_result(item, item.capture, Outcome.STORED, artifacts)

    def _put(self, artifact: PendingArtifact) -> Artifact:
        data = artifact.data
        # a file is hashed and stored in pieces: an archive can be larger than memory
        with io.BytesIO(data) if isinstance(data, bytes) else data.open("rb") as source:
            digest = hashlib.file_digest(source, "sha256").hexdigest()
            size = source.seek(0, io.SEEK_END)
        key = blob_key(digest)
        failpoint("before-put")
        if not self._is_fresh(key, size):
            self.app.store.put(key, data, artifact.media_type)
        failpoint("after-put")
        return Artifact(
            role=artifact.role,
            name=artifact.name,
            key=key,
            media_type=artifact.media_type,
            bytes=size,
            sha256=digest,
        )

    def _is_fresh(self, key: str, size: int) -> bool:
        try:
            stat = self.app.store.stat(key)
        except Damaged:
            return False
        if stat is None or stat.bytes != size:
            return False
        oldest = datetime.now(UTC) - REUSE_BLOBS_FOR
        return stat.modified_us > oldest.timestamp() * 1_000_000

    def _manifest(self, item: SnapshotItem, capture: Capture, finished: SnapshotFinished) -> bytes:
        key = manifest_key(finished.link_id, finished.request_id)
        return build_manifest(item, capture, finished, self._previous(item, key)).encode()

    def _create_manifest(self, finished: SnapshotFinished, data: bytes) -> SnapshotFinished:
        """Creates the manifest. If another visit of the same request was first, its result counts; a
        damaged manifest is replaced."""
        key = manifest_key(finished.link_id, finished.request_id)
        failpoint("before-manifest")
        made = self.app.store.create(key, data)
        failpoint("after-manifest")
        if not made:
            try:
                stored = self.app.store.read(key)
                finished, data = Manifest.decode(stored).finished, stored
            except (Damaged, KeyError):
                logger.exception("A damaged manifest is replaced", extra={"key": key})
                self.app.store.put(key, data, "application/json")
        return replace(finished, manifest_sha256=hashlib.sha256(data).hexdigest())

    def _previous(self, item: SnapshotItem, own: str) -> ManifestReference | None:
        """The manifest before this one, with the hash that the catalogue recorded; where it has none, that of
        the bytes as they are now."""
        before = item.request.previous_manifest
        if before is None or before.manifest == own:
            return None
        if before.sha256 is not None:
            return before
        try:
            data = self.app.store.read(before.manifest)
        except (Damaged, KeyError):
            return before
        return replace(before, sha256=hashlib.sha256(data).hexdigest())


def is_unchanged(item: SnapshotItem) -> bool:
    """Whether a scheduled visit found the same text, so that no new version is stored."""
    return (
        item.request.reason is Reason.SCHEDULE
        and item.change is not None
        and item.change.kind is ChangeKind.SAME
        and item.quality.verdict.is_page
    )


def build_manifest(
    item: SnapshotItem,
    capture: Capture,
    finished: SnapshotFinished,
    previous: ManifestReference | None,
) -> Manifest:
    """The manifest: the result plus the provenance of its artifacts."""
    return Manifest(
        finished=finished,
        previous=previous,
        requested_url=item.request.url,
        final_url=capture.final_url,
        hops=tuple({"url": hop.url, "status": hop.status} for hop in capture.hops),
        software=SOFTWARE | ({"chromium": capture.browser} if capture.browser else {}),
        partial=tuple(dict.fromkeys((*capture.partial, *item.partial))),
        notes={**capture.notes, **item.notes},
        headers=capture.headers,
        options=capture.options,
    )


def build_result(
    item: SnapshotItem, capture: Capture, outcome: Outcome, artifacts: tuple[Artifact, ...]
) -> SnapshotFinished:
    """The result message of a capture."""
    request = item.request
    stored = outcome is Outcome.STORED
    made = SnapshotFinished.of(request, outcome, capture.started_at, capture.finished_at)
    return replace(
        made,
        # redirects can end at megabytes of URL; the manifest has all of it
        final_url=capture.final_url if len(capture.final_url) <= MAX_LENGTH else None,
        http_status=capture.http_status or None,  # nobody answered: it was uploaded
        title=item.title or None,
        language=item.language[:MAX_LANGUAGE] or None,
        text_sha256=_text_sha256(item, stored=stored),
        source_text_sha256=item.source_text_sha256,
        etag=capture.headers.get("etag", "")[:MAX_HEADER] or None,
        last_modified=capture.headers.get("last-modified", "")[:MAX_HEADER] or None,
        change=item.change,
        quality=item.quality,
        fidelity=item.fidelity,
        manifest=manifest_key(request.link_id, request.request_id) if stored else None,
        artifacts=artifacts,
    )


def _text_sha256(item: SnapshotItem, *, stored: bool) -> str | None:
    """The hash of the stored text; for an unchanged page that of the previous snapshot, whose text may
    differ in white space."""
    before = item.request.previous
    return item.text_sha256 if stored or before is None else before.text_sha256
