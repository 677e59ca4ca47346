"""Iterates over the records of a WARC within limits, whoever made it.

warcio reads lines without a limit, says what it finds odd on stderr, and takes a file of one gzip member
for an error; here heads are bounded, what a WARC unpacks to is counted, and nothing is printed.
"""

import gzip
import io
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from warcio.archiveiterator import WARCIterator
from warcio.bufferedreaders import DecompressingBufferedReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeadersParserException

MAX_LINE_BYTES = 65_536
MAX_HEAD_BYTES = 1 << 20
"""Of the heads of one record: its own, and that of the answer in it."""
MAX_UNPACKED_BYTES = 2 << 30
"""What all WARCs of an archive together may unpack to."""
MAX_SCAN_S = 120.0
GZIP = b"\x1f\x8b"
READ_BYTES = 1 << 20
BROKEN = (
    ArchiveLoadFailed,
    StatusAndHeadersParserException,
    zipfile.BadZipFile,
    zlib.error,
    gzip.BadGzipFile,
    EOFError,
    NotImplementedError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
)
"""What reading a damaged archive raises: JSON of another shape is a KeyError, TypeError or AttributeError, and
JSON, UTF-8 and lengths that cannot be are a ValueError."""


class OverLimit(ValueError):
    """The archive is larger, once unpacked, than is read of one."""


@dataclass(slots=True)
class ReadBudget:
    """What may still be read of one archive."""

    left: int = MAX_UNPACKED_BYTES
    until: float = field(default_factory=lambda: time.monotonic() + MAX_SCAN_S)

    def spend(self, size: int) -> None:
        """Count bytes; OverLimit when there are too many, or it takes too long."""
        self.left -= size
        if self.left < 0 or time.monotonic() > self.until:
            raise OverLimit("it unpacks to more than is read of one archive")


class FileSection(io.RawIOBase):
    """A part of a file as a file of its own."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        super().__init__()
        self._file, self._start, self._size = file, start, size
        self._position = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """See io.RawIOBase.read."""
        left = max(self._size - self._position, 0)
        wanted = left if size is None or size < 0 else min(size, left)
        self._file.seek(self._start + self._position)
        data = self._file.read(wanted)
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """See io.IOBase.seek."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(origin + offset, 0)
        return self._position

    def tell(self) -> int:
        """Bytes from the start of the section."""
        return self._position

    def readable(self) -> bool:
        """True, see io.IOBase."""
        return True

    def seekable(self) -> bool:
        """True, see io.IOBase."""
        return True


class _BoundedReader(DecompressingBufferedReader):  # type: ignore[misc]  # untyped base
    """Unpacks a WARC; a head that is too long is a ValueError, too much data OverLimit."""

    def __init__(self, source: BinaryIO, budget: ReadBudget) -> None:
        super().__init__(source)
        self.head = 0
        """Bytes of lines since the record began."""
        self._budget, self._counted = budget, 0

    def readline(self, length: int | None = None) -> bytes:
        limit = MAX_LINE_BYTES if length is None else min(length, MAX_LINE_BYTES)
        line: bytes = super().readline(limit)
        self.head += len(line)
        if len(line) >= MAX_LINE_BYTES or self.head > MAX_HEAD_BYTES:
            raise ValueError("the head of a record is too long")
        self._count()
        return line

    def read(self, length: int | None = None) -> bytes:
        data: bytes = super().read(length)
        self._count()
        return data

    def _count(self) -> None:
        self._budget.spend(self.num_read - self._counted)
        self._counted = self.num_read


class _Records(WARCIterator):  # type: ignore[misc]  # untyped base
    """Without words on stderr for a record that is followed by something else than an empty line."""

    def __init__(self, source: BinaryIO, budget: ReadBudget, *, digests: bool) -> None:
        super().__init__(source, check_digests=digests)
        self.reader = _BoundedReader(source, budget)

    def _next_record(self, next_line: bytes | None) -> ArcWarcRecord:
        self.reader.head = 0
        return super()._next_record(next_line)

    def _consume_blanklines(self) -> tuple[bytes | None, int]:
        passed, is_first = 0, True
        while line := self.reader.readline():
            if line.strip() and not is_first:
                return line, passed
            passed, is_first = passed + len(line), False
        return None, passed


def records(
    source: BinaryIO, budget: ReadBudget | None = None, *, digests: bool = False
) -> Iterator[tuple[ArcWarcRecord, int]]:
    """Each record and its offset; BROKEN where the WARC is.

    The record is to be read before the next one is taken. `digests`: they are checked meanwhile.
    """
    reading = _Records(source, budget or ReadBudget(), digests=digests)
    for record in reading:
        yield record, reading.offset


def record_at(source: BinaryIO, offset: int) -> ArcWarcRecord:
    """The record that begins there; BROKEN when none does."""
    source.seek(offset)
    found = next(iter(_Records(source, ReadBudget(), digests=False)), None)
    if found is None:
        raise ValueError("there is no record")
    return found


def one_member_each(source: BinaryIO, budget: ReadBudget) -> BinaryIO:
    """The same WARC, unpacked to a temporary file where several records lie in one gzip member."""
    if source.read(2) != GZIP:
        source.seek(0)
        return source
    source.seek(0)
    try:
        reading = records(source, budget)
        for _ in range(2):
            next(reading, None)
    except ArchiveLoadFailed:
        source.seek(0)
        return _unpacked(source, budget)
    except BROKEN:
        pass
    source.seek(0)
    return source


def _unpacked(source: BinaryIO, budget: ReadBudget) -> BinaryIO:
    target = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
    try:
        with gzip.open(source) as packed:
            copy_within(packed, target, budget)
    except OverLimit:
        target.close()
        raise
    except BROKEN:
        pass  # it breaks off: what was read until then are records, too
    target.seek(0)
    return target


def copy_within(source: BinaryIO | gzip.GzipFile, target: BinaryIO, budget: ReadBudget) -> int:
    """Copies all, counting it; how many bytes."""
    size = 0
    while piece := source.read(READ_BYTES):
        budget.spend(len(piece))
        size += target.write(piece)
    return size
