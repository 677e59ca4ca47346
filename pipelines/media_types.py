"""Of which media type is the main response, and how is a file of it called? (pure)"""

from linkshot.domain.model import Capture

HTML_TYPES = ("text/html", "application/xhtml+xml")
TEXT_TYPES = ("application/json", "application/xml", "application/javascript")
VAGUE = ("", "application/octet-stream", "binary/octet-stream", "application/x-download")
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
MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
"""What bodies of a vague type really are (WHATWG MIME Sniffing §6)."""


def type_of(capture: Capture) -> str:
    """The media type; by the first bytes where the server said nothing of use."""
    if capture.media_type not in VAGUE:
        return capture.media_type
    found = (kind for magic, kind in MAGIC if capture.body.startswith(magic))
    return next(found, "application/octet-stream")


def is_text(kind: str) -> bool:
    """Whether bodies of this media type are text."""
    named = kind in TEXT_TYPES or kind in HTML_TYPES
    return named or kind.startswith("text/") or kind.endswith(("+xml", "+json"))
