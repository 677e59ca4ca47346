"""A crawl worker as a process of its own: what comes in, what comes out, and how it ends."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import psutil
import pytest
import uuid_utils

from crawler.run import Exit
from linkshot import urls
from linkshot.app import App
from linkshot.config import Settings, settings_env
from linkshot.layout import attempt_key
from linkshot.messages import (
    DEAD,
    REQUESTS,
    RESULTS,
    SUBMISSIONS,
    DeadLetter,
    SnapshotFinished,
    SnapshotRequested,
    Submission,
)
from linkshot.model import Outcome, Reason, SnapshotId
from linkshot.ports import Delivery, Message
from linkshot.wiring import open_app
from tests.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]

PATIENCE_S = 60.0


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    settings = Settings(
        data=tmp_path, allow_networks=("127.0.0.0/8",), host_gap_s=0.1, host_gap_factor=0.0,
        load_timeout_s=3, disk_floor_bytes=0,
    )  # fmt: skip
    opened = open_app(settings)
    yield opened
    opened.close()


class Worker:
    """`python -m crawler` beside the test."""

    def __init__(self, app: App, **environment: str) -> None:
        self.app = app
        read_end, self.pipe = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "crawler", "--parent-fd", str(read_end)],
            env=os.environ | settings_env(app.settings) | environment,
            pass_fds=(read_end,),
            start_new_session=True,
        )
        os.close(read_end)
        self._seen: set[psutil.Process] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.pipe >= 0:
            os.close(self.pipe)
        self.process.wait(PATIENCE_S)

    def family(self) -> set[psutil.Process]:
        """Every process that it started so far."""
        self._seen |= set(psutil.Process(self.process.pid).children(recursive=True))
        return self._seen

    def end(self) -> int:
        """SIGTERM; its exit code."""
        self.family()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)

    def left(self) -> list[psutil.Process]:
        """What still runs of it after a moment."""
        return psutil.wait_procs(self._seen, timeout=5)[1]


def request(url: str, **more: object) -> SnapshotRequested:
    """As dispatch sends it."""
    key = urls.identity(url)
    return SnapshotRequested(
        request_id=SnapshotId(str(uuid_utils.uuid7())),
        link_id=urls.link_id(key),
        url=url,
        host="127.0.0.1",
        reason=Reason.ADD,
        **more,  # type: ignore[arg-type]
    )


def send(app: App, *requests: SnapshotRequested) -> None:
    """Onto the queue."""
    app.queue.publish(REQUESTS, [Message(key=one.host, value=one.encode()) for one in requests])


def receive(app: App, topic: str, count: int) -> list[Delivery]:
    """So many messages of a topic, all settled."""
    subscription = app.queue.subscribe([topic], "test", 100)
    found: list[Delivery] = []
    until = time.monotonic() + PATIENCE_S
    while len(found) < count and time.monotonic() < until:
        found += subscription.take(0.5)
    for delivery in found:
        subscription.settle(delivery)
    subscription.close()
    return found


def results(app: App, count: int) -> dict[str, SnapshotFinished]:
    """By request id."""
    decoded = [SnapshotFinished.decode(one.value) for one in receive(app, RESULTS, count)]
    return {one.request_id: one for one in decoded}


def test_a_request_comes_back_as_a_stored_snapshot(app: App, site: Site) -> None:
    asked = request(site.url("/zh/article"))
    send(app, asked)
    with Worker(app) as worker:
        finished = results(app, 1)[asked.request_id]
        assert worker.end() == Exit.OK
    assert finished.outcome is Outcome.STORED
    assert "修表铺" in (finished.title or "")
    assert app.store.stat(finished.manifest or "")
    assert app.store.stat(attempt_key(asked.request_id)) is None
    assert app.queue.backlog(REQUESTS, "crawl") == 0
    assert worker.left() == []


def test_good_and_hostile_pages_all_end(app: App, site: Site) -> None:
    pages = ("/en/article", "/script-loop", "/redirect-loop", "/pdf", "/404", "/empty-reply")
    asked = {path: request(site.url(path)) for path in pages}
    send(app, *asked.values())
    with Worker(app) as worker:
        found = results(app, len(pages))
        worker.end()
    outcomes = {path: found[one.request_id].outcome for path, one in asked.items()}
    assert outcomes == {
        "/en/article": Outcome.STORED,
        "/script-loop": Outcome.STORED,
        "/redirect-loop": Outcome.FAILED,
        "/pdf": Outcome.STORED,
        "/404": Outcome.STORED,
        "/empty-reply": Outcome.FAILED,
    }
    assert list(app.store.list("attempts/")) == []


def test_a_message_nobody_can_read_is_set_aside_and_the_next_goes_on(app: App, site: Site) -> None:
    asked = request(site.url("/en/article"))
    app.queue.publish(REQUESTS, [Message(key="k", value=b"\xff nonsense")])
    send(app, asked)
    with Worker(app) as worker:
        assert asked.request_id in results(app, 1)
        letter = DeadLetter.decode(receive(app, DEAD, 1)[0].value)
        worker.end()
    assert letter.reason == "message.undecodable"
    assert letter.topic == REQUESTS
    assert app.queue.backlog(REQUESTS, "crawl") == 0


def test_a_bare_submission_on_the_wrong_topic_is_passed_on(app: App) -> None:
    app.queue.publish(
        REQUESTS, [Message(key="k", value=b'{"url":"https://a.example/","tags":["x"]}')]
    )
    with Worker(app) as worker:
        passed = Submission.decode(receive(app, SUBMISSIONS, 1)[0].value)
        worker.end()
    assert (passed.url, passed.tags) == ("https://a.example/", ("x",))
    assert app.queue.backlog(REQUESTS, "crawl") == 0


def test_an_address_of_a_private_network_is_not_visited(app: App) -> None:
    asked = request("http://10.0.0.1/")
    send(app, asked)
    with Worker(app) as worker:
        finished = results(app, 1)[asked.request_id]
        worker.end()
    assert finished.error is not None
    assert finished.error.kind == "address_blocked"


def test_a_snapshot_that_exists_is_announced_again_without_a_visit(app: App, site: Site) -> None:
    asked = request(site.url("/changing"))
    send(app, asked)
    with Worker(app) as worker:
        first = results(app, 1)[asked.request_id]
        site.requests.clear()
        send(app, asked)
        again = results(app, 1)[asked.request_id]
        worker.end()
    assert again == first
    assert site.requests == []


def test_a_worker_that_was_killed_loses_nothing(app: App, site: Site, tmp_path: Path) -> None:
    asked = request(site.url("/en/article"))
    send(app, asked)
    with Worker(app, LINKSHOT_FAILPOINTS="after-visit:kill@1") as worker:
        assert worker.process.wait(PATIENCE_S) == -signal.SIGKILL
    assert app.store.stat(attempt_key(asked.request_id)) is not None
    with Worker(app) as worker:
        assert results(app, 1)[asked.request_id].outcome is Outcome.STORED
        worker.end()
    assert app.store.stat(attempt_key(asked.request_id)) is None


def test_a_request_that_kills_the_worker_again_and_again_is_poison(app: App, site: Site) -> None:
    asked = request(site.url("/en/article"))
    send(app, asked)
    for _ in range(4):
        with Worker(app, LINKSHOT_FAILPOINTS="before-visit:kill@1") as worker:
            assert worker.process.wait(PATIENCE_S) == -signal.SIGKILL
    with Worker(app) as worker:
        finished = results(app, 1)[asked.request_id]
        letter = DeadLetter.decode(receive(app, DEAD, 1)[0].value)
        worker.end()
    assert finished.error is not None
    assert finished.error.kind == "crash"
    assert (letter.reason, letter.attempts) == ("visit.lost", 3)
    assert site.requests == []


def test_a_worker_whose_parent_dies_leaves_no_browser(app: App, site: Site) -> None:
    send(app, request(site.url("/en/article")))
    with Worker(app) as worker:
        results(app, 1)
        assert any("chrom" in one.name() or "headless" in one.name() for one in worker.family())
        os.close(worker.pipe)
        worker.pipe = -1
        assert worker.process.wait(PATIENCE_S) == Exit.PARENT_GONE
    assert worker.left() == []


def test_a_visit_that_does_not_end_in_time_is_given_back_when_the_worker_stops(
    app: App, site: Site
) -> None:
    send(app, request(site.url("/stuck-headers")))
    with Worker(app, LINKSHOT_DRAIN_TIMEOUT_S="1") as worker:
        until = time.monotonic() + PATIENCE_S
        while not site.seen("/stuck-headers") and time.monotonic() < until:
            worker.family()
            time.sleep(0.1)
        assert worker.end() == Exit.OK
    assert app.queue.backlog(REQUESTS, "crawl") == 1
    assert list(app.store.list("attempts/")) == []
    assert worker.left() == []


def test_without_a_browser_the_worker_says_so(app: App) -> None:
    with Worker(app, LINKSHOT_BROWSER="/no/such/browser") as worker:
        assert worker.process.wait(PATIENCE_S) == Exit.CONFIG
