"""Decides how the body of an answer is read, from what its head says. (pure)

A body comes to us base64 in one message unless it is read in pieces, and one of 200 MB ends
Playwright's driver with every page of the worker. So only a body that is surely small is read at
once; what a head says about a compressed one is no limit for what it unpacks to.
"""

import re
from collections.abc import Mapping
from enum import Enum, auto

from crawler.page import page_types

MAX_BODY_BYTES = 10_000_000
"""The longest body that is kept; of a longer one so much, or nothing when its length is known."""
MAX_PACKED_BYTES = 9_500
"""A gzip or deflate body of this length unpacks to less than MAX_BODY_BYTES: DEFLATE reaches 1032 : 1
at most (zlib technical details, "Maximum Compression Factor")."""
REDIRECTS = frozenset((301, 302, 303, 307, 308))
WITHOUT_BODY = frozenset((204, 205, 304)) | REDIRECTS
"""Statuses that have no body, or one that browsers do not read (Fetch Standard §2.2.3, §4.4)."""
ENDLESS = frozenset(("text/event-stream", "multipart/x-mixed-replace"))
_CONTENT_RANGE = re.compile(r"bytes 0-(\d+)/(\d+)")


class ReadMode(Enum):
    """How a body is read, if at all."""

    NO_BODY = auto()
    AT_ONCE = auto()
    IN_PIECES = auto()
    ENDLESS = auto()
    """A stream that the page reads while it comes; it is not read here."""
    RANGE = auto()
    """A part of a file that the page asked for; the whole is loaded apart."""
    TOO_LARGE = auto()
    """Its length is known and over MAX_BODY_BYTES: it goes to the page unread."""


def read_mode(method: str, status: int, headers: Mapping[str, str]) -> ReadMode:
    """How to read the body of this answer; names of `headers` in lower case."""
    if status in WITHOUT_BODY or method in ("HEAD", "OPTIONS"):
        return ReadMode.NO_BODY
    if page_types.essence(headers.get("content-type", "")) in ENDLESS:
        return ReadMode.ENDLESS
    if is_part(status, headers):
        return ReadMode.RANGE
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()) or "transfer-encoding" in headers:
        return ReadMode.IN_PIECES
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return ReadMode.AT_ONCE if int(length) <= MAX_BODY_BYTES else ReadMode.TOO_LARGE
    small = encoding in ("gzip", "x-gzip", "deflate") and int(length) <= MAX_PACKED_BYTES
    return ReadMode.AT_ONCE if small else ReadMode.IN_PIECES


def is_part(status: int, headers: Mapping[str, str]) -> bool:
    """Whether an answer is not known to bring the whole file: a 206 without its whole range
    (RFC 9110 §15.3.7)."""
    return status == 206 and not is_whole_range(headers)


def is_whole_range(headers: Mapping[str, str]) -> bool:
    """Whether a 206 brings the whole file: media elements ask for `bytes=0-`."""
    found = _CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
    return found is not None and int(found[1]) + 1 == int(found[2])
