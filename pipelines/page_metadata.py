"""Reads the metadata that a page declares in <head> (pure).

All values are bounded; URLs are absolute and http(s) only.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from linkshot.domain.url_admission import admit
from linkshot.domain.urls import normalize
from linkshot.errors import InvalidURL
from linkshot.text.line_breaks import join_lines

MAX_TITLE = 512
MAX_VALUE = 2000
MAX_PROPERTIES = 100
MAX_JSON_LD = 100_000
MAX_DEPTH = 30
"""Nesting of JSON-LD; deeper data describes nothing and exceeds the recursion limit of writers."""
JOIN_CONTROLS = "\u200c\u200d"
"""Format characters that are part of words (Persian) and of emoji."""
PROPERTIES = re.compile(r"og:|article:|twitter:|(?:author|description|keywords)$")
URL_PROPERTIES = re.compile(r":(?:url|image|src|secure_url|video|audio|player)$")
FEED_LINKS = ", ".join(
    f'link[rel~="alternate"][type="application/{k}+xml"]' for k in ("rss", "atom")
)
FALLBACK_PROPERTIES = (
    ("published", "article:published_time"),
    ("modified", "article:modified_time"),
    ("author", "author"),
    ("author", "article:author"),
)
"""Our name and the property that is used if JSON-LD lacks it."""


def read_metadata(html: str, url: str) -> dict[str, Any]:
    """lang, properties, canonical, feeds, json_ld, and from these author, published, modified."""
    tree = LexborHTMLParser(html)
    base = _first_href(tree, "base[href]", url) or url
    root = tree.css_first("html")
    properties = _properties(tree, base)
    feeds = (_absolute_url(n.attributes.get("href") or "", base) for n in tree.css(FEED_LINKS)[:20])
    found: dict[str, Any] = {
        "lang": ((root.attributes.get("lang") or "") if root else "")[:35],
        "properties": properties,
        "canonical": _first_href(tree, 'link[rel~="canonical"]', base),
        "feeds": [url for url in feeds if url],
        "json_ld": _json_ld(tree),
    }
    for name, declared in FALLBACK_PROPERTIES:
        if declared in properties and "/" not in properties[declared]:
            found.setdefault(name, clean_text(properties[declared]))
    found |= _json_ld_facts(found["json_ld"])
    return {name: value for name, value in found.items() if value}


def clean_text(text: str) -> str:
    """One line without control characters, at most MAX_TITLE characters."""
    kept = (
        c if c in JOIN_CONTROLS or unicodedata.category(c)[0] != "C" else " "
        for c in join_lines(text[:4096])
    )
    return " ".join("".join(kept).split())[:MAX_TITLE]


def _first_href(tree: LexborHTMLParser, selector: str, base: str) -> str:
    node = tree.css_first(selector)
    return _absolute_url((node.attributes.get("href") or "") if node else "", base)


def _properties(tree: LexborHTMLParser, base: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.css("meta[property], meta[name]")[: MAX_PROPERTIES * 4]:
        name = (node.attributes.get("property") or node.attributes.get("name") or "").lower()[:100]
        value = (node.attributes.get("content") or "")[:MAX_VALUE]
        if PROPERTIES.match(name) and URL_PROPERTIES.search(name):
            value = _absolute_url(value, base)
        if PROPERTIES.match(name) and value and len(found) < MAX_PROPERTIES:
            found.setdefault(name, value)
    return found


def _absolute_url(href: str, base: str) -> str:
    """The absolute http(s) URL, or ""."""
    try:
        return admit(normalize(urljoin(base, href))).url if href else ""
    except (InvalidURL, ValueError):
        return ""


def _json_ld(tree: LexborHTMLParser) -> list[Any]:
    found = []
    for node in tree.css('script[type="application/ld+json"]')[:10]:
        text = node.text() or ""
        if len(text) > MAX_JSON_LD:
            continue
        try:
            data = json.loads(text, parse_constant=_reject_constant)
        except (ValueError, RecursionError):
            continue
        if not _is_deeper(data, MAX_DEPTH):
            found.append(data)
    return found


def _reject_constant(constant: str) -> None:
    """Rejects NaN and Infinity, which are not JSON (RFC 8259 §6)."""
    raise ValueError(constant)


def _is_deeper(data: Any, depth: int) -> bool:
    if not isinstance(data, dict | list):
        return False
    inner = data.values() if isinstance(data, dict) else data
    return depth == 0 or any(_is_deeper(one, depth - 1) for one in inner)


def _json_ld_facts(data: list[Any]) -> dict[str, str]:
    """Author and dates of the first object that has them."""
    found: dict[str, str] = {}
    for thing in _json_ld_objects(data):
        for key, name in (("datePublished", "published"), ("dateModified", "modified")):
            if isinstance(thing.get(key), str):
                found.setdefault(name, clean_text(thing[key])[:64])
        # pages write a name, a Person or an Organization, or a list of these (schema.org/author)
        author = thing.get("author")
        if isinstance(author, list):
            author = author[0] if author else None
        if isinstance(author, dict):
            author = author.get("name")
        if isinstance(author, str) and (name := clean_text(author)):
            found.setdefault("author", name)
    return found


def _json_ld_objects(data: list[Any]) -> Iterator[dict[str, Any]]:
    for one in data:
        if isinstance(one, list):
            yield from _json_ld_objects(one)
        elif isinstance(one, dict):
            yield one
            graph = one.get("@graph")
            yield from _json_ld_objects(graph) if isinstance(graph, list) else ()
