"""Determines the media type of a body from its first bytes, by WHATWG MIME Sniffing. (pure)

The one place for it: the crawler decides by it whether an untyped answer is a page, pipelines which
files of an unspecific type they can read, what they are called and which pictures they convert, and
imports what a file is that is no list of links.
"""

import re

HTML_TYPES = ("text/html", "application/xhtml+xml")
"""What browsers show as a page."""

_SNIFFED_BYTES = 1445
"""Length of the resource header (§5.2)."""
_HTML = re.compile(
    rb"^[\t\n\f\r ]*(?:<!doctype html|<html|<head|<script|<iframe|<h1|<div|<font|<table|<a|<style"
    rb"|<title|<b|<body|<br|<p|<!--)[\s>]",
    re.IGNORECASE,
)
"""The patterns of HTML (§7.1)."""
_IMAGES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    *_IMAGES,
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
)
"""Signatures of binary formats (§6, §7.1)."""


def sniff(body: bytes) -> str:
    """The type of a body that came without one; of an empty one `text/html`, as browsers have it."""
    head = body[:_SNIFFED_BYTES].removeprefix(b"\xef\xbb\xbf")
    if not head or _HTML.match(head):
        return "text/html"
    if head.startswith(b"<?xml"):
        return "text/xml"
    if found := signature_type(head):
        return found
    # binary data bytes (§3)
    binary = any(byte < 9 or 14 <= byte < 27 or 28 <= byte < 32 for byte in head)
    return "application/octet-stream" if binary else "text/plain"


def signature_type(body: bytes) -> str:
    """The type of a binary format by its signature, else empty.

    For bodies declared as some binary data. They are not sniffed for HTML: what a server offers as a
    download must not become a page (§7, "scriptable types").
    """
    return next((kind for magic, kind in _SIGNATURES if body.startswith(magic)), "")


def image_type(body: bytes) -> str:
    """The type of a bitmap that linkshot decodes or serves, by its signature, else empty.

    Beside those of `signature_type` icons (§6.1) and WebP (RFC 9649 §2.4), which no page is named after.
    """
    if body.startswith(b"\x00\x00\x01\x00"):
        return "image/x-icon"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _IMAGES if body.startswith(magic)), "")
