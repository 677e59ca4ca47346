"""`linkshot healthcheck`: whether a role that runs beside it is at work."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from linkshot.system.config import Settings, settings_env
from tests.starting import LIMIT_S, Starting


def healthcheck(settings: Settings, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "linkshot", "healthcheck"],
        env=os.environ | settings_env(settings) | more,
        check=False, capture_output=True, text=True, timeout=LIMIT_S,
    )  # fmt: skip


def until_at_work(settings: Settings, **more: str) -> None:
    deadline = time.monotonic() + LIMIT_S
    while healthcheck(settings, **more).returncode:
        assert time.monotonic() < deadline


@pytest.mark.parametrize("role", ["dispatch", "index", "crawl"])
def test_a_role_is_at_work_until_it_stands_still(
    settings: Settings, tmp_path: Path, role: str
) -> None:
    more = {"LINKSHOT_HEARTBEAT_FILE": str(tmp_path / "heartbeat")}
    before = healthcheck(settings, **more)
    with Starting(settings, role, **more) as starting:
        until_at_work(settings, **more)
        starting.process.send_signal(signal.SIGSTOP)
        os.utime(more["LINKSHOT_HEARTBEAT_FILE"], (0, time.time() - 181))
        stuck = healthcheck(settings, **more)
        starting.process.send_signal(signal.SIGCONT)
        until_at_work(settings, **more)
    assert before.returncode == stuck.returncode == 1
    assert "has not begun its work" in before.stderr
    assert "has stood still for 18" in stuck.stderr


def test_without_a_file_it_says_what_to_set(settings: Settings) -> None:
    said = healthcheck(settings)
    assert said.returncode == 1
    assert "LINKSHOT_HEARTBEAT_FILE names no file" in said.stderr
