"""Extracts all visible text of the page as `text.txt`.

Of the text of the raw response only the hash is recorded: two snapshots with equal hashes got the same
response, whatever scripts made of it.
"""

import hashlib

from linkshot.domain.model import Capture, Role
from linkshot.text.text_format import terminated
from pipelines.item import PendingArtifact, SnapshotItem
from pipelines.optional_step import run_optional
from pipelines.response_text import read_response, safe_html_text
from pipelines.visible_text import visible_text

MAX_TEXT = 20_000_000
"""Characters of `text.txt`."""


class TextPipeline:
    """Sets item.text, text_sha256 and source_text_sha256."""

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        await run_optional(item, "text", add_text)
        return item


def add_text(item: SnapshotItem, capture: Capture) -> None:
    source, cut = read_response(capture)
    if cut:
        item.partial.append(cut)
    if capture.dom:
        text = visible_text(capture.dom)
    else:
        # of a page that was not rendered there is only the answer
        text = (capture.is_rendered and safe_html_text(capture.html)) or source or ""
    if source is None:
        item.partial.append("text")
    text = terminated(text.replace("\x00", "\ufffd"))
    if len(text) > MAX_TEXT:
        item.partial.append("text_length")
        text = text[:MAX_TEXT]
    item.text = text
    data = item.text.encode("utf-8", "replace")
    item.text_sha256 = hashlib.sha256(data).hexdigest()
    if source:
        item.source_text_sha256 = hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()
    item.artifacts.append(
        PendingArtifact(
            role=Role.TEXT, name="text.txt", media_type="text/plain; charset=utf-8", data=data
        )
    )
