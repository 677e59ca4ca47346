"""Dispatch goes on as soon as a file changes, and waits as long as none does."""

import threading
import time
from pathlib import Path

from linkshot.system.file_changes import FileChanges

LONG_S = 60.0


def test_a_write_of_another_thread_ends_the_wait(tmp_path: Path) -> None:
    file = tmp_path / "a.db-wal"
    changes = FileChanges.of_sqlite([tmp_path / "a.db"])
    seen = changes.stamp()
    waiting = threading.Thread(target=changes.wait, args=(seen, threading.Event(), LONG_S))
    waiting.start()
    file.write_bytes(b"commit")
    waiting.join(LONG_S / 2)
    assert not waiting.is_alive()


def test_a_write_before_the_wait_is_not_missed(tmp_path: Path) -> None:
    file = tmp_path / "a"
    changes = FileChanges([file])
    seen = changes.stamp()
    file.write_bytes(b"x")
    began = time.monotonic()
    changes.wait(seen, threading.Event(), LONG_S)
    assert time.monotonic() - began < LONG_S / 2


def test_without_a_write_it_waits_for_its_time(tmp_path: Path) -> None:
    for paths in ((), (tmp_path / "a",)):
        changes = FileChanges(paths)
        began = time.monotonic()
        changes.wait(changes.stamp(), threading.Event(), 0.05)
        assert time.monotonic() - began >= 0.05


def test_stopping_ends_the_wait(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    began = time.monotonic()
    FileChanges([tmp_path / "a"]).wait(FileChanges([tmp_path / "a"]).stamp(), stop, LONG_S)
    assert time.monotonic() - began < LONG_S / 2
