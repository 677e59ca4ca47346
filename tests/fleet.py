"""Runs linkshot as real processes that are killed and restarted, for the tests of lost work."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue.links import links
from linkshot.system.config import Settings, settings_env
from linkshot.wiring import open_app

ROOT = Path(__file__).parent.parent
PATIENCE_S = 180.0
READERS = (
    ("linkshot.requests", "crawl"),
    ("linkshot.results", "catalogue"),
    ("linkshot.links", "index"),
)
GONE_S = 5.0
OF_COMMANDS = ("purge-manifests-gone", "purge-blobs-gone", "journal-redacted")
"""Fail points in commands that people give; tests/integration/test_purge.py walks them."""


def failpoint_names() -> list[str]:
    """Every name in the source, so that a new step cannot be forgotten."""
    found: set[str] = set()
    for package in ("linkshot", "crawler", "pipelines", "indexer", "web"):
        for file in (ROOT / package).rglob("*.py"):
            found |= set(re.findall(r'failpoint\("([a-z-]+)"\)', file.read_text("utf-8")))
    return sorted(found)


class Fleet:
    """`up` alone when embedded; dispatch, crawl and index as three processes with servers."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        self.env: dict[str, str] = {}
        roles = (("up", "--port", "0"),)
        if not settings.is_embedded("queue"):
            roles = (("dispatch",), ("crawl",), ("index",))
        self._commands = roles
        self._running: dict[tuple[str, ...], subprocess.Popen[bytes]] = {}
        self.restarts = 0

    def fail_at(self, *rules: str) -> None:
        """Processes started from now on die at these points, each point once."""
        once = self.folder / "once"
        once.mkdir(exist_ok=True)
        self.env = {"LINKSHOT_FAILPOINTS": ",".join(rules), "LINKSHOT_FAILPOINTS_ONCE": str(once)}

    def fired(self) -> set[str]:
        """Points at which something died."""
        return {file.name for file in (self.folder / "once").glob("*")}

    def keep_running(self) -> None:
        """Start what is not running, as a supervisor does."""
        for command in self._commands:
            process = self._running.get(command)
            if process is None or process.poll() is not None:
                self.restarts += process is not None
                self._running[command] = self._start(command)

    def until(self, done: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
        """Supervise until `done`; fails with the logs' ends when it takes too long."""
        deadline = time.monotonic() + patience_s
        while not done():
            assert time.monotonic() < deadline, self._late(patience_s)
            self.keep_running()
            time.sleep(0.1)

    def _late(self, patience_s: float) -> str:
        with opened(self.settings) as app:
            waiting = {topic: app.queue.backlog(topic, group) for topic, group in READERS}
        told = f"fired: {self.fired()}; waiting: {waiting}"
        return f"not done in {patience_s} s; {told}\n{self.logs()}"

    def kill(self, number: int = signal.SIGKILL) -> list[psutil.Process]:
        """Kill the top processes alone, not their children; what was below them."""
        below: list[psutil.Process] = []
        for process in self._running.values():
            if process.poll() is None:
                below += psutil.Process(process.pid).children(recursive=True)
                process.send_signal(number)
                process.wait(60)
        return below

    def stop(self) -> None:
        """End everything in order, then whatever is left, by its id."""
        alive = [p for p in self._running.values() if p.poll() is None]
        below = [c for p in alive for c in psutil.Process(p.pid).children(recursive=True)]
        for process in alive:
            process.send_signal(signal.SIGTERM)
        for process in alive:
            process.wait(60)
        _, left = psutil.wait_procs(below, timeout=GONE_S)
        for child in left:
            child.kill()
        self._running.clear()

    def logs(self) -> str:
        """The last lines of every process."""
        return "\n".join(
            file.read_text("utf-8", "replace")[-3000:] for file in sorted(self.folder.glob("*.log"))
        )

    def _start(self, command: tuple[str, ...]) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{command[0]}.log").open("ab")
        given = {**os.environ, **settings_env(self.settings), **self.env}
        try:
            return subprocess.Popen(
                [sys.executable, "-m", "linkshot", *command],
                env=given,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        finally:
            log.close()


@contextmanager
def fleet(settings: Settings, folder: Path) -> Iterator[Fleet]:
    """A fleet that is stopped at the end, whatever happens."""
    made = Fleet(settings, folder)
    try:
        yield made
    finally:
        made.stop()


def all_settled(app: App, count: int) -> bool:
    """Whether `count` links are there and each has ended and is announced and indexed."""
    with app.catalogue.read() as conn:
        rows = conn.execute(sa.select(links).where(links.c.deleted_at.is_(None))).all()
    ended = [r for r in rows if r.last_snapshot_id and not r.due_at and not r.open_request_id]
    told = all(row.announced_rev == row.rev for row in rows)
    return len(rows) == count and len(ended) == count and told and _quiet(app)


def _quiet(app: App) -> bool:
    """Nothing is on the queue any more: what was delivered twice has been answered twice."""
    return not any(app.queue.backlog(topic, group) for topic, group in READERS)


@contextmanager
def opened(settings: Settings) -> Iterator[App]:
    """An App of the test's own beside the processes."""
    app = open_app(settings)
    try:
        yield app
    finally:
        app.close()
