"""All the text of the page, and of the answer it came from."""

import hashlib

from linkshot.keptform import ended
from linkshot.model import Capture, Role
from pipelines.degrade import attempt
from pipelines.domtext import visible_text
from pipelines.item import Kept, SnapshotItem
from pipelines.source import safe_html_text, source_of

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
    text = ended(text.replace("\x00", "\ufffd"))
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
