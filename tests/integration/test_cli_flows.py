"""From a link to a search that finds it, by the command line alone, with a real browser."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from crawler.worker import SECOND_SIGNAL_S
from tests.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]

LIMIT_S = 120
PAGE = "<title>灯塔</title><h1>灯塔</h1><p>这一页写的是灯塔管理员的快照。The lighthouse keeper.</p>"
SETTINGS = {
    "LINKSHOT_ALLOW_NETWORKS": "127.0.0.0/8",
    "LINKSHOT_HOST_GAP_S": "0",
    "LINKSHOT_LOG_LEVEL": "error",
    "LINKSHOT_QUIET_TIMEOUT_S": "1",
    "LINKSHOT_DISPATCH_INTERVAL_S": "0.1",
}


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def command(data: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "linkshot", "--data", str(data), *words]


def environment() -> dict[str, str]:
    return {**os.environ, **SETTINGS, "LC_ALL": "C.UTF-8"}


def run(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(data, *words),
        capture_output=True, text=True, encoding="utf-8", timeout=LIMIT_S, env=environment(),
        check=False,
    )  # fmt: skip


@contextmanager
def running(data: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A process that is ended, with everything it started, at the latest when the block ends."""
    process = subprocess.Popen(
        command(data, *words),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        env=environment(),
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=LIMIT_S)


def until(truth: Callable[[], object]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not truth():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=LIMIT_S)
    return process.returncode, out, err


def test_a_link_is_added_snapshot_found_and_whole(site, data) -> None:
    url = site.put("/lighthouse", PAGE)
    added = run(data, "--json", "add", url, "--tag", "读", "--wait")
    assert added.returncode == 0, added.stderr
    (one,) = json.loads(added.stdout)["items"]
    assert (one["state"], one["title"], one["snapshot"]["outcome"]) == ("ok", "灯塔", "stored")
    assert {"text", "screenshot", "html"} <= {a["role"] for a in one["snapshot"]["artifacts"]}
    found = json.loads(run(data, "--json", "search", "灯塔 管理员 #读").stdout)
    assert [hit["link_id"] for hit in found["items"]] == [one["link_id"]]
    assert "<mark>" in found["items"][0]["snippet"]
    assert run(data, "verify", "--deep").returncode == 0
    again = run(data, "--json", "snapshot", url, "--wait")
    assert again.returncode == 0, again.stderr
    visits = json.loads(run(data, "--json", "snapshots", url).stdout)["items"]
    assert len(visits) == 2


def test_add_and_wait_tells_people_how_to_find_it(site, data) -> None:
    said = run(data, "add", site.put("/lighthouse", PAGE), "--wait")
    assert said.returncode == 0, said.stderr
    assert "saved · 200" in said.stdout
    assert "screenshot.webp" in said.stdout
    assert "find it again: " in said.stdout


def test_a_snapshot_that_fails_fails_the_command(data) -> None:
    with Site() as gone:
        url = gone.url("/")
    said = run(data, "--json", "add", url, "--wait")
    assert said.returncode == 1
    (one,) = json.loads(said.stdout)["items"]
    assert one["last"]["outcome"] == "failed"
    assert one["last"]["error"]["kind"]


def test_one_failure_among_several_is_exit_code_3(site, data) -> None:
    with Site() as gone:
        url = gone.url("/")
    assert run(data, "add", site.put("/lighthouse", PAGE), url, "--wait").returncode == 3


def test_an_error_page_is_not_told_as_the_page_and_fails_the_command(site, data) -> None:
    url = site.url("/not-there")
    said = run(data, "add", url, "--wait")
    assert said.returncode == 1
    assert "404, kept as the site's error page: the page was not found [http_404]" in said.stdout
    assert "saved" not in said.stdout
    assert "find it again" not in said.stdout
    (one,) = json.loads(run(data, "--json", "snapshot", url, "--wait").stdout)["items"]
    assert (one["last"]["outcome"], one["last"]["problem"]) == ("stored", "http_404")


def test_of_several_each_says_how_it_ended(site, data) -> None:
    with Site() as gone:
        refused = gone.url("/")
    good, busy = site.put("/lighthouse", PAGE), site.url("/500")
    said = run(data, "add", good, busy, refused, site.url("/redirect-to?url=/lighthouse"), "--wait")
    assert said.returncode == 3
    assert "saved · 200 · " in said.stdout
    assert f"led to {good}" in said.stdout
    assert "500, kept as the site's error page: the site had an error of its own" in said.stdout
    assert (
        "failed, nothing was kept: the site did not accept the connection [connect]" in said.stdout
    )
    assert said.stdout.count("; next try ") == 2


def test_ctrl_c_while_waiting_ends_with_130_and_leaves_no_browser(site, data) -> None:
    url = site.url("/stuck-headers")
    with running(data, "add", url, "--wait") as process:
        until(lambda: site.requests)
        below = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        first = time.monotonic()
        # sooner it would be the same request twice; a third one would kill the end of the interpreter
        until(lambda: time.monotonic() - first > SECOND_SIGNAL_S + 0.1)
        process.send_signal(signal.SIGINT)
        code, _, err = ended(process)
    assert (code, "Traceback" in err) == (130, False)
    _, left = psutil.wait_procs(below, timeout=30)
    assert left == []
    assert json.loads(run(data, "--json", "list").stdout)["total"] == 1


def test_up_serves_and_others_work_beside_it(site, data) -> None:
    url = site.put("/lighthouse", PAGE)
    with running(data, "up", "--port", "0") as up:
        assert up.stdout is not None
        address = up.stdout.readline().strip()
        with urllib.request.urlopen(address, timeout=20) as answer:  # our own loopback address
            assert answer.status == 200
        said = run(data, "--json", "add", url, "--wait")
        assert said.returncode == 0, said.stderr
        assert json.loads(run(data, "--json", "search", "灯塔").stdout)["total"] == 1
        assert run(data, "--json", "rebuild").returncode == 0
        below = psutil.Process(up.pid).children(recursive=True)
        up.send_signal(signal.SIGTERM)
        code, _, err = ended(up)
    assert (code, err.count("Traceback")) == (0, 0)
    assert psutil.wait_procs(below, timeout=30)[1] == []


def test_of_one_site_one_page_is_visited_and_the_others_wait_for_it(site, data) -> None:
    urls = [site.url(f"/stuck-headers?{n}") for n in range(3)]
    with running(data, "up", "--port", "0") as up:
        assert up.stdout is not None
        up.stdout.readline()
        run(data, "add", *urls)

        def stages() -> list[str]:
            shown = [json.loads(run(data, "--json", "show", url).stdout) for url in urls]
            return sorted(one["progress"]["stage"] for one in shown)

        until(lambda: site.requests)
        assert stages() == ["visiting", "waiting_for_host", "waiting_for_host"]
        up.kill()
        until(lambda: stages() == ["waiting_for_worker"] * 3)


def test_the_first_run_shows_links_files_and_hits(data) -> None:
    with running(data, "run", "--port", "0") as first:
        assert first.stdout is not None
        said: list[str] = []
        while "http://127.0.0.1" not in (line := first.stdout.readline()) and line:
            said.append(line)
        first.send_signal(signal.SIGINT)
        code, _, err = ended(first)
    text = "".join(said)
    assert code == 0, err
    assert text.count("✓") == 3
    assert "Search 快照: 3 found" in text
    assert "Search lighthouse: " in text
    assert (data.parent / "linkshot-samples").is_dir()


def test_the_first_run_with_a_link_names_its_files(site, data) -> None:
    url = site.put("/lighthouse", PAGE)
    with running(data, "run", url, "--port", "0") as first:
        assert first.stdout is not None
        said: list[str] = []
        while "Read, look" not in (line := first.stdout.readline()) and line:
            said.append(line)
        first.send_signal(signal.SIGINT)
        code, _, err = ended(first)
    text = "".join(said)
    assert code == 0, err
    assert "screenshot.webp" in text
    assert str(data) in text
    assert "Search 灯塔: 1 found" in text
