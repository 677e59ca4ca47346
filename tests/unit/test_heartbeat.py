"""The file by which a role shows that it is at work."""

import os
from pathlib import Path

from linkshot.processes.heartbeat import BEAT_INTERVAL_S, Heartbeat, age_s


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_beat_renews_the_file(tmp_path: Path) -> None:
    file = tmp_path / "heartbeat"
    file.touch()
    os.utime(file, (100.0, 100.0))
    assert age_s(str(file), now=160.0) == 60.0
    Heartbeat(str(file)).beat()
    assert (age_s(str(file)) or 0.0) < 60.0


def test_the_file_is_written_at_intervals_however_often_the_loop_goes_round(tmp_path: Path) -> None:
    file, clock = tmp_path / "heartbeat", Clock()
    heartbeat = Heartbeat(str(file), clock)
    heartbeat.beat()
    file.unlink()
    clock.now = BEAT_INTERVAL_S - 0.1
    heartbeat.beat()
    assert age_s(str(file)) is None
    clock.now = BEAT_INTERVAL_S
    heartbeat.beat()
    assert age_s(str(file)) is not None


def test_a_folder_that_is_not_there_is_told_once_and_stops_nothing(tmp_path: Path, caplog) -> None:
    clock = Clock()
    heartbeat = Heartbeat(str(tmp_path / "gone" / "heartbeat"), clock)
    heartbeat.beat()
    clock.now = BEAT_INTERVAL_S
    heartbeat.beat()
    assert [record.message for record in caplog.records] == ["The heartbeat cannot be written"]


def test_without_a_file_nothing_is_written(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Heartbeat("").beat()
    assert list(tmp_path.iterdir()) == []
