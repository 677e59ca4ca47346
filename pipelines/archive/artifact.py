"""Adds archive.wacz to a snapshot."""

import tempfile
from pathlib import Path
from typing import Self

from scrapy.crawler import Crawler

from linkshot import __version__
from linkshot.domain.model import Capture, Exchange, Role
from pipelines.archive.wacz import ArchivedPage, write_wacz
from pipelines.archive.warc import DerivedRecord
from pipelines.item import PendingArtifact, SnapshotItem
from pipelines.optional_step import run_optional
from pipelines.quality import assess_quality
from pipelines.runtime import app_of
from pipelines.store import is_unchanged

MEDIA_TYPE = "application/wacz"
"""As the WACZ specification names it (§7); IANA has registered none."""
DERIVED = {Role.TEXT: "urn:text:", Role.SCREENSHOT: "urn:view:", Role.THUMBNAIL: "urn:thumbnail:"}
MAX_PAGE_TEXT = 1_000_000
"""Characters of the page's text in the list of pages, which players load whole."""


class WaczPipeline:
    """Adds the archive, unless it is switched off or no new version is stored."""

    def __init__(self, *, enabled: bool) -> None:
        self.enabled = enabled

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(enabled=app_of(crawler).settings.wacz)

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        if self.enabled and item.capture is not None and not is_unchanged(item):
            await run_optional(item, "wacz", add_wacz)
            if "wacz" in item.partial:  # it comes last, after the verdict
                item.quality = assess_quality(item.capture, item.text, item.partial)
        return item


def add_wacz(item: SnapshotItem, capture: Capture) -> None:
    """Writes the archive to a temporary file, which store.py removes."""
    main = main_exchange(capture)
    if main is None:
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
    derived = [
        DerivedRecord(url=DERIVED[one.role] + main.url, media_type=one.media_type, data=one.data)
        for one in item.artifacts
        if one.role in DERIVED and isinstance(one.data, bytes)
    ]
    agent = next((v for n, v in main.request_headers if n.lower() == "user-agent"), "")
    with tempfile.NamedTemporaryFile(prefix="linkshot-", suffix=".wacz", delete=False) as made:
        path = Path(made.name)
    try:
        write_wacz(path, page, capture.exchanges, derived, f"linkshot {__version__}", agent)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    item.artifacts.append(
        PendingArtifact(role=Role.WACZ, name="archive.wacz", media_type=MEDIA_TYPE, data=path)
    )


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
