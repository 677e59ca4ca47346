"""What is all the text of the page, and of the answer it came from?"""

import asyncio
import hashlib
import json

from selectolax.lexbor import LexborHTMLParser

from linkshot.model import Capture, Role
from pipelines import charset
from pipelines.domtext import visible_text
from pipelines.item import Kept, SnapshotItem
from pipelines.limited import run_limited
from pipelines.pdf import pdf_text

MAX_TEXT = 20_000_000
"""Characters of text kept."""
HTML_TYPES = ("text/html", "application/xhtml+xml")
TEXT_TYPES = (
    "application/json",
    "application/xml",
    "application/rss+xml",
    "application/atom+xml",
    "application/ld+json",
    "application/javascript",
)


class TextPipeline:
    """Sets item.text, its hash and the hash of the raw answer's text; keeps `text.txt`."""

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        """Scrapy calls it for every item."""
        if item.capture is not None:
            await asyncio.to_thread(add_text, item, item.capture)
        return item


def add_text(item: SnapshotItem, capture: Capture) -> None:
    """Fill in the text of a capture."""
    item.text = text_of(capture)[:MAX_TEXT]
    data = item.text.encode("utf-8", "replace")
    item.text_sha256 = hashlib.sha256(data).hexdigest()
    if capture.body:
        source = source_text(capture)
        item.source_text_sha256 = hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()
    item.kept.append(
        Kept(role=Role.TEXT, name="text.txt", media_type="text/plain; charset=utf-8", data=data)
    )


def text_of(capture: Capture) -> str:
    """All visible text, from the laid-out page where there is one."""
    if capture.dom:
        return visible_text(capture.dom)
    if capture.html:
        return html_text(capture.html)
    return source_text(capture)


def source_text(capture: Capture) -> str:
    """The text of the main answer as it came over the wire."""
    kind = capture.media_type
    if kind in HTML_TYPES:
        return html_text(charset.decode(capture.body, capture.headers.get("content-type", "")))
    if kind == "application/pdf":
        return str(run_limited(pdf_text, capture.body, default=""))
    if kind == "application/json":
        return _json_text(charset.decode(capture.body))
    if kind.startswith("text/") or kind in TEXT_TYPES or kind.endswith(("+xml", "+json")):
        text = charset.decode(capture.body, capture.headers.get("content-type", ""))
        return html_text(text) if "xml" in kind else text
    return ""


def html_text(html: str) -> str:
    """Text of HTML without layout: a block a line, scripts and styles left out."""
    tree = LexborHTMLParser(html)
    for node in tree.css("script, style, noscript, template"):
        node.decompose()
    root = tree.root
    raw = root.text(separator="\n") if root is not None else ""
    return "\n".join(line for line in (" ".join(part.split()) for part in raw.splitlines()) if line)


def _json_text(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    except (ValueError, RecursionError):
        return text
