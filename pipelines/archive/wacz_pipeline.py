"""Adds archive.wacz to a snapshot."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from scrapy.crawler import Crawler

from linkshot import __version__
from linkshot.domain.model import Capture, Exchange, Role
from linkshot.domain.signatures import Signer
from linkshot.domain.upload_format import WACZ
from pipelines.archive.wacz import ArchivedPage, write_wacz
from pipelines.archive.warc import DerivedRecord
from pipelines.item import PendingArtifact, SnapshotItem
from pipelines.optional_step import run_optional
from pipelines.quality import assess_item
from pipelines.runtime import app_of
from pipelines.store import is_unchanged

DERIVED = {Role.TEXT: "urn:text:", Role.SCREENSHOT: "urn:view:", Role.THUMBNAIL: "urn:thumbnail:"}
MAX_PAGE_TEXT = 1_000_000
"""Characters of the page's text in the list of pages, which players load whole."""
PREFIX, SUFFIX = "linkshot-", ".wacz"
SWEEP_AFTER_S = 86_400
"""Age of a temporary archive after which its worker is gone: no visit lasts a day."""


class WaczPipeline:
    """Adds the archive, unless it is switched off or no new version is stored."""

    def __init__(
        self, *, enabled: bool, signer: Callable[[], Signer | None] = lambda: None
    ) -> None:
        self.enabled = enabled
        self.signer = signer

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        sweep(Path(tempfile.gettempdir()), time.time())
        app = app_of(crawler)
        return cls(enabled=app.settings.wacz, signer=lambda: app.signer)

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        is_made_here = item.request.upload is None and not is_unchanged(item)
        if self.enabled and item.capture is not None and is_made_here:
            await run_optional(item, "wacz", self._add)
            if "wacz" in item.partial:  # it comes last, after the verdict
                item.quality = await asyncio.to_thread(assess_item, item, item.capture)
        return item

    def _add(self, item: SnapshotItem, capture: Capture) -> None:
        add_wacz(item, capture, self.signer())


def add_wacz(item: SnapshotItem, capture: Capture, signer: Signer | None) -> None:
    """Writes the archive to a temporary file, which store.py removes."""
    main = main_exchange(capture)
    if main is None:
        if capture.exchanges:
            item.partial.append("wacz")
        return
    page = ArchivedPage(
        page_id=item.request.request_id,
        url=main.url,
        at=main.started_at,
        made_at=capture.finished_at,
        title=item.title,
        text=item.text[:MAX_PAGE_TEXT],
        mime=capture.media_type,
        status=main.status,
    )
    # one record of each kind: of several screenshots the first, which begins at the page's top
    first = {one.role: one for one in reversed(item.artifacts)}
    derived = [
        DerivedRecord(url=prefix + main.url, media_type=one.media_type, data=one.data)
        for role, prefix in DERIVED.items()
        if (one := first.get(role)) is not None and isinstance(one.data, bytes)
    ]
    agent = main.request_header("user-agent")
    with tempfile.NamedTemporaryFile(prefix=PREFIX, suffix=SUFFIX, delete=False) as made:
        path = Path(made.name)
    try:
        software = f"linkshot {__version__}"
        write_wacz(path, page, capture.exchanges, derived, software, agent, signer)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    item.artifacts.append(
        PendingArtifact(role=Role.WACZ, name="archive.wacz", media_type=WACZ, data=path)
    )


def sweep(folder: Path, now: float) -> None:
    """Removes archives that workers left when they were killed between writing and storing one."""
    for path in folder.glob(f"{PREFIX}*{SUFFIX}"):
        with suppress(OSError):  # gone meanwhile, or another user's
            if path.stat().st_mtime < now - SWEEP_AFTER_S:
                path.unlink()


def main_exchange(capture: Capture) -> Exchange | None:
    """The exchange of the page's main answer: at its final address, else its newest document.

    Scripts may have changed the address (history.pushState) without asking for it.
    """
    documents = [one for one in capture.exchanges if one.resource_type == "document"]
    final = capture.final_url.partition("#")[0]
    for one in reversed(documents):
        if one.url == final and one.body == capture.body:
            return one
    same = (one for one in reversed(documents) if one.body == capture.body)
    return next(same, None)
