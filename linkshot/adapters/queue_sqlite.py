"""A Queue in one SQLite file: durable, several processes, order kept per key.

Each group has a row per unsettled message (`waiting`), handed out to one member at a time. A
member beats while it takes; one that was silent for SILENCE_S is gone and its messages come again.
"""

import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from linkshot.errors import QueueUnavailable
from linkshot.ports import Delivery, Message

BEAT_S = 1.0
SILENCE_S = 10.0
IDLE_MIN_S, IDLE_MAX_S = 0.02, 0.25
BUSY_S = 10.0

SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS ix_messages_topic ON messages (topic, id);
CREATE TABLE IF NOT EXISTS groups (
    name TEXT NOT NULL, topic TEXT NOT NULL, PRIMARY KEY (name, topic)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS members (
    id TEXT PRIMARY KEY, group_name TEXT NOT NULL, beat REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS waiting (
    group_name TEXT NOT NULL, id INTEGER NOT NULL, topic TEXT NOT NULL, key TEXT NOT NULL,
    member TEXT, PRIMARY KEY (group_name, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ix_waiting_free ON waiting (group_name, topic, id) WHERE member IS NULL;
CREATE INDEX IF NOT EXISTS ix_waiting_member ON waiting (member) WHERE member IS NOT NULL;
CREATE INDEX IF NOT EXISTS ix_waiting_held ON waiting (group_name, topic, key)
    WHERE member IS NOT NULL;
"""


@dataclass(frozen=True, slots=True)
class _Handle:
    """Where a delivery stands in the file."""

    id: int
    number: int
    """Rises with each handing out, so that an old handle never settles a new one."""


class SqliteQueue:
    """Topics in one file; each thread has a connection of its own."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float] = time.time,
        silence_s: float = SILENCE_S,
    ) -> None:
        self._path = path
        self.clock = clock
        self.silence_s = silence_s
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._closed = False
        self._turn = threading.Lock()
        with _unavailable():
            self._connection().executescript(SCHEMA)

    def publish(self, topic: str, messages: Sequence[Message]) -> None:
        """See Queue.publish: all or none, durable when it returns."""
        if not messages:
            return
        with self.writing() as db:
            groups = [
                row[0] for row in db.execute("SELECT name FROM groups WHERE topic=?", [topic])
            ]
            for message in messages:
                added = db.execute(
                    "INSERT INTO messages (topic, key, value) VALUES (?, ?, ?)",
                    [topic, message.key, message.value],
                )
                db.executemany(
                    "INSERT INTO waiting (group_name, id, topic, key) VALUES (?, ?, ?, ?)",
                    [(group, added.lastrowid, topic, message.key) for group in groups],
                )

    def subscribe(self, topics: Sequence[str], group: str, window: int) -> "SqliteSubscription":
        """See Queue.subscribe."""
        with self.writing() as db:
            for topic in topics:
                _join(db, group, topic)
        return SqliteSubscription(self, tuple(topics), group, window)

    def backlog(self, topic: str, group: str) -> int:
        """See Queue.backlog."""
        with _unavailable():
            db = self._connection()
            joined = db.execute("SELECT 1 FROM groups WHERE name=? AND topic=?", [group, topic])
            if joined.fetchone() is None:
                query, values = "SELECT count(*) FROM messages WHERE topic=?", [topic]
            else:
                query = "SELECT count(*) FROM waiting WHERE group_name=? AND topic=?"
                values = [group, topic]
            return int(db.execute(query, values).fetchone()[0])

    def close(self) -> None:
        """See Queue.close."""
        self._closed = True
        with self._turn:
            while self._open:
                self._open.pop().close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One durable transaction."""
        with _unavailable(), self._turn:
            db = self._connection()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    def reading(self) -> sqlite3.Connection:
        """This thread's connection."""
        return self._connection()

    def _connection(self) -> sqlite3.Connection:
        if self._closed:
            raise QueueUnavailable("the queue was closed")
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = sqlite3.connect(
                self._path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
            )
            _prepare(db)
            self._local.db = db
            self._open.append(db)
        return db


class SqliteSubscription:
    """See Subscription; one member of a group."""

    def __init__(
        self, queue: SqliteQueue, topics: tuple[str, ...], group: str, window: int
    ) -> None:
        self._queue = queue
        self._topics = topics
        self._group = group
        self._window = window
        self._member = uuid.uuid4().hex
        self._held: dict[int, Delivery] = {}
        self._gone: list[Delivery] = []
        self._lock = threading.Lock()
        self._numbers = 0
        self._beat = 0.0
        self._version = -1
        self._closed = False
        self._heartbeat(self._queue.clock())

    def take(self, timeout_s: float) -> list[Delivery]:
        """See Subscription.take."""
        deadline = time.monotonic() + timeout_s
        pause = IDLE_MIN_S
        while True:
            now = self._queue.clock()
            if now - self._beat >= BEAT_S:
                self._heartbeat(now)
            if found := self._take_now():
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                return []
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, IDLE_MAX_S)

    def settle(self, delivery: Delivery) -> None:
        """See Subscription.settle."""
        if (handle := self._release(delivery)) is None:
            return
        with self._queue.writing() as db:
            done = db.execute(
                "DELETE FROM waiting WHERE group_name=? AND id=? AND member=?",
                [self._group, handle.id, self._member],
            )
            if done.rowcount:
                _drop_if_done(db, handle.id)

    def give_back(self, delivery: Delivery) -> None:
        """See Subscription.give_back."""
        if (handle := self._release(delivery)) is None:
            return
        with self._queue.writing() as db:
            db.execute(
                "UPDATE waiting SET member=NULL WHERE group_name=? AND id=? AND member=?",
                [self._group, handle.id, self._member],
            )

    def lost(self) -> list[Delivery]:
        """See Subscription.lost."""
        with self._lock:
            gone, self._gone = self._gone, []
        return gone

    def close(self) -> None:
        """See Subscription.close."""
        if self._closed:
            return
        self._closed = True
        self._held.clear()
        with self._queue.writing() as db:
            _forget(db, self._member)

    def _release(self, delivery: Delivery) -> _Handle | None:
        """The handle when the delivery is still ours, which it is not from here on."""
        handle = delivery.handle
        if not isinstance(handle, _Handle):
            return None
        with self._lock:
            if self._held.get(handle.id) is not delivery:
                return None
            del self._held[handle.id]
        return handle

    def _take_now(self) -> list[Delivery]:
        room = self._window - len(self._held)
        if room <= 0 or not self._something_free():
            return []
        with self._queue.writing() as db:
            rows = _free(db, self._group, self._topics, self._member, room)
            db.executemany(
                "UPDATE waiting SET member=? WHERE group_name=? AND id=?",
                [(self._member, self._group, row[0]) for row in rows],
            )
        return [self._hand_out(*row) for row in rows]

    def _hand_out(self, number: int, topic: str, key: str, value: bytes) -> Delivery:
        with self._lock:
            self._numbers += 1
            delivery = Delivery(
                topic=topic,
                key=key,
                value=bytes(value),
                handle=_Handle(number, self._numbers),
                where=f"{topic}@{number}",
            )
            self._held[number] = delivery
        return delivery

    def _something_free(self) -> bool:
        """A cheap look without a lock, before a writing transaction is begun."""
        with _unavailable():
            row = self._queue.reading().execute(
                "SELECT 1 FROM waiting WHERE group_name=? AND member IS NULL "
                "AND topic IN (SELECT value FROM json_each(?)) LIMIT 1",
                [self._group, json.dumps(self._topics)],
            )
            return row.fetchone() is not None

    def _heartbeat(self, now: float) -> None:
        """Say that we live, notice who does not, and whether we were taken for gone."""
        with self._queue.writing() as db:
            db.execute(
                "INSERT INTO members (id, group_name, beat) VALUES (?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET beat=excluded.beat",
                [self._member, self._group, now],
            )
            silent = db.execute(
                "SELECT id FROM members WHERE beat < ?", [now - self._queue.silence_s]
            ).fetchall()
            for (member,) in silent:
                _forget(db, member)
            ours = {
                row[0]
                for row in db.execute("SELECT id FROM waiting WHERE member=?", [self._member])
            }
        self._beat = now
        with self._lock:
            for number in [n for n in self._held if n not in ours]:
                self._gone.append(self._held.pop(number))


def _join(db: sqlite3.Connection, group: str, topic: str) -> None:
    """A group that is new to a topic gets everything that is still there."""
    joined = db.execute("INSERT OR IGNORE INTO groups (name, topic) VALUES (?, ?)", [group, topic])
    if joined.rowcount:
        db.execute(
            "INSERT OR IGNORE INTO waiting (group_name, id, topic, key) "
            "SELECT ?, id, topic, key FROM messages WHERE topic=?",
            [group, topic],
        )


def _free(
    db: sqlite3.Connection, group: str, topics: Sequence[str], member: str, room: int
) -> list[tuple[int, str, str, bytes]]:
    """The oldest free messages whose key nobody else holds, in order."""
    query = (
        "SELECT w.id, w.topic, w.key, m.value FROM waiting w JOIN messages m ON m.id = w.id "
        "WHERE w.group_name = ? AND w.member IS NULL "
        "AND w.topic IN (SELECT value FROM json_each(?)) "
        "AND NOT EXISTS (SELECT 1 FROM waiting o WHERE o.member IS NOT NULL AND o.member != ? "
        "AND o.group_name = w.group_name AND o.topic = w.topic AND o.key = w.key) "
        "ORDER BY w.id LIMIT ?"
    )
    return db.execute(query, [group, json.dumps(topics), member, room]).fetchall()


def _forget(db: sqlite3.Connection, member: str) -> None:
    db.execute("UPDATE waiting SET member=NULL WHERE member=?", [member])
    db.execute("DELETE FROM members WHERE id=?", [member])


def _drop_if_done(db: sqlite3.Connection, number: int) -> None:
    """Every group that reads the topic has settled it: it can go."""
    db.execute(
        "DELETE FROM messages WHERE id=? AND NOT EXISTS (SELECT 1 FROM waiting WHERE id=?)",
        [number, number],
    )


def _prepare(db: sqlite3.Connection) -> None:
    """WAL with every commit on the disk; the switch itself does not wait, so it is tried again."""
    deadline = time.monotonic() + BUSY_S
    while True:
        try:
            db.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(IDLE_MIN_S)
        else:
            break
    db.execute("PRAGMA synchronous=FULL")


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as exc:
        raise QueueUnavailable(f"the queue cannot be used: {exc}") from exc
