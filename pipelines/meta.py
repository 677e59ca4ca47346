"""Collects the metadata of a page (title, author, dates, canonical URL, …) as `meta.json`, and its icon."""

import json
from typing import Any
from urllib.parse import urlsplit

from linkshot.domain.model import Capture, Role
from pipelines.icon import make_icon
from pipelines.item import PendingArtifact, SnapshotItem
from pipelines.optional_step import run_optional
from pipelines.page_metadata import clean_text, read_metadata
from pipelines.sandbox import run_sandboxed_if_large

MAX_VALUE = 2000


class MetaPipeline:
    """Sets item.title; adds `meta.json` and the icon."""

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        await run_optional(item, "meta", add_meta)
        return item


def add_meta(item: SnapshotItem, capture: Capture) -> None:
    """Adds the metadata; values that the page declares override those found in the article."""
    item.title = clean_text(capture.title) or fallback_title(capture)
    found = declared_metadata(item, capture)
    if not clean_text(capture.title) and (named := found.get("properties", {}).get("og:title")):
        item.title = clean_text(named)
    if capture.favicon_url.startswith(("http://", "https://")):
        found["icon_url"] = capture.favicon_url[:MAX_VALUE]
    if item.source_text_sha256:
        found["source_text_sha256"] = item.source_text_sha256
    item.meta = {**item.meta, **found, "title": item.title, "language": item.language}
    data = json.dumps(item.meta, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    item.artifacts.append(
        PendingArtifact(role=Role.META, name="meta.json", media_type="application/json", data=data)
    )
    if icon := make_icon(capture.favicon):
        item.artifacts.append(icon)


def declared_metadata(item: SnapshotItem, capture: Capture) -> dict[str, Any]:
    """The metadata in <head>; empty, and `meta` partial, if parsing takes too long."""
    if not capture.html:
        return {}
    html, url = capture.html, capture.final_url
    found: dict[str, Any] | None = run_sandboxed_if_large(
        len(html), read_metadata, html, url, default=None
    )
    if found is None:
        item.partial.append("meta")
    return found or {}


def fallback_title(capture: Capture) -> str:
    """The title of a document without one: the last path segment, else the host."""
    parts = urlsplit(capture.final_url)
    return clean_text(parts.path.rstrip("/").rpartition("/")[2] or parts.netloc)
