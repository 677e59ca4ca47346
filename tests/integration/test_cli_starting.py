"""Roles that are told to end while they start: at once, with their exit code, and nothing is left.

The moments are those at which Python has loaded a module (`-X importtime` says so on stderr), at
which a server was asked for the first time, or at which the browser was started.
"""

import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import uuid_utils

from linkshot.app import App
from linkshot.domain import urls
from linkshot.domain.messages import REQUESTS, SnapshotRequested
from linkshot.domain.model import Reason, SnapshotId
from linkshot.ports import Message
from linkshot.system.command_line import is_role
from tests.site import Site
from tests.starting import LIMIT_S, Starting

MOMENTS = [
    ("crawl", "typer"), ("crawl", "scrapy.crawler"), ("crawl", "crawler.run"),
    ("crawl", "playwright.async_api"), ("crawl", "pipelines.article"),
    ("dispatch", "typer"), ("dispatch", "linkshot.adapters"), ("index", "indexer.run"),
    ("web", "fastapi"), ("up", "linkshot.catalogue.engine"), ("up", "web.server"),
]  # fmt: skip


def send(app: App, url: str) -> None:
    """A request, as dispatch sends it."""
    key = urls.identity(url)
    one = SnapshotRequested(
        request_id=SnapshotId(str(uuid_utils.uuid7())), link_id=urls.link_id(key), url=url,
        host="127.0.0.1", reason=Reason.ADD,
    )  # fmt: skip
    app.queue.publish(
        REQUESTS, [Message(key=one.host, value=app.keyring.sign(REQUESTS, one.encode()))]
    )


@pytest.mark.parametrize(("role", "module"), MOMENTS, ids=str)
def test_a_role_that_starts_ends_at_once(app: App, site: Site, role: str, module: str) -> None:
    send(app, site.url(f"/en/article?{role}"))
    words = (role, "--port", "0") if role in ("web", "up") else (role,)
    with Starting(app.settings, *words) as starting:
        starting.loaded(module)
        assert starting.told() == 0
    assert site.seen("/en/article") == []
    assert app.queue.backlog(REQUESTS, "crawl") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP], ids=lambda one: one.name)
def test_the_other_signals_end_a_role_as_well(app: App, number: signal.Signals) -> None:
    with Starting(app.settings, "crawl") as starting:
        starting.loaded("crawler.run")
        assert starting.told(number) == 0


def test_a_role_started_by_nohup_outlives_its_terminal(app: App) -> None:
    with Starting(app.settings, "dispatch", below="nohup") as starting:
        starting.loaded("linkshot.system.locks")
        starting.process.send_signal(signal.SIGHUP)
        starting.loaded("linkshot.adapters.queue_sqlite")
        assert starting.process.poll() is None
        assert starting.told() == 0


def test_a_visit_whose_browser_does_not_come_up_goes_back(
    app: App, site: Site, tmp_path: Path
) -> None:
    send(app, site.url("/en/article"))
    browser, started = tmp_path / "browser", tmp_path / "started"
    browser.write_text(f"#!/bin/sh\necho $$ > {started}\nexec sleep 600\n")
    browser.chmod(0o755)
    with Starting(app.settings, "crawl", LINKSHOT_BROWSER=str(browser)) as starting:
        until(started.exists)
        assert starting.told() == 0
    assert site.seen("/en/article") == []
    assert app.queue.backlog(REQUESTS, "crawl") == 1


@pytest.mark.parametrize("role", ["crawl", "dispatch", "index"])
def test_servers_that_do_not_answer_hold_no_role_up(app: App, role: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(LIMIT_S)
        where = f"127.0.0.1:{silent.getsockname()[1]}"
        servers = {
            "LINKSHOT_CATALOGUE": f"postgresql+psycopg://linkshot@{where}/linkshot",
            "LINKSHOT_QUEUE": f"kafka://{where}",
            "LINKSHOT_STORE": f"s3+http://key:secret@{where}/bucket",
            "LINKSHOT_INDEX": f"elasticsearch+http://{where}",
        }
        with Starting(app.settings, role, **servers) as starting, silent.accept()[0]:
            assert starting.told() == 0


@pytest.mark.parametrize(
    ("words", "role"),
    [
        (["up"], True), (["--data", "x", "crawl"], True), (["web", "--port", "1"], True),
        (["add", "up"], False), (["list", "--json"], False), ([], False),
    ],
    ids=["up", "after options", "with options", "a word of another command", "list", "none"],
)  # fmt: skip
def test_a_role_is_known_by_its_words(words: list[str], role: bool) -> None:
    assert is_role(words) is role


def until(truth: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not truth():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
