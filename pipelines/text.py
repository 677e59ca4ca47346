"""All the text of the page, and of the answer it came from."""

import hashlib

from linkshot.domain.model import Capture, Role
from linkshot.text.text_format import terminated
from pipelines.item import Kept, SnapshotItem
from pipelines.optional_step import attempt
from pipelines.response_text import safe_html_text, source_of
from pipelines.visible_text import visible_text

MAX_TEXT = 20_000_000
"""Characters of text kept."""


class TextPipeline:
    """Sets item.text, its hash and the hash of the raw answer's text; keeps `text.txt`."""

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        """Scrapy calls it for every item."""
        await attempt(item, "text", add_text)
        return item


def add_text(item: SnapshotItem, capture: Capture) -> None:
    """Fill in the text of a capture."""
    source, cut = source_of(capture)
    if cut:
        item.partial.append(cut)
    text = (
        visible_text(capture.dom) if capture.dom else safe_html_text(capture.html) or source or ""
    )
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
    item.kept.append(
        Kept(role=Role.TEXT, name="text.txt", media_type="text/plain; charset=utf-8", data=data)
    )
