"""What does the page say about itself: title, language, author, dates, icon, canonical address?"""

import json
from typing import Any
from urllib.parse import urlsplit

from linkshot.domain.model import Capture, Role
from pipelines.icon import icon_of
from pipelines.item import Kept, SnapshotItem
from pipelines.optional_step import attempt
from pipelines.page_metadata import clean, read
from pipelines.sandbox import run_sized

MAX_VALUE = 2000


class MetaPipeline:
    """Sets item.title; keeps `meta.json` and the icon."""

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        """Scrapy calls it for every item."""
        await attempt(item, "meta", add_meta)
        return item


def add_meta(item: SnapshotItem, capture: Capture) -> None:
    """Fill in the metadata of a capture; what the page declares goes before what was found."""
    item.title = clean(capture.title) or name_of(capture)
    found = declared(item, capture)
    if not clean(capture.title) and (named := found.get("properties", {}).get("og:title")):
        item.title = clean(named)
    if capture.favicon_url.startswith(("http://", "https://")):
        found["icon_url"] = capture.favicon_url[:MAX_VALUE]
    if item.source_text_sha256:
        found["source_text_sha256"] = item.source_text_sha256
    item.meta = {**item.meta, **found, "title": item.title, "language": item.language}
    data = json.dumps(item.meta, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    item.kept.append(
        Kept(role=Role.META, name="meta.json", media_type="application/json", data=data)
    )
    if icon := icon_of(capture.favicon):
        item.kept.append(icon)


def declared(item: SnapshotItem, capture: Capture) -> dict[str, Any]:
    """What the head says; nothing, and partial, when that cannot be read in time."""
    if not capture.html:
        return {}
    html, url = capture.html, capture.final_url
    found: dict[str, Any] | None = run_sized(len(html), read, html, url, default=None)
    if found is None:
        item.partial.append("meta")
    return found or {}


def name_of(capture: Capture) -> str:
    """A file's name where there is no title: the last part of its address, else the host."""
    parts = urlsplit(capture.final_url)
    return clean(parts.path.rstrip("/").rpartition("/")[2] or parts.netloc)
