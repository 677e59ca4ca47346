"""Health and doctor on the real servers, and on a broker that is stopped and killed."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from linkshot.adapters.queue_kafka import KafkaQueue
from linkshot.app import App
from linkshot.cli.doctor import run_checks
from linkshot.domain.messages import LINKS, REQUESTS, RESULTS, SUBMISSIONS, TOPICS
from linkshot.maintenance.health import Health, Report
from linkshot.system.config import load_settings
from linkshot.wiring import open_app
from tests.cluster.own_broker import Broker, broker
from tests.cluster.test_adapters_kafka import until
from tests.stores import cluster_settings

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
"""kafka-python 3.0.12 leaves the sockets of connections that failed to the garbage collector."""

IN_TIME_S = 10.0
"""For `health_timeout_s`, 2 s, on a machine with other work; it took 13.8 s once. Only a real broker that is
stopped shows it."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with broker(tmp_path_factory.mktemp("own")) as made:
        yield made


@pytest.fixture
def app(tmp_path: Path, own: Broker) -> Iterator[App]:
    """Embedded but for its queue."""
    opened = open_app(load_settings(data=tmp_path / "data"))
    opened.openers = replace(opened.openers, queue=lambda: KafkaQueue.from_url(own.url()))
    yield opened
    opened.close()


def asked(health: Health) -> Report:
    """The report, which comes in time."""
    began = time.monotonic()
    report = health.report()
    assert time.monotonic() - began < IN_TIME_S
    return report


def queue_of(report: Report) -> str:
    return next(one.code for one in report.parts if one.part == "queue")


def test_a_broker_that_stands_still_or_is_killed_is_told_in_time(app: App, own: Broker) -> None:
    health = Health(app)
    assert until(lambda: queue_of(asked(health)) == "queue.topics_missing")
    app.queue.create_topics(TOPICS)
    assert until(lambda: asked(health).status == "ok")
    pid = own._running.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        assert until(lambda: queue_of(asked(health)) == "queue.unavailable")
        assert asked(health).status == "degraded"
    finally:
        os.kill(pid, signal.SIGCONT)
    assert until(lambda: asked(health).status == "ok")
    own.kill()
    assert until(lambda: queue_of(asked(health)) == "queue.unavailable")
    own.start()
    assert until(lambda: asked(health).status == "ok")
    with app.queue._administering() as admin:
        admin.delete_topics([LINKS])
    assert until(lambda: queue_of(asked(health)) == "queue.topics_missing")


def test_doctor_sees_the_roles_of_a_cluster(tmp_path: Path) -> None:
    common = {"data": tmp_path / "data", "disk_floor_bytes": 10**18}
    with cluster_settings(common) as settings, closing(open_app(settings)) as app:
        app.queue.create_topics(TOPICS)
        app.index.count()  # Elasticsearch makes its index, which takes longer than an answer
        joined = [
            app.queue.subscribe([SUBMISSIONS, RESULTS], "catalogue", 1),
            app.queue.subscribe([REQUESTS], "crawl", 1),
        ]

        def they_have_joined() -> bool:
            for one in joined:
                one.take(0.2)
            return app.queue.consumers(REQUESTS, "crawl") == 1

        assert until(they_have_joined)
        found = {one.what: (one.status, one.detail) for one in run_checks(settings)}
        for one in joined:
            one.close()
    assert found["dispatch role"] == found["crawl role"] == ("ok", "1 running")
    assert found["index role"] == ("warn", "nobody; start `linkshot index`")
    assert found["data"][0] == "ok"
    assert "floor" not in found["data"][1]
    servers = ("catalogue", "queue", "store", "index")
    assert [found[part] for part in servers if found[part][0] != "ok"] == []
