"""What is said of visits on the real servers: who works is told by Kafka's groups, visits by marks in MinIO."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.queue import attempt_marks
from linkshot.app import App
from linkshot.dispatch import request_publisher
from linkshot.domain.messages import REQUESTS, SnapshotRequested
from linkshot.domain.model import Link, NewLink
from linkshot.errors import IndexUnavailable
from linkshot.system.config import Settings
from linkshot.use_cases import jobs, links, search, visit_status
from linkshot.wiring import open_app
from tests.cluster.conftest import CLOSED_PORT, SOON_S
from tests.stores import cluster_settings

pytestmark = pytest.mark.cluster

PATIENCE_S = 60.0


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    with cluster_settings({"data": tmp_path / "data"}) as found:
        yield found


@pytest.fixture
def app(settings: Settings) -> Iterator[App]:
    with closing(open_app(settings)) as opened:
        yield opened


def three_of_one_host(app: App) -> list[Link]:
    return [links.add(app, NewLink(url=f"https://one.example/{n}")).link for n in range(3)]


def stages(app: App, asked: list[Link]) -> list[str]:
    now = links.by_ids(app, [one.link_id for one in asked])
    found = visit_status.of_links(app, now)
    return [found[one.link_id].stage.value for one in asked]


def until(done: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not done() and time.monotonic() < deadline:
        threading.Event().wait(0.1)
    return done()


def is_searched(app: App) -> bool:
    """A new index answers 503 until its shard has started."""
    try:
        return search.find(app, "快照").total == 0
    except IndexUnavailable:
        return False


def test_a_link_waits_for_a_worker_then_for_its_host_or_is_visited(app: App) -> None:
    asked = three_of_one_host(app)
    request_publisher.publish_due(app, "me")
    assert until(lambda: stages(app, asked) == ["waiting_for_worker"] * 3)
    with closing(app.queue.subscribe([REQUESTS], "crawl", 10)) as worker:
        taken: list[SnapshotRequested] = []
        assert until(
            lambda: (
                taken.extend(SnapshotRequested.decode(d.value) for d in worker.take(0.2))
                or len(taken) == 3
            )
        )
        assert until(
            lambda: stages(app, asked) == ["queued", "waiting_for_host", "waiting_for_host"]
        )
        attempt_marks.begin(app.store, taken[0].request_id)
        assert until(
            lambda: stages(app, asked) == ["visiting", "waiting_for_host", "waiting_for_host"]
        )
        assert (jobs.overview(app).visiting, jobs.overview(app).workers) == (1, 1)
    assert until(lambda: stages(app, asked) == ["waiting_for_worker"] * 3)


def test_with_kafka_away_nothing_is_claimed_and_nobody_waits_long(
    settings: Settings, app: App
) -> None:
    asked = three_of_one_host(app)
    request_publisher.publish_due(app, "me")
    assert until(lambda: is_searched(app))
    away = replace(settings, queue=f"kafka://127.0.0.1:{CLOSED_PORT}")
    with closing(open_app(away)) as cut_off:
        began = time.monotonic()
        assert set(stages(cut_off, asked)) == {"not_known"}
        assert jobs.overview(cut_off).visiting is None
        found = search.find(cut_off, "快照").completeness
        assert (found.unvisited, found.unindexed, found.not_running) == (3, None, ())
        assert time.monotonic() - began < SOON_S
