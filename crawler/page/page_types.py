"""Is an answer a page or a file, and of which type? (pure)"""

import re

PAGES = frozenset(("text/html", "application/xhtml+xml"))

_ESSENCE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
_HTML = re.compile(
    rb"^[\t\n\f\r ]*(?:<!doctype html|<html|<head|<script|<iframe|<h1|<div|<font|<table|<a|<style"
    rb"|<title|<b|<body|<br|<p|<!--)[\s>]",
    re.IGNORECASE,
)
"""WHATWG MIME Sniffing §7.1, the patterns of HTML."""

_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"<?xml", "text/xml"),
)


def essence(content_type: str) -> str:
    """`text/html` of `Text/HTML; charset=x`; of several the last (Fetch Standard §2.2.6); else empty."""
    for one in reversed(content_type.split(",")):
        kind = one.partition(";")[0].strip().lower()
        if _ESSENCE.fullmatch(kind):
            return kind
    return ""


def is_page(media_type: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether a browser would show it as a page."""
    if headers.get("content-disposition", "").strip().lower().startswith("attachment"):
        return False
    return (media_type or sniff(body)) in PAGES


def sniff(body: bytes) -> str:
    """The type of a body that came without one."""
    head = body[:1445].removeprefix(b"\xef\xbb\xbf")
    if not head or _HTML.match(head):
        return "text/html"
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    binary = any(byte < 9 or 14 <= byte < 27 or 28 <= byte < 32 for byte in head)
    return "application/octet-stream" if binary else "text/plain"
