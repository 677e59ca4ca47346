"""Determines the media type of the main response and its file extension (pure)."""

from linkshot.domain.media_sniffing import HTML_TYPES, signature_type
from linkshot.domain.model import Capture

TEXT_TYPES = ("application/json", "application/xml", "application/javascript")
UNSPECIFIC_TYPES = ("", "application/octet-stream", "binary/octet-stream", "application/x-download")
EXTENSIONS = {
    "application/pdf": "pdf", "application/json": "json", "application/zip": "zip",
    "application/gzip": "gz", "application/xml": "xml", "text/xml": "xml",
    "application/rss+xml": "xml", "application/atom+xml": "xml", "text/plain": "txt",
    "text/csv": "csv", "text/markdown": "md", "text/html": "html",
    "application/xhtml+xml": "html", "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif",
    "image/webp": "webp", "image/avif": "avif", "image/svg+xml": "svg", "image/x-icon": "ico",
    "audio/mpeg": "mp3", "video/mp4": "mp4", "video/webm": "webm",
    "application/epub+zip": "epub", "application/wasm": "wasm",
}  # fmt: skip


def media_type_of(capture: Capture) -> str:
    """The declared media type; sniffed from the first bytes if that says nothing of use."""
    if capture.media_type not in UNSPECIFIC_TYPES:
        return capture.media_type
    return signature_type(capture.body) or "application/octet-stream"


def is_text(kind: str) -> bool:
    named = kind in TEXT_TYPES or kind in HTML_TYPES
    return named or kind.startswith("text/") or kind.endswith(("+xml", "+json"))
