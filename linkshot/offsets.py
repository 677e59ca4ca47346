"""Up to where may a partition be committed? The lowest offset not yet settled, never more. (pure)"""

from collections import deque


class OffsetTracker:
    """Offsets of one partition in the order they were handed out; gaps between them are normal."""

    def __init__(self) -> None:
        self._order: deque[int] = deque()
        self._settled: set[int] = set()
        self._position: int | None = None

    def begin(self, offset: int) -> None:
        """This offset was handed out; offsets only rise."""
        if self._position is None:
            self._position = offset
        self._order.append(offset)

    def settle(self, offset: int) -> None:
        """This offset is done; settling it twice or an unknown one does nothing."""
        if offset in self._settled or offset not in self._order:
            return
        self._settled.add(offset)
        while self._order and self._order[0] in self._settled:
            done = self._order.popleft()
            self._settled.discard(done)
            self._position = done + 1

    @property
    def position(self) -> int | None:
        """What may be committed: every offset below it is settled; None before the first one."""
        return self._position

    @property
    def open(self) -> int:
        """Offsets handed out and not settled."""
        return len(self._order) - len(self._settled)
