"""Decodes a file in chunks and tracks the offsets of undecodable bytes.

In a UTF-8 file a line in another charset is read in that when it looks like writing there (charset_fallback.py).
"""

import codecs
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import IO

from linkshot.importers.charset_fallback import decode_line

CHUNK = 1 << 17
AHEAD = 1 << 20
"""Bytes read at once when something is looked for."""
BROKEN = re.compile("[\udc00-\udcff]")
"""Stands for one byte that is not text in the charset: U+DC00 + its value."""
LINE = re.compile(r"[^\r\n]*[\r\n]|[^\r\n]+")
MAX_HELD = 1 << 17
"""Characters of a line in UTF-8 that are held until its end is read."""


class DecodedText:
    """Decodes a file piece by piece; a broken byte becomes one half character."""

    def __init__(self, source: IO[bytes], charset: str) -> None:
        codecs.register_error("linkshot.mark", _mark)
        self._source = source
        self._decoder = codecs.getincrementaldecoder(charset)("linkshot.mark")
        self._charset = "utf-8" if charset == "utf-8-sig" else charset
        self._places: list[int] = []
        self._offsets: list[int] = []
        self._place = 0
        """Characters that were handed out."""
        self._held = ""
        """The beginning of a line whose end is not read yet …"""
        self._held_at = 0
        """… and its byte offset."""
        self._foreign_to: list[int] = []
        """Ends of the lines that were read in another charset …"""
        self._foreign_from: list[int] = []
        """… and their beginnings, in characters."""
        self._marks: dict[str, int] = {}
        """What was looked for ahead → a byte offset where it stands; -1 for nowhere."""
        self.bytes_read = 0

    def __iter__(self) -> Iterator[str]:
        """Pieces in order; never a cut character, CR LF may be cut."""
        while True:
            chunk = self._source.read(CHUNK)
            begin = self.bytes_read - len(self._decoder.getstate()[0])
            self.bytes_read += len(chunk)
            decoded = self._decoder.decode(chunk, final=not chunk)
            if self._charset == "utf-8":
                piece = self._whole_lines(decoded, begin, final=not chunk)
            else:
                self._remember(decoded, self._place, begin)
                piece = decoded
            self._place += len(piece)
            if piece:
                yield piece
            if not chunk:
                return

    def _whole_lines(self, decoded: str, begin: int, *, final: bool) -> str:
        """What ends with a line, or is too long to wait for its end; the rest is held."""
        if not self._held:
            self._held_at = begin
        text = self._held + decoded
        start = max(text.rfind("\n"), text.rfind("\r")) + 1
        if final or len(text) - start > MAX_HELD:
            start = len(text)
        self._held = text[start:]
        begin = self._held_at
        if not BROKEN.search(text, 0, start):
            self._held_at += len(text[:start].encode("utf-8", "surrogateescape"))
            return text[:start]
        pieces: list[str] = []
        place = self._place
        for line in LINE.findall(text[:start]):
            source = line.encode("utf-8", "surrogateescape")
            pieces.append(self._line(line, source, place, begin) if BROKEN.search(line) else line)
            place += len(pieces[-1])
            begin += len(source)
        self._held_at = begin
        return "".join(pieces)

    def _line(self, line: str, source: bytes, place: int, begin: int) -> str:
        """A line that is not UTF-8: in another charset, or as it is with its broken bytes remembered."""
        known = decode_line(source)
        if known is None:
            self._remember(line, place, begin)
            return line
        self._foreign_from.append(place)
        self._foreign_to.append(place + len(known))
        return known

    def broken_between(self, start: int, end: int) -> int | None:
        """Byte offset in the file of the first broken byte among these characters, or None."""
        index = bisect_left(self._places, start)
        if index < len(self._places) and self._places[index] < end:
            return self._offsets[index]
        return None

    def notices_between(self, start: int, end: int) -> tuple[str, ...]:
        """`charset.guessed` when one of these characters stands on a line that was read in another charset."""
        index = bisect_right(self._foreign_to, start)
        found = index < len(self._foreign_to) and self._foreign_from[index] < end
        return ("charset.guessed",) if found else ()

    def ahead(self, mark: str) -> bool:
        """Whether the text that was not handed out yet holds this ASCII text, in lower or upper case.

        The file is read on for it, at most once from end to end for each mark, and comes back to where
        it was; False for a source that cannot go back.
        """
        if mark in self._held.lower():
            return True
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
