"""Switches a SQLite file to write-ahead logging (WAL) while other processes may open it."""

import sqlite3
import time
from pathlib import Path

from linkshot.system import disk

PAUSE_S = 0.02


def switch_to_wal(db: sqlite3.Connection, file: Path, patience_s: float) -> None:
    """Switches the file to WAL. SQLite itself does not wait for the lock here, so this retries.

    sqlite3.OperationalError after that, and at once when the file cannot be written.
    """
    deadline = time.monotonic() + patience_s
    while True:
        try:
            db.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline or disk.write_problem(file):
                raise
            time.sleep(PAUSE_S)
        else:
            return
