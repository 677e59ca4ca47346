"""What does the page say about itself: title, language, author, dates, icon, canonical address?"""

import asyncio
import base64
import json
import re
import unicodedata
from typing import Any
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from linkshot.errors import InvalidURL
from linkshot.model import Capture, Role
from linkshot.urls import parse
from pipelines.item import Kept, SnapshotItem
from pipelines.language import language_of

MAX_TITLE = 512
MAX_VALUE = 2000
MAX_PROPERTIES = 100
MAX_JSON_LD = 100_000
MAX_ICON = 32_768
"""Bytes of an icon that travel in meta.json as a data: address."""
ICON_TYPES = {
    b"\x89PNG": "image/png",
    b"GIF8": "image/gif",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x00\x00\x01\x00": "image/x-icon",
    b"RIFF": "image/webp",
}


class MetaPipeline:
    """Sets item.title and item.language; keeps `meta.json`."""

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        """Scrapy calls it for every item."""
        if item.capture is not None:
            await asyncio.to_thread(add_meta, item, item.capture)
        return item


def add_meta(item: SnapshotItem, capture: Capture) -> None:
    """Fill in the metadata of a capture."""
    found = read(capture.html, capture.final_url) if capture.html else {}
    og = found.get("properties", {})
    item.title = clean(capture.title or og.get("og:title", "") or _name_of(capture))
    item.language = language_of(item.article or item.text, found.get("lang", ""))
    if icon := _icon(capture.favicon):
        found["icon"] = icon
    item.meta = {**found, **item.meta, "title": item.title, "language": item.language}
    if capture.favicon_url.startswith(("http://", "https://")):
        item.meta["icon_url"] = capture.favicon_url[:MAX_VALUE]
    if item.source_text_sha256:
        item.meta["source_text_sha256"] = item.source_text_sha256
    data = json.dumps(item.meta, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    item.kept.append(
        Kept(role=Role.META, name="meta.json", media_type="application/json", data=data)
    )


def read(html: str, base: str) -> dict[str, Any]:
    """What the head says; addresses are http(s) and absolute, everything is bounded."""
    tree = LexborHTMLParser(html)
    root = tree.css_first("html")
    found: dict[str, Any] = {"lang": (root.attributes.get("lang") or "") if root else ""}
    found["properties"] = _properties(tree)
    if canonical := _link(tree, "canonical", base):
        found["canonical"] = canonical
    if feeds := _feeds(tree, base):
        found["feeds"] = feeds
    if data := _json_ld(tree):
        found["json_ld"] = data
        found |= _from_json_ld(data)
    return found


def clean(text: str) -> str:
    """One line without control characters, at most MAX_TITLE characters."""
    line = " ".join(
        "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text[:4096]).split()
    )
    return line[:MAX_TITLE]


def _properties(tree: LexborHTMLParser) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.css("meta[property], meta[name]")[: MAX_PROPERTIES * 4]:
        name = node.attributes.get("property") or node.attributes.get("name") or ""
        value = node.attributes.get("content") or ""
        known = re.match(r"(og:|article:|twitter:|author$|description$|keywords$)", name)
        if known and value and name not in found and len(found) < MAX_PROPERTIES:
            found[name[:100]] = value[:MAX_VALUE]
    return {k: v for k, v in found.items() if not _is_bad_address(k, v)}


def _is_bad_address(name: str, value: str) -> bool:
    is_address = name.endswith((":url", ":image", ":src", ":secure_url", ":video"))
    return is_address and not value.startswith(("http://", "https://", "/"))


def _link(tree: LexborHTMLParser, rel: str, base: str) -> str:
    node = tree.css_first(f'link[rel="{rel}"]')
    return _address((node.attributes.get("href") or "") if node else "", base)


def _feeds(tree: LexborHTMLParser, base: str) -> list[str]:
    wanted = 'link[rel="alternate"][type="application/rss+xml"], link[rel="alternate"][type="application/atom+xml"]'
    found = (_address(n.attributes.get("href") or "", base) for n in tree.css(wanted)[:20])
    return [address for address in found if address]


def _address(href: str, base: str) -> str:
    if not href:
        return ""
    try:
        return parse(urljoin(base, href)).url
    except (InvalidURL, ValueError):
        return ""


def _json_ld(tree: LexborHTMLParser) -> list[Any]:
    found = []
    for node in tree.css('script[type="application/ld+json"]')[:10]:
        text = node.text() or ""
        if len(text) > MAX_JSON_LD:
            continue
        try:
            found.append(json.loads(text))
        except (ValueError, RecursionError):
            continue
    return found


def _from_json_ld(data: list[Any]) -> dict[str, str]:
    """Author and dates of the first thing that has them."""
    wanted = {"datePublished": "published", "dateModified": "modified"}
    found: dict[str, str] = {}
    for thing in data:
        for one in thing if isinstance(thing, list) else [thing]:
            if not isinstance(one, dict):
                continue
            for key, name in wanted.items():
                if isinstance(one.get(key), str):
                    found.setdefault(name, one[key][:64])
            author = one.get("author")
            author = author[0] if isinstance(author, list) and author else author
            if isinstance(author, dict) and isinstance(author.get("name"), str):
                found.setdefault("author", clean(author["name"]))
    return found


def _name_of(capture: Capture) -> str:
    """A file's name where there is no title: the last part of its address."""
    return capture.final_url.split("?")[0].rstrip("/").rpartition("/")[2]


def _icon(data: bytes) -> str:
    kind = next((t for magic, t in ICON_TYPES.items() if data.startswith(magic)), None)
    if not kind or len(data) > MAX_ICON:
        return ""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
