"""Reads the document of a page that the browser could not show from the server's answer, without running it."""

from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser

from linkshot.domain.media_sniffing import HTML_TYPES
from linkshot.domain.model import Capture
from pipelines import charset
from pipelines.item import SnapshotItem
from pipelines.optional_step import run_optional
from pipelines.sandbox import run_sandboxed_if_large


class UnrenderedPipeline:
    """Sets html and title of a capture that was not rendered; text, article and metadata follow from them."""

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        if item.capture is not None and not item.capture.is_rendered:
            await run_optional(item, "html", read_answer)
        return item


def read_answer(item: SnapshotItem, capture: Capture) -> None:
    if capture.media_type not in HTML_TYPES:
        return
    html = charset.decode(capture.body, capture.headers.get("content-type", ""))
    title = run_sandboxed_if_large(len(html), title_of, html, default="")
    item.capture = replace(capture, html=html, title=title)


def title_of(html: str) -> str:
    """The text of the first title of an HTML document (HTML Standard, document.title). (pure)"""
    title = LexborHTMLParser(html).css_first("head > title")
    return title.text() if title is not None else ""
