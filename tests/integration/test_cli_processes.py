"""The command as a process: closed streams, full disks, wrong bytes, signals."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from linkshot.domain.model import NewLink
from linkshot.system.config import load_settings
from linkshot.use_cases.links import add
from linkshot.wiring import open_app

COMMAND = [sys.executable, "-m", "linkshot"]
LIMIT_S = 60


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with one link."""
    folder = tmp_path / "data"
    app = open_app(load_settings(data=folder))
    add(app, NewLink(url="https://example.com/", title="甲", tags=("读",)))
    app.close()
    return folder


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONWARNINGS": "error", **more}


def run(data: Path, *words: str | bytes, **how) -> subprocess.CompletedProcess[bytes]:
    how.setdefault("env", environment())
    how.setdefault("stdin", subprocess.DEVNULL)
    how.setdefault("stdout", subprocess.PIPE)
    return subprocess.run(
        [*COMMAND, "--data", str(data), *words],
        stderr=subprocess.PIPE, timeout=LIMIT_S, check=False, **how,
    )  # fmt: skip


def test_a_reader_that_goes_away_is_no_failure(data) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    said = run(data, "list", stdout=write_end)
    os.close(write_end)
    assert (said.returncode, b"Traceback" in said.stderr) == (0, False)


def test_a_full_disk_is_one_sentence(data) -> None:
    with open("/dev/full", "wb") as full:
        said = run(data, "--quiet", "list", stdout=full)
    assert said.returncode == 1
    assert said.stderr.splitlines() == [b"error: No space left on device [os]"]


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"], ids=["stdin", "stdout", "stderr"])
def test_a_closed_stream_is_no_trouble(data, closed) -> None:
    line = f'exec "$0" -m linkshot --data "$1" list {closed}'
    said = subprocess.run(
        ["sh", "-c", line, sys.executable, str(data)],
        capture_output=True, timeout=LIMIT_S, env=environment(), check=False,
    )  # fmt: skip
    assert (said.returncode, b"Traceback" in said.stderr) == (0, False)


def test_wrong_bytes_as_a_word_are_one_sentence(data) -> None:
    said = run(data, "add", b"https://example.com/\xff\xfe", env=environment(LC_ALL="C.UTF-8"))
    assert said.returncode in (0, 2)
    assert b"Traceback" not in said.stderr


def test_wrong_bytes_on_stdin_are_one_sentence(data) -> None:
    said = run(data, "add", "-", stdin=None, input=b"\xff\xfe\n")
    assert said.returncode in (1, 2)
    assert len(said.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
    ],
    ids=["C", "POSIX", "ASCII only"],
)
def test_a_terminal_that_knows_no_chinese_is_no_trouble(data, locale) -> None:
    said = run(data, "list", env=environment(**locale))
    assert (said.returncode, b"Traceback" in said.stderr) == (0, False)


@pytest.mark.parametrize("columns", ["0", "1", "-3", "x"])
def test_any_width_of_terminal_will_do(data, columns) -> None:
    said = run(data, "list", env=environment(COLUMNS=columns, LINES="0"))
    assert said.returncode == 0
    assert "甲".encode() in said.stdout


def test_a_pipe_gets_no_escape_sequences(data) -> None:
    assert b"\x1b" not in run(data, "list", env=environment(FORCE_COLOR="1")).stdout


def test_the_data_folder_can_come_from_the_environment(data) -> None:
    said = subprocess.run(
        [*COMMAND, "--json", "list"],
        capture_output=True, timeout=LIMIT_S, env=environment(LINKSHOT_DATA=str(data)), check=False,
    )  # fmt: skip
    assert b'"total": 1' in said.stdout


def test_a_folder_that_cannot_be_made_is_one_sentence() -> None:
    said = run(Path("/dev/null/data"), "list")
    assert said.returncode == 1
    assert said.stderr.startswith(b"error: ")
    assert len(said.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("role", "setting"),
    [
        ("crawl", {"LINKSHOT_BROWSER": "/no/such/browser"}),
        ("dispatch", {"LINKSHOT_QUEUE": "amqp://nowhere"}),
        ("web", {"LINKSHOT_HOST": "0.0.0.0"}),
        ("index", {"LINKSHOT_DATA": "/dev/null/data"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_role_with_a_setting_that_cannot_work_ends_with_78(data, role, setting) -> None:
    said = subprocess.run(
        [*COMMAND, role], capture_output=True, timeout=LIMIT_S, check=False,
        env=environment(LINKSHOT_DATA=str(data)) | setting,
    )  # fmt: skip
    assert (said.returncode, said.stderr[:7]) == (78, b"error: ")


def test_a_signal_ends_a_role_in_order(data) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--data", str(data), "index"],
        stderr=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(),
    )  # fmt: skip
    lock = data / "locks" / "index.lock"
    wait_for(lambda: lock.exists() and lock.read_bytes() == str(process.pid).encode())
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=LIMIT_S)
    assert (process.returncode, b"Traceback" in err) == (0, False)


def wait_for(truth) -> None:
    import time

    deadline = time.monotonic() + LIMIT_S
    while not truth():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
