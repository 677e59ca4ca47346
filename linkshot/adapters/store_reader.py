"""A seekable reader over a stored object that fetches it in ranges, so that memory stays bounded.

Each range is a `read()` of the store with its own retries and diagnosis: an object that becomes
unreadable half-way raises Damaged at that place, and a broken connection costs one range.
"""

import io
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from linkshot.errors import Damaged
from linkshot.ports import Stat

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BUFFER_BYTES = 1 << 20
"""Size of a range when the caller reads in smaller pieces."""


class ObjectReader(io.RawIOBase):
    """The bytes of one object. `read(key, start, length)` and `stat(key)` are those of the store."""

    def __init__(
        self,
        key: str,
        read: Callable[[str, int, int], bytes],
        stat: Callable[[str], Stat | None],
    ) -> None:
        super().__init__()
        self._key, self._read, self._stat = key, read, stat
        self._position = 0
        # the first range is read at once: an absent or unreadable object fails here, as in read(),
        # and a small one costs one request in all
        self._head = read(key, 0, BUFFER_BYTES)
        self._is_whole = len(self._head) < BUFFER_BYTES

    def readable(self) -> bool:
        """True, see io.IOBase."""
        return True

    def seekable(self) -> bool:
        """True, see io.IOBase."""
        return True

    def tell(self) -> int:
        """Bytes from the start."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """See io.IOBase.seek; a position past the end reads nothing."""
        origins = {os.SEEK_SET: lambda: 0, os.SEEK_CUR: self.tell, os.SEEK_END: self._end}
        self._position = max(0, origins[whence]() + offset)
        return self._position

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fills the buffer from the store; 0 at the end."""
        room = memoryview(buffer).cast("B")
        piece = self._head[self._position : self._position + len(room)]
        if not piece and not self._is_whole:
            try:
                piece = self._read(self._key, self._position, len(room))
            except KeyError:
                raise self._missing() from None
        room[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def _end(self) -> int:
        if self._is_whole:
            return len(self._head)
        stat = self._stat(self._key)
        if stat is None:
            raise self._missing()
        return stat.bytes

    def _missing(self) -> Damaged:
        return Damaged(f"The object {self._key} is missing from the store.", fault="missing")


def open_reader(
    key: str, read: Callable[[str, int, int], bytes], stat: Callable[[str], Stat | None]
) -> io.BufferedReader:
    """A buffered ObjectReader; KeyError or Damaged as read() raises them."""
    return io.BufferedReader(ObjectReader(key, read, stat), BUFFER_BYTES)
