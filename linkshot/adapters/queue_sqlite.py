"""A Queue in one SQLite file: durable, several processes, order kept per key.

Each group has a row per unacknowledged message, assigned to one member at a time. A member sends
heartbeats while it takes; after SILENCE_S without one it is dead and its messages are redelivered.
"""

import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from linkshot.adapters import queue_sqlite_file as rows
from linkshot.adapters.queue_sqlite_file import QueueFile
from linkshot.ports import Delivery, Message
from linkshot.system.backoff import Backoff

BEAT_S = 1.0
SILENCE_S = 10.0
IDLE_MIN_S, IDLE_MAX_S = 0.02, 0.25


@dataclass(frozen=True, slots=True)
class _Handle:
    """Identifies a delivery in the file."""

    id: int
    times: int
    """Rises with each delivery, so that a stale handle never acknowledges a newer delivery."""


class SqliteQueue:
    """See Queue. `clock` gives seconds that all processes of the machine share."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float] = time.monotonic,
        silence_s: float = SILENCE_S,
    ) -> None:
        self.clock = clock
        self.silence_s = silence_s
        self.file = QueueFile(path)

    def publish(self, topic: str, messages: Sequence[Message]) -> None:
        """See Queue.publish: all or none, durable when it returns."""
        if messages:
            with self.file.writing() as db:
                rows.append(db, topic, messages)

    def subscribe(self, topics: Sequence[str], group: str, window: int) -> "SqliteSubscription":
        """See Queue.subscribe."""
        return SqliteSubscription(self, tuple(dict.fromkeys(topics)), group, window)

    def backlog(self, topic: str, group: str) -> int:
        """See Queue.backlog; of a group that never subscribed, everything that is there."""
        with self.file.reading() as db:
            joined = db.execute("SELECT 1 FROM groups WHERE name=? AND topic=?", [group, topic])
            if joined.fetchone() is None:
                query, values = "SELECT count(*) FROM messages WHERE topic=?", [topic]
            else:
                query = "SELECT count(*) FROM waiting WHERE group_name=? AND topic=?"
                values = [group, topic]
            return int(db.execute(query, values).fetchone()[0])

    def consumers(self, topic: str, group: str) -> int:
        """See Queue.consumers."""
        with self.file.reading() as db:
            return rows.count_subscribers(db, topic, group, self.clock(), self.silence_s)

    def topic_ids(self, topics: Sequence[str]) -> dict[str, str]:
        """See Queue.topic_ids: every topic exists, and is as old as the file."""
        with self.file.reading() as db:
            return dict.fromkeys(topics, rows.identity(db))

    def create_topics(self, topics: Sequence[str]) -> list[str]:  # noqa: ARG002  # the port's
        """See Queue.create_topics: every topic exists already."""
        return []

    def close(self) -> None:
        """See Queue.close."""
        self.file.close()


class SqliteSubscription:
    """See Subscription; one member of a group."""

    def __init__(
        self, queue: SqliteQueue, topics: tuple[str, ...], group: str, window: int
    ) -> None:
        self._queue = queue
        self._file = queue.file
        self._topics = topics
        self._group = group
        self._window = window
        self._member = uuid.uuid4().hex
        self._held: dict[int, Delivery] = {}
        self._gone: list[Delivery] = []
        self._lock = threading.Lock()
        self._times = 0
        self._beat = 0.0
        self._nothing_at: tuple[int, int] | None = None
        self._closed = False
        self._generation = -1
        self._join()

    def take(self, timeout_s: float) -> list[Delivery]:
        """See Subscription.take."""
        deadline = time.monotonic() + timeout_s
        idle = Backoff(IDLE_MIN_S, IDLE_MAX_S, factor=1.5)
        while True:
            now = self._queue.clock()
            # Before the look, so that wait() notices what comes after it.
            stamp = self._file.stamp()
            if self._generation != self._file.generation:
                self._join()
            elif abs(now - self._beat) >= BEAT_S:
                self._heartbeat(now)
            if found := self._take_now(stamp):
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                return []
            self._file.wait(stamp, min(idle.next(), left))

    def ack(self, delivery: Delivery) -> None:
        """See Subscription.ack."""
        with self._lock:
            if not self._is_ours(delivery):
                return
            number = delivery.handle.id  # type: ignore[attr-defined]  # checked: it is a _Handle
            with self._file.writing() as db:
                rows.ack(db, self._group, self._member, number)
            del self._held[number]

    def nack(self, delivery: Delivery) -> None:
        """See Subscription.nack."""
        with self._lock:
            if not self._is_ours(delivery):
                return
            number = delivery.handle.id  # type: ignore[attr-defined]  # checked: it is a _Handle
            # A power cut may undo this; it ends the member too, and then the message is free anyhow.
            with self._file.writing(durable=False) as db:
                rows.release(db, self._group, self._member, number)
            del self._held[number]

    def lost(self) -> list[Delivery]:
        """See Subscription.lost."""
        with self._lock:
            gone, self._gone = self._gone, []
        return gone

    def close(self) -> None:
        """See Subscription.close."""
        with self._lock:
            if self._closed:
                return
            with self._file.writing(durable=False) as db:
                rows.release_all(db, self._member)
            self._closed = True
            self._held.clear()

    def _is_ours(self, delivery: Delivery) -> bool:
        """Whether this member still holds the delivery, and this is its latest handle."""
        handle = delivery.handle
        return isinstance(handle, _Handle) and self._held.get(handle.id) is delivery

    def _take_now(self, stamp: tuple[int, int]) -> list[Delivery]:
        """Free messages, as many as fit; an unchanged file is not queried again."""
        with self._lock:
            room = self._window - len(self._held)
            if room <= 0 or self._closed or stamp == self._nothing_at:
                return []
            with self._file.reading() as db:  # a look waits for no writer, and mostly finds nothing
                if not self._free(db, 1):
                    self._nothing_at = stamp
                    return []
            with self._file.writing(durable=False) as db:
                # Asked again: another member may have been quicker.
                found = self._free(db, room)
                rows.assign(db, self._group, self._member, found)
            return [self._deliver(*row) for row in found]

    def _free(self, db: sqlite3.Connection, room: int) -> list[rows.Row]:
        return rows.next_free(db, self._group, self._topics, self._member, room)

    def _deliver(self, number: int, topic: str, key: str, value: bytes) -> Delivery:
        self._times += 1
        delivery = Delivery(
            topic=topic,
            key=key,
            value=bytes(value),
            handle=_Handle(number, self._times),
            where=f"{topic}@{number}",
        )
        self._held[number] = delivery
        return delivery

    def _join(self) -> None:
        """Joins the group in the current file; deliveries held from a replaced file are lost."""
        with self._lock:
            if self._closed:
                return
            with self._file.writing() as db:
                for topic in self._topics:
                    rows.join(db, self._group, topic)
            self._generation = self._file.generation
            self._gone += self._held.values()
            self._held.clear()
            self._nothing_at = None
        self._heartbeat(self._queue.clock())

    def _heartbeat(self, now: float) -> None:
        """Sends a heartbeat, frees the messages of dead members, and notices lost deliveries."""
        with self._lock:
            if self._closed:
                return
            with self._file.writing(durable=False) as db:
                ours = rows.heartbeat(db, self._group, self._member, now, self._queue.silence_s)
                rows.set_subscription(db, self._member, self._topics)
            self._beat = now
            for number in [n for n in self._held if n not in ours]:
                self._gone.append(self._held.pop(number))
