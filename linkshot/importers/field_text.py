"""Decodes a file in chunks and tracks the offsets of undecodable bytes."""

import codecs
import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import IO

CHUNK = 1 << 17
AHEAD = 1 << 20
"""Bytes read at once when something is looked for."""
BROKEN = re.compile("[\udc00-\udcff]")
"""Stands for one byte that is not text in the charset: U+DC00 + its value."""


class DecodedText:
    """Decodes a file piece by piece; a broken byte becomes one half character."""

    def __init__(self, source: IO[bytes], charset: str) -> None:
        codecs.register_error("linkshot.mark", _mark)
        self._source = source
        self._decoder = codecs.getincrementaldecoder(charset)("linkshot.mark")
        self._charset = "utf-8" if charset == "utf-8-sig" else charset
        self._places: list[int] = []
        self._offsets: list[int] = []
        self._marks: dict[str, int] = {}
        """What was looked for ahead → a byte offset where it stands; -1 for nowhere."""
        self.bytes_read = 0

    def __iter__(self) -> Iterator[str]:
        """Pieces in order; never a cut character, CR LF may be cut."""
        place = 0
        while True:
            chunk = self._source.read(CHUNK)
            begin = self.bytes_read - len(self._decoder.getstate()[0])
            self.bytes_read += len(chunk)
            piece = self._decoder.decode(chunk, final=not chunk)
            self._remember(piece, place, begin)
            place += len(piece)
            if piece:
                yield piece
            if not chunk:
                return

    def broken_between(self, start: int, end: int) -> int | None:
        """Byte offset in the file of the first broken byte among these characters, or None."""
        index = bisect_left(self._places, start)
        if index < len(self._places) and self._places[index] < end:
            return self._offsets[index]
        return None

    def ahead(self, mark: str) -> bool:
        """Whether the bytes that are not read yet hold this ASCII text, in lower or upper case.

        The file is read on for it, at most once from end to end for each mark, and comes back to where
        it was; False for a source that cannot go back.
        """
        known = self._marks.get(mark, 0)
        if 0 <= known <= self.bytes_read:
            known = self._marks[mark] = self._find(mark.encode(self._charset))
        return known > 0

    def _find(self, wanted: bytes) -> int:
        """Offset of the last byte of its next occurrence; one may have begun in what was read."""
        if not self._source.seekable():
            return -1
        here = self._source.tell()
        offset = max(self.bytes_read - len(wanted) + 1, 0)
        self._source.seek(here - self.bytes_read + offset)
        window, found = b"", -1
        while chunk := self._source.read(AHEAD):
            window = window[1 - len(wanted) :] + chunk if window else chunk
            offset += len(chunk)
            found = window.lower().find(wanted)
            if found >= 0:
                found += offset - len(window) + len(wanted)
                break
        self._source.seek(here)
        return found

    def _remember(self, piece: str, place: int, begin: int) -> None:
        """`place` counts characters from the start of the text, `begin` bytes of the file."""
        done = 0
        for match in BROKEN.finditer(piece):
            begin += len(piece[done : match.start()].encode(self._charset, "replace"))
            self._places.append(place + match.start())
            self._offsets.append(begin)
            begin += 1
            done = match.end()


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    broken = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in broken), error.end
