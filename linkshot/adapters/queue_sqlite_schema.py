"""The tables of the queue's file, and how a file of an older linkshot gets them."""

import sqlite3
import uuid

from linkshot.errors import QueueUnavailable

VERSION = 1
"""In the file as `user_version`; 0 is a new file, or one from before versions were counted."""

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
    id TEXT PRIMARY KEY, group_name TEXT NOT NULL, beat REAL NOT NULL, pid INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS subscribed (
    member TEXT NOT NULL, topic TEXT NOT NULL, PRIMARY KEY (member, topic)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS waiting (
    group_name TEXT NOT NULL, id INTEGER NOT NULL, topic TEXT NOT NULL, key TEXT NOT NULL,
    member TEXT, PRIMARY KEY (group_name, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ix_waiting_free ON waiting (group_name, topic, id) WHERE member IS NULL;
CREATE INDEX IF NOT EXISTS ix_waiting_member ON waiting (member) WHERE member IS NOT NULL;
CREATE INDEX IF NOT EXISTS ix_waiting_held ON waiting (group_name, topic, key)
    WHERE member IS NOT NULL;
CREATE INDEX IF NOT EXISTS ix_waiting_id ON waiting (id);
CREATE TABLE IF NOT EXISTS identity (value TEXT NOT NULL);
"""
"""`identity` has one row: an id that no other file has. An older linkshot does not mind it."""


def prepare(db: sqlite3.Connection) -> None:
    """Inside a transaction: the tables as they are now; QueueUnavailable for a newer file."""
    found = int(db.execute("PRAGMA user_version").fetchone()[0])
    if found > VERSION:
        raise QueueUnavailable("the queue's file was made by a newer linkshot; use that one")
    if found < VERSION:
        # Members register again by themselves; messages assigned to old members become free.
        db.execute("DROP TABLE IF EXISTS members")
        if db.execute("SELECT 1 FROM sqlite_master WHERE name='waiting'").fetchone():
            db.execute("UPDATE waiting SET member=NULL")
    # One by one: executescript() would commit the transaction that this runs in.
    for statement in SCHEMA.split(";\n"):
        db.execute(statement)
    if db.execute("SELECT 1 FROM identity").fetchone() is None:
        db.execute("INSERT INTO identity VALUES (?)", [str(uuid.uuid4())])
    db.execute(f"PRAGMA user_version={VERSION}")
