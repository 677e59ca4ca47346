"""What is in a file, seen once from end to end without keeping it?"""

import codecs
import hashlib
import re
import shutil
import tempfile
from dataclasses import dataclass
from typing import IO, BinaryIO

from linkshot.errors import InvalidImport

CHUNK = 1 << 18
SAMPLE = 1 << 16
SPOOL = 8 << 20
"""A stream that cannot be read twice is kept in memory up to so many bytes, then on disk."""

MAGIC = (
    b"%PDF-",
    b"\x89PNG",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"\xff\xd8\xff",
    b"GIF8",
    b"SQLite format",
)
HALVES = re.compile("[\ud800-\udfff]")
CONTROLS = bytes(set(range(32)) - {9, 10, 11, 12, 13, 27})


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
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
    """Bytes that are not UTF-8."""


def rewindable(source: BinaryIO) -> IO[bytes]:
    """The same bytes, from the start, readable twice."""
    if source.seekable():
        source.seek(0)
        return source
    spool = tempfile.SpooledTemporaryFile(max_size=SPOOL)  # noqa: SIM115  # closed by the caller
    try:
        shutil.copyfileobj(source, spool, CHUNK)
        spool.seek(0)
    except BaseException:
        spool.close()
        raise
    return spool


def survey(source: IO[bytes], *, wide: bool = False) -> Survey:
    """Read to the end once. InvalidImport `import.empty` or `import.not_text`.

    `wide`: a charset with NUL bytes (UTF-16) was named by the user.
    """
    digest = hashlib.sha256()
    look = _Look()
    total = 0
    head = b""
    while chunk := source.read(CHUNK):
        if not head:
            head = chunk[:SAMPLE]
            wide = wide or head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            _refuse_magic(head)
        if not wide and (b"\0" in chunk or _is_noise(chunk)):
            raise _not_text()
        digest.update(chunk)
        total += len(chunk)
        look.add(chunk)
    look.add(b"", final=True)
    if not head.strip() or head in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise empty()
    return Survey(
        sha256=digest.hexdigest(),
        size=total,
        head=head,
        high=bytes(look.high),
        valid=look.valid,
        invalid=look.invalid,
    )


def empty() -> InvalidImport:
    """The answer to a file without a single row."""
    return InvalidImport("There is no link in this file.", code="import.empty", field="file")


class _Look:
    """Counts what UTF-8 makes of the bytes."""

    def __init__(self) -> None:
        self.valid = 0
        self.invalid = 0
        self.high = bytearray()
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")

    def add(self, chunk: bytes, *, final: bool = False) -> None:
        if chunk.isascii() and not self._decoder.getstate()[0]:
            return
        text = self._decoder.decode(chunk, final)
        bad = len(HALVES.findall(text))
        self.invalid += bad
        self.valid += len(text) - len(text.encode("ascii", "ignore")) - bad
        self._collect(chunk)

    def _collect(self, chunk: bytes) -> None:
        for line in chunk.splitlines():
            if len(self.high) >= SAMPLE:
                return
            if not line.isascii():
                self.high += line[:1000] + b"\n"


def _refuse_magic(head: bytes) -> None:
    if head.startswith(MAGIC):
        raise _not_text()


def _is_noise(chunk: bytes) -> bool:
    """More than a twentieth are control characters that no text has."""
    return (len(chunk) - len(chunk.translate(None, CONTROLS))) * 20 > len(chunk)


def _not_text() -> InvalidImport:
    return InvalidImport(
        "This file is not text; a list of links or an HTML bookmark file is expected.",
        code="import.not_text",
        field="file",
    )
