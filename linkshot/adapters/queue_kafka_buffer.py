"""Buffers the deliveries of a group member and tracks committable offsets; independent of Kafka."""

import heapq
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import count

from linkshot.adapters.offset_tracker import OffsetTracker
from linkshot.ports import Delivery

Partition = tuple[str, int]
"""Topic, as the server names it, and partition."""


@dataclass(frozen=True, slots=True)
class Handle:
    """Where a delivery is from; `serial` tells a second delivery of it from the first."""

    place: Partition
    offset: int
    serial: int


@dataclass(frozen=True, slots=True, order=True)
class WaitingDelivery:
    """Fetched and not handed out; a nacked delivery keeps its place in line."""

    turn: int
    delivery: Delivery = field(compare=False)


class DeliveryBuffer:
    """Shared by the thread that owns the consumer and those that work on the deliveries."""

    def __init__(self, window: int) -> None:
        self.window = window
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._serials = count()
        self._waiting: list[WaitingDelivery] = []
        self._open: dict[Handle, WaitingDelivery] = {}
        self._trackers: dict[Partition, OffsetTracker] = {}
        self._leaving: set[Partition] = set()
        self._lost: list[Delivery] = []
        self._ended = False
        self._taken_at = time.monotonic()

    def add(self, place: Partition, messages: Iterable[tuple[int, Delivery]]) -> None:
        """Fetched: (offset, delivery) in rising order; the handles are made here."""
        with self._changed:
            tracker = self._trackers.setdefault(place, OffsetTracker())
            for offset, delivery in messages:
                tracker.begin(offset)
                turn = next(self._serials)
                self._await_turn(turn, delivery, Handle(place, offset, turn))
            self._changed.notify_all()

    def take(self, timeout_s: float) -> list[Delivery]:
        """As many as the window has room for, [] after `timeout_s` or at the end."""
        with self._changed:
            self._taken_at = time.monotonic()
            self._changed.wait_for(lambda: self._ended or self._may_hand_out(), timeout_s)
            self._taken_at = time.monotonic()  # again: the caller did not hang while it waited here
            found: list[Delivery] = []
            while not self._ended and self._may_hand_out():
                waiting = heapq.heappop(self._waiting)
                self._open[_handle(waiting.delivery)] = waiting
                found.append(waiting.delivery)
            return found

    def ack(self, delivery: Delivery) -> None:
        """Marks the delivery as done; a lost one is ignored."""
        with self._changed:
            handle = _handle(delivery)
            if self._open.pop(handle, None) is not None:
                self._trackers[handle.place].ack(handle.offset)
                self._changed.notify_all()

    def nack(self, delivery: Delivery) -> None:
        """Puts the delivery back in line, unless its partition is being revoked."""
        with self._changed:
            handle = _handle(delivery)
            waiting = self._open.pop(handle, None)
            if waiting is not None and handle.place not in self._leaving:
                # With a handle of its own, so that a late ack of the old one does nothing.
                again = replace(handle, serial=next(self._serials))
                self._await_turn(waiting.turn, delivery, again)
            self._changed.notify_all()

    def lost(self) -> list[Delivery]:
        """Deliveries of partitions revoked since the last call, or about to be."""
        with self._lock:
            lost, self._lost = self._lost, []
        return lost

    def room(self) -> int:
        """How many more may be fetched."""
        with self._lock:
            return max(0, self.window - len(self._open) - len(self._waiting))

    def wait_for_room(self, timeout_s: float) -> None:
        """Waits until something is acknowledged or returned, at most this long."""
        with self._changed:
            self._changed.wait_for(
                lambda: len(self._open) + len(self._waiting) < self.window, timeout_s
            )

    def idle_s(self) -> float:
        """Seconds since the last take(); a high value means that its caller hangs."""
        return time.monotonic() - self._taken_at

    def positions(self) -> dict[Partition, int]:
        """The committable offset of each partition with acknowledged deliveries."""
        with self._lock:
            found = {place: tracker.position for place, tracker in self._trackers.items()}
        return {place: position for place, position in found.items() if position is not None}

    def revoke(self, places: set[Partition]) -> None:
        """Marks partitions as being revoked: open deliveries are reported as lost and may still be acked."""
        with self._changed:
            new = places - self._leaving
            self._leaving |= new
            self._drop_waiting(new)
            self._announce(new)

    def has_open(self, places: set[Partition]) -> bool:
        """Whether deliveries of these partitions are still being worked on."""
        with self._lock:
            return any(handle.place in places for handle in self._open)

    def forget(self, places: set[Partition]) -> None:
        """Drops partitions that were revoked; their open deliveries are lost."""
        with self._changed:
            self._drop_waiting(places)
            self._announce(places - self._leaving)  # those that leave were announced by revoke()
            self._leaving -= places
            self._open = {h: w for h, w in self._open.items() if h.place not in places}
            for place in places:
                self._trackers.pop(place, None)
            self._changed.notify_all()

    def forget_all(self) -> None:
        """Drops all partitions."""
        with self._lock:
            places = set(self._trackers) | self._leaving
        self.forget(places)

    def end(self) -> None:
        """Stops handing out, and wakes all waiting threads."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _may_hand_out(self) -> bool:
        return bool(self._waiting) and len(self._open) < self.window

    def _await_turn(self, turn: int, delivery: Delivery, handle: Handle) -> None:
        heapq.heappush(self._waiting, WaitingDelivery(turn, replace(delivery, handle=handle)))

    def _drop_waiting(self, places: set[Partition]) -> None:
        self._waiting = [w for w in self._waiting if _handle(w.delivery).place not in places]
        heapq.heapify(self._waiting)

    def _announce(self, places: set[Partition]) -> None:
        self._lost += [w.delivery for h, w in self._open.items() if h.place in places]


def _handle(delivery: Delivery) -> Handle:
    handle = delivery.handle
    assert isinstance(handle, Handle)
    return handle
