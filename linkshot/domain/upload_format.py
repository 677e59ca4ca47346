"""Recognises a saved page by its bytes: its format, the address it came from, when it was saved. (pure)

Looks at the beginning and searches for marks, in time linear in the size; nothing is parsed. That is
left to a worker (pipelines/uploaded_page.py, crawler/replay/archive_replay.py).
"""

import re
import zlib
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from linkshot.domain import urls
from linkshot.domain.media_sniffing import signature_type
from linkshot.errors import InvalidInput, InvalidURL

HTML, MHTML = "text/html", "multipart/related"
WACZ, WARC = "application/wacz", "application/warc"
"""As the WACZ specification (§7) and WARC 1.1 (§8) name them; a WARC may be compressed."""
ARCHIVES = (WACZ, WARC)
HEAD_BYTES = 65_536
"""How far the marks of a format may lie from its beginning."""

_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|meta|title|link|div|p|h[1-6]|table|article|main|span)\b",
    re.IGNORECASE,
)
_MIME_HEAD = re.compile(rb"[\w-]{1,60}:[ \t][^\n]*\n")
_RELATED = re.compile(
    rb"^content-type:\s*multipart/(?:related|mixed|alternative)", re.IGNORECASE | re.MULTILINE
)
_HTML_PART = re.compile(
    rb"^content-type:[ \t]*(?:text/html|application/xhtml\+xml)", re.IGNORECASE | re.MULTILINE
)
_SINGLEFILE = re.compile(
    rb"Page saved with SingleFile\s+url:\s*(\S+)(?:\s+saved date:\s*([^\n]+))?"
)
"""The comment at the start of what the SingleFile extension writes."""
_SAVED_FROM = re.compile(rb"<!-- saved from url=\(\d{4}\)(\S+) -->")
"""The mark of the web, which browsers write when they save a page."""
_LOCATION = re.compile(
    rb"^(?:snapshot-)?content-location:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE
)
_DATE = re.compile(rb"^date:[ \t]*([^\n]+)", re.IGNORECASE | re.MULTILINE)
_JS_DATE = "%a %b %d %Y %H:%M:%S GMT%z"
_ZIP, _GZIP, _WARC = b"PK\x03\x04", b"\x1f\x8b", b"WARC/"
_ZIP_END, _ZIP_TAIL = b"PK\x05\x06", 66_000
"""The end of a ZIP lies within its last 65,557 bytes (APPNOTE 4.3.16)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """What a saved page says of itself."""

    media_type: str
    url: str = ""
    """Where it was saved from, as written in it; empty when it does not say."""
    saved_at: datetime | None = None
    """As it says; any time zone."""


def recognise(data: bytes) -> SavedPage:
    """The format of an upload; InvalidInput for what is no page that can be kept."""
    if not data.strip():
        raise InvalidInput("The file is empty.", code="upload.empty", field="file")
    head = data[:HEAD_BYTES]
    if archive := _archive_type(data):
        return SavedPage(media_type=archive)
    if _is_mhtml(head):
        if not _HTML_PART.search(data):
            raise InvalidInput(
                "There is no page in this archive.",
                code="upload.no_page",
                field="file",
            )
        return SavedPage(media_type=MHTML, url=_found(_LOCATION, head), saved_at=_mime_date(head))
    if not _is_html(head):
        raise InvalidInput(
            "This file is not a saved page: send HTML (as SingleFile saves it), MHTML, WACZ or WARC.",
            code="upload.not_a_page",
            field="file",
        )
    if _ZIP_END in data[-_ZIP_TAIL:]:
        raise InvalidInput(
            "This page is packed and needs a script to unpack itself; save it as plain HTML.",
            code="upload.packed",
            field="file",
        )
    saved = _SINGLEFILE.search(head)
    url = _text(saved[1]) if saved else _found(_SAVED_FROM, head)
    return SavedPage(media_type=HTML, url=url, saved_at=_script_date(saved[2]) if saved else None)


def _archive_type(data: bytes) -> str:
    """The media type of a web archive; empty for anything else."""
    if data.startswith(_ZIP) and _ZIP_END in data[-_ZIP_TAIL:] and b"archive/" in data:
        return WACZ
    start = data[: len(_WARC)]
    if data.startswith(_GZIP):
        try:
            start = zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(data[:4096], len(_WARC))
        except zlib.error:
            return ""
    return WARC if start == _WARC else ""


def is_of(saved_url: str, *known: str) -> bool:
    """Whether a page that was saved from there is one of these; http and https, with and without `www.`
    count as the same, since sites lead from one to the other."""
    try:
        mine = _comparable(saved_url)
    except InvalidURL:
        return False
    return any(mine == _comparable(url) for url in known)


def _comparable(url: str) -> str:
    key = urls.normalize(url).key
    return key.partition("://")[2].removeprefix("www.")


def _is_mhtml(head: bytes) -> bool:
    text = head.removeprefix(_BOMS[0]).lstrip().replace(b"\r\n", b"\n")
    if not _MIME_HEAD.match(text):
        return False
    return bool(_RELATED.search(text.partition(b"\n\n")[0]))


def _is_html(head: bytes) -> bool:
    if head.startswith(_BOMS[1:]):
        head = head.replace(b"\x00", b"")
    if signature_type(head) or b"\x00" in head[:1024]:
        return False
    return bool(_MARKUP.search(head))


def _found(pattern: re.Pattern[bytes], head: bytes) -> str:
    match = pattern.search(head)
    address = _text(match[1]) if match else ""
    return address if address.startswith(("http://", "https://")) else ""


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").strip("\"'")


def _mime_date(head: bytes) -> datetime | None:
    match = _DATE.search(head)
    try:
        return parsedate_to_datetime(_text(match[1]).strip()) if match else None
    except (TypeError, ValueError):
        return None


def _script_date(raw: bytes | None) -> datetime | None:
    """The form of JavaScript's Date.prototype.toString (ECMA-262 §21.4.4.41)."""
    try:
        return datetime.strptime(_text(raw or b"").partition(" (")[0].strip(), _JS_DATE)  # noqa: DTZ007  # %z
    except ValueError:
        return None
