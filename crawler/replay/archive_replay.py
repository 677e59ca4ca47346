"""Puts an uploaded web archive in the place of the network: its page is visited as any other, and nothing is
fetched.

The context of such a visit has no way out but an EgressSink; requests over HTTP are answered from the
archive, by a DevTools session that lies between the page and the recorder's, which records them as answers of
servers.
"""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Self
from urllib.parse import urljoin

from playwright.async_api import BrowserContext, Page

from crawler.egress.traffic import MAX_RECORDED, TrafficMeter
from crawler.failures import failed
from crawler.replay.archived_answers import ArchivedAnswers
from crawler.replay.egress_sink import EgressSink
from crawler.replay.rendering import clock_script
from crawler.replay.replay_network import SEEN_TYPES, ReplayNetwork
from linkshot.app import App
from linkshot.domain.model import Capture, UploadedFile
from linkshot.domain.upload_format import WACZ
from linkshot.errors import Damaged
from linkshot.use_cases import blobs

LOST, UNREADABLE = "upload_lost", "upload_unreadable"
"""Kinds of failures."""
MAX_BODY_BYTES = 32_000_000
"""Of one answer to the browser; many may be under way."""
OF_RECORDING = ("archive_cut", "archive_left_out")
"""Remarks about the archive of a visit; this one is kept as it came."""
OF_A_CONNECTION = (
    "addresses",
    "tls_connections",
    "blocked_requests",
    "blocked_count",
)


class ArchiveReplay:
    """One uploaded archive, opened, and the page of it that is shown; an asynchronous context manager."""

    def __init__(self, answers: ArchivedAnswers, upload: UploadedFile) -> None:
        self.answers = answers
        self.upload = upload
        self._sink = EgressSink()
        self._network: ReplayNetwork | None = None

    @classmethod
    def open(cls, app: App, upload: UploadedFile) -> Self:
        """From the store; blocks. VisitFailed when it is lost or cannot be read, StoreUnavailable."""
        with tempfile.TemporaryFile() as file:
            try:
                blobs.copy(app.store, upload.sha256, file, upload.bytes)
            except Damaged as exc:
                raise failed(LOST) from exc
            file.seek(0)
            try:
                answers = ArchivedAnswers(file, upload.media_type, MAX_BODY_BYTES)
            except Damaged as exc:
                raise failed(UNREADABLE, exc.message) from exc
        answers.use_page(upload.url)
        return cls(answers, upload)

    async def __aenter__(self) -> Self:
        await self._sink.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._sink.__aexit__(*error)
        self.answers.close()

    def context_options(self) -> Mapping[str, Any]:
        """What its browser context has other than a visit's."""
        return self._sink.context_options()

    async def prepare(self, context: BrowserContext, page: Page, meter: TrafficMeter) -> None:
        """Answer the page's requests; before its first navigation and before the recorder listens."""
        if self.answers.page_at is not None:
            await page.add_init_script(clock_script(self.answers.page_at))
        self.answers.restart()
        cdp = await context.new_cdp_session(page)
        frame_id = (await cdp.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        self._network = ReplayNetwork(cdp, self.answers, frame_id, meter)
        await self._network.start()

    def _missing(self) -> Mapping[str, str]:
        return self._network.missing if self._network else {}

    def _archive_remarks(self, seen: int) -> Iterator[str]:
        """Stable words for what is wrong with the archive; `seen` parts of the page are missing."""
        found = self.answers.archive.answers
        if seen:
            yield f"archive_missing:{seen}"
        if found.wrong_digests:
            yield f"archive_digests:{found.wrong_digests}"
        if found.broken:
            yield "archive_broken"

    def described(self, capture: Capture) -> Capture:
        """The capture with where it comes from in place of what only a visit has."""
        icon = f"GET {urljoin(capture.final_url, '/favicon.ico')}"  # looked for without being named
        missing = {name: kind for name, kind in self._missing().items() if name != icon}
        seen = sum(kind in SEEN_TYPES for kind in missing.values())
        partial = [one for one in capture.partial if one.partition(":")[0] not in OF_RECORDING]
        partial += self._archive_remarks(seen)
        notes = {
            name: value for name, value in capture.notes.items() if name not in OF_A_CONNECTION
        }
        at = self.answers.page_at
        notes["uploaded"] = {
            "sha256": self.upload.sha256,
            "bytes": self.upload.bytes,
            "format": "wacz" if self.upload.media_type == WACZ else "warc",
            "page": self.upload.url,
            "recorded_at": at.isoformat() if at else None,
            "missing": list(missing)[:MAX_RECORDED],
            "leaks": self._sink.count,
        }
        return replace(
            capture,
            started_at=self.upload.received_at,
            finished_at=self.upload.received_at,
            partial=tuple(dict.fromkeys(partial)),
            notes=notes,
        )
