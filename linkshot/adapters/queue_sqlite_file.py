"""The queue's SQLite file: how it is opened, changed and watched, and the statements on it."""

import fcntl
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from linkshot.adapters.queue_sqlite_schema import prepare
from linkshot.errors import QueueUnavailable
from linkshot.ports import Message
from linkshot.system import disk
from linkshot.system.sqlite_wal import switch_to_wal

logger = logging.getLogger(__name__)

BUSY_S = 10.0
LOCK_LOOK_S = 0.02
"""Longest wait for other threads and processes that write."""

FREE = """
SELECT w.id, w.topic, w.key, m.value FROM waiting w JOIN messages m ON m.id = w.id
WHERE w.group_name = ? AND w.topic = ? AND w.member IS NULL
AND NOT EXISTS (SELECT 1 FROM waiting o WHERE o.member IS NOT NULL AND o.member != ?
    AND o.group_name = w.group_name AND o.topic = w.topic AND o.key = w.key)
ORDER BY w.id LIMIT ?
"""
Row = tuple[int, str, str, bytes]
"""Number, topic, key and value of a message."""


class QueueFile:
    """One connection, used by one thread at a time; writers of other processes are waited for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed = threading.Condition(threading.Lock())
        self._writes = 0
        self.generation = 0
        """Rises when another file takes the place of the one that was open."""
        with unavailable(path):
            self._db: sqlite3.Connection | None = _open(path)
        self._inode = _inode(path)

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """One transaction; without `durable` a power cut may undo it, nothing else can."""
        deadline = time.monotonic() + BUSY_S
        with self._turn() as db:
            # Threads wait in _turn(), processes in SQLite: together no longer than BUSY_S.
            left_ms = max(1, int((deadline - time.monotonic()) * 1000))
            db.execute(f"PRAGMA busy_timeout={left_ms}")
            db.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            try:
                db.execute("BEGIN IMMEDIATE")
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
            self._writes += 1
            self._changed.notify_all()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for a look."""
        with self._turn() as db:
            yield db

    def stamp(self) -> tuple[int, int]:
        """A value that changes with every write of any process; cheap to read."""
        with self._turn() as db:
            version = db.execute("PRAGMA data_version").fetchone()[0]
            return int(version), self._writes

    def wait(self, stamp: tuple[int, int], timeout_s: float) -> None:
        """Until this process writes, or the time is over; at once if it did after `stamp`."""
        with self._changed:
            self._changed.wait_for(lambda: self._writes != stamp[1], timeout_s)

    def close(self) -> None:
        """Repeatable."""
        with self._changed:
            if self._db is not None:
                self._db.close()
                self._db = None
            self._writes += 1
            self._changed.notify_all()

    def _open_again(self) -> None:
        """Reopens a file that was deleted or replaced: writes to the open one would be lost.

        Closing the old one is harmless: SQLite leaves the -wal of a moved or deleted file alone.
        """
        logger.warning(
            "The queue's file was replaced; a new one is used", extra={"action": "queue_replaced"}
        )
        if self._db is not None:
            self._db.close()
        self._db = _open(self._path)
        self._inode = _inode(self._path)
        self.generation += 1

    @contextmanager
    def _turn(self) -> Iterator[sqlite3.Connection]:
        if not self._changed.acquire(timeout=BUSY_S):
            raise QueueUnavailable("the queue is busy; try again later")
        try:
            if self._db is None:
                raise QueueUnavailable("the queue was closed")
            with unavailable(self._path):
                if _inode(self._path) != self._inode:
                    self._open_again()
                yield self._db
        finally:
            self._changed.release()


def _inode(path: Path) -> tuple[int, int] | None:
    """The inode of the file at the path; None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def identity(db: sqlite3.Connection) -> str:
    """The id of this file, which one that takes its place does not have."""
    return str(db.execute("SELECT value FROM identity").fetchone()[0])


def append(db: sqlite3.Connection, topic: str, messages: Sequence[Message]) -> None:
    """Append messages, waiting for every group that reads the topic."""
    groups = [row[0] for row in db.execute("SELECT name FROM groups WHERE topic=?", [topic])]
    for message in messages:
        added = db.execute(
            "INSERT INTO messages (topic, key, value) VALUES (?, ?, ?)",
            [topic, message.key, message.value],
        )
        db.executemany(
            "INSERT INTO waiting (group_name, id, topic, key) VALUES (?, ?, ?, ?)",
            [(group, added.lastrowid, topic, message.key) for group in groups],
        )


def join(db: sqlite3.Connection, group: str, topic: str) -> None:
    """Adds the group to the topic; a new group gets all messages still stored."""
    joined = db.execute("INSERT OR IGNORE INTO groups (name, topic) VALUES (?, ?)", [group, topic])
    if joined.rowcount:
        db.execute(
            "INSERT OR IGNORE INTO waiting (group_name, id, topic, key) "
            "SELECT ?, id, topic, key FROM messages WHERE topic=?",
            [group, topic],
        )


def next_free(
    db: sqlite3.Connection, group: str, topics: Sequence[str], member: str, room: int
) -> list[Row]:
    """The oldest free messages whose key nobody else holds, in order."""
    found: list[Row] = []
    for topic in topics:
        found += db.execute(FREE, [group, topic, member, room])
    return sorted(found)[:room]


def assign(db: sqlite3.Connection, group: str, member: str, rows: Sequence[Row]) -> None:
    """Assigns messages to a member."""
    db.executemany(
        "UPDATE waiting SET member=? WHERE group_name=? AND id=?",
        [(member, group, row[0]) for row in rows],
    )


def release(db: sqlite3.Connection, group: str, member: str, number: int) -> None:
    """Makes the message free again, if the member holds it."""
    db.execute(
        "UPDATE waiting SET member=NULL WHERE group_name=? AND id=? AND member=?",
        [group, number, member],
    )


def ack(db: sqlite3.Connection, group: str, member: str, number: int) -> None:
    """Acknowledges for the group, if the member holds it; deleted once all groups have."""
    done = db.execute(
        "DELETE FROM waiting WHERE group_name=? AND id=? AND member=?", [group, number, member]
    )
    if done.rowcount:
        db.execute(
            "DELETE FROM messages WHERE id=? AND NOT EXISTS (SELECT 1 FROM waiting WHERE id=?)",
            [number, number],
        )


def heartbeat(
    db: sqlite3.Connection, group: str, member: str, now: float, silence_s: float
) -> set[int]:
    """Records a heartbeat, frees the messages of dead members; numbers that the member holds.

    A heartbeat in the future is from before the last boot: the clock is monotonic.
    """
    db.execute(
        "INSERT INTO members (id, group_name, beat, pid) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET beat=excluded.beat",
        [member, group, now, os.getpid()],
    )
    for gone, at, pid in db.execute("SELECT id, beat, pid FROM members").fetchall():
        if not _lives(at, pid, now, silence_s):
            release_all(db, gone)
    return {row[0] for row in db.execute("SELECT id FROM waiting WHERE member=?", [member])}


def set_subscription(db: sqlite3.Connection, member: str, topics: Sequence[str]) -> None:
    """Notes what a member is subscribed to; repeatable."""
    db.executemany(
        "INSERT OR IGNORE INTO subscribed (member, topic) VALUES (?, ?)",
        [(member, topic) for topic in topics],
    )


def count_subscribers(
    db: sqlite3.Connection, topic: str, group: str, now: float, silence_s: float
) -> int:
    """Living members of the group that are subscribed to the topic."""
    found = db.execute(
        "SELECT m.beat, m.pid FROM members m JOIN subscribed s ON s.member = m.id "
        "WHERE m.group_name = ? AND s.topic = ?",
        [group, topic],
    )
    return sum(_lives(at, pid, now, silence_s) for at, pid in found.fetchall())


def release_all(db: sqlite3.Connection, member: str) -> None:
    """What a member holds is free again."""
    db.execute("UPDATE waiting SET member=NULL WHERE member=?", [member])
    db.execute("DELETE FROM subscribed WHERE member=?", [member])
    db.execute("DELETE FROM members WHERE id=?", [member])


@contextmanager
def unavailable(path: Path) -> Iterator[None]:
    """Translates SQLite's errors; a problem with the file's folder or disk takes precedence."""
    try:
        yield
    except sqlite3.Error as exc:
        wrong = disk.write_problem(path) or exc
        raise QueueUnavailable(f"the queue cannot be used: {wrong}") from exc


def _open(path: Path) -> sqlite3.Connection:
    """The file with its tables; one process at a time makes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone_in(path.parent):
        if not path.exists():
            # The -wal and -shm of a deleted file, of a process that still has it open, would be taken
            # for those of the new one (https://sqlite.org/howtocorrupt.html, 1.4 and 2.5).
            for ending in ("-wal", "-shm"):
                path.with_name(path.name + ending).unlink(missing_ok=True)
        db = _connect(path)
        try:
            db.execute("BEGIN IMMEDIATE")
            prepare(db)
            db.execute("COMMIT")
        except BaseException:
            db.close()
            raise
    return db


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """No other process opens a queue in this folder meanwhile."""
    # The folder itself is locked: a lock file could be deleted along with the queue.
    lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    deadline = time.monotonic() + BUSY_S
    try:
        while not _locked(lock):
            if time.monotonic() > deadline:
                raise QueueUnavailable(
                    "the queue is being opened by somebody else; try again later"
                )
            time.sleep(LOCK_LOOK_S)
        yield
    finally:
        os.close(lock)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: as before there were any
        return True
    return True


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        switch_to_wal(db, path, BUSY_S)
    except BaseException:
        db.close()
        raise
    return db


def _lives(beat: float, pid: int, now: float, silence_s: float) -> bool:
    # abs(): a beat of before the last boot lies in the future of the monotonic clock
    return abs(now - beat) <= silence_s and _runs(pid)


def _runs(pid: int) -> bool:
    """Whether a process with this id exists: all members of a file are on one machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
