"""Scans a file once from end to end, without keeping it, for facts that decide charset and format."""

import codecs
import hashlib
import re
import shutil
import tempfile
from dataclasses import dataclass
from typing import IO, BinaryIO

from linkshot.domain.error_texts import ERROR_MESSAGES
from linkshot.domain.media_sniffing import signature_type
from linkshot.errors import InvalidImport

CHUNK = 1 << 18
SAMPLE = 1 << 16
MAX_MEMORY_BYTES = 8 << 20
"""A stream that cannot be rewound is buffered in memory up to this size, then on disk."""

KINDS = {
    "application/pdf": "a PDF",
    "image/png": "a picture",
    "image/jpeg": "a picture",
    "image/gif": "a picture",
    "application/zip": "a ZIP archive; unpack it and import the files inside",
    "application/gzip": "a gzip archive; unpack it and import the files inside",
}
"""Media type by signature → what it is, and what to do."""
MAGIC = {
    b"7z\xbc\xaf": "a 7z archive; unpack it and import the files inside",
    b"Rar!": "a RAR archive; unpack it and import the files inside",
    b"SQLite format": "an SQLite database; export the bookmarks as HTML instead",
    b"bplist00": "a binary property list; export the bookmarks as HTML instead",
    b"mozLz4": "a compressed backup of Firefox; export the bookmarks as HTML instead",
    b"\xd0\xcf\x11\xe0": "an old Office document; save the links as text or CSV",
}
"""The same for first bytes of formats that browsers do not know."""
BROKEN = re.compile(
    "[\udcc2-\udcdf]|[\udce0-\udcef][\udc80-\udcbf]?|[\udcf0-\udcf4][\udc80-\udcbf]{0,2}|[\udc80-\udcff]"
)
"""A sequence that is not UTF-8: one that was cut, or a byte that begins none."""
HALVES = re.compile("[\ud800-\udfff]")
BROKEN_LINE = re.compile("[\ud800-\udfff][^\r\n]*")
HIGH_LINE = re.compile("[^\0-\x7f][^\r\n]*")
UTF8_LINE = re.compile("[\u0800-\ud7ff\ue000-\U0010ffff]{2}[^\r\n]*")
"""Two characters of three bytes or more follow each other, which no other charset looks like."""
CONTROLS = bytes(set(range(32)) - {9, 10, 11, 12, 13, 27})
WIDE = {
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
"""Byte order marks of the charsets with NUL bytes, the longer ones first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileScan:
    """The facts by which charset and format are decided."""

    sha256: str
    size: int
    """Bytes."""
    head: bytes
    """The first SAMPLE bytes."""
    high: bytes
    """Lines with bytes above 127, at most SAMPLE bytes of them, for detection."""
    valid: int
    """Characters beyond ASCII, read as UTF-8."""
    invalid: int
    """Sequences of bytes that are not UTF-8."""
    high_lines: int = 0
    """Lines with characters beyond ASCII, …"""
    broken_lines: int = 0
    """… those of them that are not UTF-8, …"""
    utf8_lines: int = 0
    """… and those that can hardly be anything else."""
    wide: str | None = None
    """UTF-16 or UTF-32, by its mark or by where the NUL bytes stand."""


def make_rewindable(source: BinaryIO) -> IO[bytes]:
    """The same bytes, from the start, readable twice."""
    if source.seekable():
        source.seek(0)
        return source
    spool = tempfile.SpooledTemporaryFile(max_size=MAX_MEMORY_BYTES)  # noqa: SIM115  # closed by the caller
    try:
        shutil.copyfileobj(source, spool, CHUNK)
        spool.seek(0)
    except BaseException:
        spool.close()
        raise
    return spool


def scan_file(source: IO[bytes], *, wide: bool = False) -> FileScan:
    """Read to the end once. InvalidImport `import.empty` or `import.not_text`.

    `wide`: a charset with NUL bytes (UTF-16) was named by the user. Elsewhere a NUL is a bad byte like
    any other; only many of them make a file no text.
    """
    digest = hashlib.sha256()
    look = _Utf8Scan()
    total = 0
    head = b""
    found: str | None = None
    while chunk := source.read(CHUNK):
        if not head:
            head = chunk[:SAMPLE]
            if kind := _known_kind(head):
                raise _not_text(f"This is {kind}")
            found = _wide(head)
        if not (wide or found) and _is_noise(chunk):
            raise _not_text()
        digest.update(chunk)
        total += len(chunk)
        look.add(chunk)
    look.add(b"", final=True)
    if not head.strip() or head in (codecs.BOM_UTF8, *WIDE):
        raise empty_file_error()
    return FileScan(
        sha256=digest.hexdigest(),
        size=total,
        head=head,
        high=bytes(look.high),
        valid=look.valid,
        invalid=look.invalid,
        high_lines=look.high_lines,
        broken_lines=look.broken_lines,
        utf8_lines=look.utf8_lines,
        wide=found,
    )


def _known_kind(head: bytes) -> str | None:
    """What a file is that is no text, with what to do, where its first bytes tell."""
    kinds = (kind for magic, kind in MAGIC.items() if head.startswith(magic))
    return KINDS.get(signature_type(head)) or next(kinds, None)


def _wide(head: bytes) -> str | None:
    """A list of links is mostly ASCII, of which every second byte is NUL in UTF-16."""
    for mark, name in WIDE.items():
        if head.startswith(mark):
            return name
    even, odd = head[::2].count(0), head[1::2].count(0)
    pairs = max(len(head) // 2, 1)
    cut = len(head) % 2 and len(head) < 100
    if cut or min(even, odd) * 20 > max(even, odd) or max(even, odd) * 5 < pairs:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def empty_file_error() -> InvalidImport:
    """The answer to a file without a single row."""
    return InvalidImport(ERROR_MESSAGES["import.empty"], code="import.empty", field="file")


class _Utf8Scan:
    """Counts what UTF-8 makes of the bytes."""

    def __init__(self) -> None:
        self.valid = 0
        self.invalid = 0
        self.high_lines = 0
        self.broken_lines = 0
        self.utf8_lines = 0
        self.high = bytearray()
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")

    def add(self, chunk: bytes, *, final: bool = False) -> None:
        if chunk.isascii() and not self._decoder.getstate()[0]:
            return
        text = self._decoder.decode(chunk, final)
        self.invalid += len(BROKEN.findall(text))
        high = len(text) - len(text.encode("ascii", "ignore"))
        self.valid += high - len(HALVES.findall(text))
        self.high_lines += len(HIGH_LINE.findall(text))
        self.broken_lines += len(BROKEN_LINE.findall(text))
        self.utf8_lines += len(UTF8_LINE.findall(text))
        for line in chunk.splitlines():
            if len(self.high) >= SAMPLE:
                return
            if not line.isascii():
                self.high += line[:1000] + b"\n"


def _is_noise(chunk: bytes) -> bool:
    """More than a twentieth are control characters that no text has."""
    return (len(chunk) - len(chunk.translate(None, CONTROLS))) * 20 > len(chunk)


def _not_text(what: str = "This file is not text") -> InvalidImport:
    expected = "a list of links, a CSV with a header or an HTML bookmark file is expected"
    return InvalidImport(f"{what}; {expected}.", code="import.not_text", field="file")
