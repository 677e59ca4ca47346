"""Tracks the committable offset of a partition: the lowest one not yet acknowledged. (pure)"""

from collections import deque


class OffsetTracker:
    """Offsets of one partition in the order they were handed out; gaps between them are normal."""

    def __init__(self) -> None:
        self._order: deque[int] = deque()
        self._unacked: set[int] = set()
        self._position: int | None = None

    def begin(self, offset: int) -> None:
        """This offset was handed out; offsets only rise."""
        self._order.append(offset)
        self._unacked.add(offset)

    def ack(self, offset: int) -> None:
        """This offset is done; acknowledging it twice or an unknown one does nothing."""
        self._unacked.discard(offset)
        while self._order and self._order[0] not in self._unacked:
            self._position = self._order.popleft() + 1

    @property
    def position(self) -> int | None:
        """What may be committed: every offset below it is acknowledged; None while there is nothing to commit."""
        return self._position

    @property
    def open(self) -> int:
        """Offsets handed out and not acknowledged."""
        return len(self._unacked)
