"""Where a test may make a process die."""

import subprocess
import sys
from pathlib import Path

import pytest

from linkshot.system.failpoints import EXIT_CODE, FailpointHit, failpoint

PROGRAM = "from linkshot.system.failpoints import failpoint\nfor n in range(5): failpoint('here'); print(n, flush=True)"


def run(rules: str, **more: str) -> tuple[int, int]:
    """Exit code of a program that passes the point five times, and how often it got past it."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"LINKSHOT_FAILPOINTS": rules, "PYTHONPATH": str(Path.cwd()), **more},
        capture_output=True,
        check=False,
    )
    return done.returncode, len(done.stdout.split())


@pytest.mark.parametrize(
    ("rules", "code", "passed"),
    [
        ("", 0, 5),
        ("elsewhere:kill", 0, 5),
        ("here:kill", -9, 0),
        ("elsewhere:exit,here:kill@3", -9, 2),
        ("here:exit@5", EXIT_CODE, 4),
        ("here:sleep:0.001", 0, 5),
    ],
)
def test_a_process_dies_where_it_is_told_to(rules: str, code: int, passed: int) -> None:
    assert run(rules) == (code, passed)


def test_a_point_acts_once_for_all_processes_that_share_a_folder(tmp_path: Path) -> None:
    once = {"LINKSHOT_FAILPOINTS_ONCE": str(tmp_path)}
    assert [run("here:kill", **once)[0] for _ in range(2)] == [-9, 0]


def test_a_point_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKSHOT_FAILPOINTS", "raising-point:raise")
    with pytest.raises(FailpointHit):
        failpoint("raising-point")
    failpoint("raising-point")
