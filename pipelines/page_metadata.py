"""What does the head of a page declare? Bounded, addresses absolute and http(s) only. (pure)"""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from linkshot.domain.urls import parse
from linkshot.errors import InvalidURL
from linkshot.text.line_breaks import join_lines

MAX_TITLE = 512
MAX_VALUE = 2000
MAX_PROPERTIES = 100
MAX_JSON_LD = 100_000
MAX_DEPTH = 30
"""Of JSON-LD; deeper data describes nothing and breaks writers."""
JOINERS = "\u200c\u200d"
"""Format characters that belong to words (Persian) and to emoji."""
PROPERTIES = re.compile(r"og:|article:|twitter:|(?:author|description|keywords)$")
ADDRESSES = re.compile(r":(?:url|image|src|secure_url|video|audio|player)$")
ALTERNATES = ", ".join(
    f'link[rel~="alternate"][type="application/{k}+xml"]' for k in ("rss", "atom")
)
DECLARED = (
    ("published", "article:published_time"),
    ("modified", "article:modified_time"),
    ("author", "author"),
    ("author", "article:author"),
)
"""Our name → property that says it, where JSON-LD does not."""


def read(html: str, url: str) -> dict[str, Any]:
    """lang, properties, canonical, feeds, json_ld and what follows: author, published, modified."""
    tree = LexborHTMLParser(html)
    base = _base(tree, url)
    root = tree.css_first("html")
    properties = _properties(tree, base)
    found: dict[str, Any] = {
        "lang": ((root.attributes.get("lang") or "") if root else "")[:35],
        "properties": properties,
        "canonical": _canonical(tree, base),
        "feeds": _feeds(tree, base),
        "json_ld": _json_ld(tree),
    }
    for name, declared in DECLARED:
        if declared in properties and "/" not in properties[declared]:
            found.setdefault(name, clean(properties[declared]))
    found |= _facts(found["json_ld"])
    return {name: value for name, value in found.items() if value}


def clean(text: str) -> str:
    """One line without control characters, at most MAX_TITLE characters."""
    kept = (
        c if c in JOINERS or unicodedata.category(c)[0] != "C" else " "
        for c in join_lines(text[:4096])
    )
    return " ".join("".join(kept).split())[:MAX_TITLE]


def _base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    return _address((node.attributes.get("href") or "") if node else "", url) or url


def _properties(tree: LexborHTMLParser, base: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.css("meta[property], meta[name]")[: MAX_PROPERTIES * 4]:
        name = (node.attributes.get("property") or node.attributes.get("name") or "").lower()[:100]
        value = (node.attributes.get("content") or "")[:MAX_VALUE]
        if PROPERTIES.match(name) and ADDRESSES.search(name):
            value = _address(value, base)
        if PROPERTIES.match(name) and value and len(found) < MAX_PROPERTIES:
            found.setdefault(name, value)
    return found


def _canonical(tree: LexborHTMLParser, base: str) -> str:
    node = tree.css_first('link[rel~="canonical"]')
    return _address((node.attributes.get("href") or "") if node else "", base)


def _feeds(tree: LexborHTMLParser, base: str) -> list[str]:
    found = (_address(n.attributes.get("href") or "", base) for n in tree.css(ALTERNATES)[:20])
    return [address for address in found if address]


def _address(href: str, base: str) -> str:
    """Absolute and http(s), else empty."""
    try:
        return parse(urljoin(base, href)).url if href else ""
    except (InvalidURL, ValueError):
        return ""


def _json_ld(tree: LexborHTMLParser) -> list[Any]:
    found = []
    for node in tree.css('script[type="application/ld+json"]')[:10]:
        text = node.text() or ""
        if len(text) > MAX_JSON_LD:
            continue
        try:
            data = json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError):
            continue
        if not _deeper(data, MAX_DEPTH):
            found.append(data)
    return found


def _refuse(constant: str) -> None:
    """NaN and Infinity are no JSON (RFC 8259 §6)."""
    raise ValueError(constant)


def _deeper(data: Any, depth: int) -> bool:
    if not isinstance(data, dict | list):
        return False
    inner = data.values() if isinstance(data, dict) else data
    return depth == 0 or any(_deeper(one, depth - 1) for one in inner)


def _facts(data: list[Any]) -> dict[str, str]:
    """Author and dates of the first thing that has them."""
    found: dict[str, str] = {}
    for thing in _things(data):
        for key, name in (("datePublished", "published"), ("dateModified", "modified")):
            if isinstance(thing.get(key), str):
                found.setdefault(name, clean(thing[key])[:64])
        if author := _name(thing.get("author")):
            found.setdefault("author", author)
    return found


def _things(data: list[Any]) -> Iterator[dict[str, Any]]:
    for one in data:
        if isinstance(one, list):
            yield from _things(one)
        elif isinstance(one, dict):
            yield one
            graph = one.get("@graph")
            yield from _things(graph) if isinstance(graph, list) else ()


def _name(author: object) -> str:
    if isinstance(author, list):
        author = author[0] if author else None
    if isinstance(author, dict):
        author = author.get("name")
    return clean(author) if isinstance(author, str) else ""
