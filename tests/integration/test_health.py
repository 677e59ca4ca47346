"""Health is answered in time whatever hangs, and is not `ok` when something is wrong."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

import httpx
import pytest
from web_client import Client
from web_shelf import TEXT, kept_link, stored_snapshot

from linkshot.app import App, Openers
from linkshot.cli.doctor import _disk, _members
from linkshot.domain.messages import LINKS, REQUESTS, RESULTS, SUBMISSIONS
from linkshot.domain.storage_layout import blob_key
from linkshot.errors import CatalogueUnavailable, ConfigError, QueueUnavailable, StoreUnavailable
from linkshot.maintenance.health import Health
from linkshot.system.config import load_settings
from linkshot.use_cases.damaged_objects import CheckedObject, record_checked
from linkshot.wiring import open_app
from tests.failing import with_parts
from tests.silent import silence

PASSWORD = {"Authorization": "Basic YTpvcGVuIHNlc2FtZQ=="}
IN_TIME_S = 20.0
"""Real clients of silent servers have timeouts of their own, which only real time shows. Ours is two seconds;
what hangs would never answer."""
ENDED_S = 30.0


class Hanging:
    """What opens a part, and waits for a server that says nothing until it is let go, at the end of the
    test: whatever is answered before that has not waited for it."""

    def __init__(self) -> None:
        self._gone = threading.Event()
        self._threads: list[threading.Thread] = []

    def __call__(self) -> NoReturn:
        self._threads.append(threading.current_thread())
        self._gone.wait()
        raise StoreUnavailable

    def let_go(self) -> None:
        """Whoever waits is told that it is gone."""
        self._gone.set()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    made = Hanging()
    yield made
    made.let_go()


@pytest.fixture
def hanging_app(tmp_path: Path, hanging: Hanging) -> Iterator[App]:
    """Nothing of it answers; a password is set."""
    password = "open sesame"
    settings = load_settings(data=tmp_path / "data", health_timeout_s=0.2, password=password)
    app = open_app(settings)
    app.openers = Openers(catalogue=hanging, queue=hanging, store=hanging, index=hanging)
    yield app
    app.close()


def test_parts_that_hang_are_told_and_threads_do_not_pile_up(hanging_app: App) -> None:
    before = set(threading.enumerate())
    health = Health(hanging_app)
    reports = [health.report() for _ in range(50)]
    assert {one.status for one in reports} == {"down"}
    assert {one.part: (one.code, one.detail) for one in reports[-1].parts} == {
        part: (code, "It did not answer within 0.2 s.")
        for part, code in (
            ("catalogue", "catalogue.unavailable"), ("queue", "queue.unavailable"),
            ("store", "store.unavailable"), ("index", "search.unavailable"),
        )
    }  # fmt: skip
    assert len(set(threading.enumerate()) - before) == 4


@pytest.mark.parametrize("headers", [{}, PASSWORD, {"Cookie": "linkshot_session=x"}])
def test_who_cannot_be_known_is_told_that_it_is_down_and_no_more(
    hanging_app: App, headers: dict[str, str]
) -> None:
    answer = Client(hanging_app).get("/api/v1/health", headers=headers)
    assert answer.status_code == 503
    assert answer.json()["status"] == "down"
    assert (answer.json()["parts"], answer.json()["problems"]) == ({}, [])


def test_a_part_that_hangs_while_it_is_opened_delays_no_other(app: App, hanging: Hanging) -> None:
    app.openers = replace(app.openers, store=hanging)
    Health(app, timeout_s=0.01).report()
    opened = [app.catalogue, app.queue, app.index]
    report = Health(app, timeout_s=3.0).report()
    assert {one.part: one.code for one in report.parts} == {
        "catalogue": "ok", "queue": "ok", "store": "store.unavailable", "index": "ok"
    }  # fmt: skip
    assert (report.status, len(opened)) == ("degraded", 3)


def test_the_web_of_silent_servers_says_so_in_time_and_ends_when_told(tmp_path: Path) -> None:
    """Four servers that take connections and never say a word, and the real clients of them."""
    with silence() as port, web_process(tmp_path, urls_of(port)) as (address, process):
        for _ in range(3):
            answer = httpx.get(f"{address}api/v1/health", timeout=IN_TIME_S)
            assert (answer.status_code, answer.json()["status"]) == (503, "down")
        assert {one["part"] for one in answer.json()["problems"]} == set(answer.json()["parts"])
        assert "127.0.0.1" not in answer.text
        process.send_signal(signal.SIGTERM)
        assert process.wait(ENDED_S) == 0
        # on a slow machine Kafka's client has time to say that it waits no longer for the server
        assert [one for one in process.stderr if "Kafka" not in one] == []


def urls_of(port: int) -> dict[str, str]:
    return {
        "LINKSHOT_CATALOGUE": f"postgresql+psycopg://u@127.0.0.1:{port}/db",
        "LINKSHOT_QUEUE": f"kafka://127.0.0.1:{port}",
        "LINKSHOT_STORE": f"s3+http://k:secret@127.0.0.1:{port}/bucket",
        "LINKSHOT_INDEX": f"elasticsearch+http://127.0.0.1:{port}",
    }


@contextmanager
def web_process(
    folder: Path, urls: dict[str, str]
) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """A real `linkshot web`: its address and the process."""
    words = [sys.executable, "-m", "linkshot", "--data", str(folder), "web", "--port", "0"]
    process = subprocess.Popen(
        words, env=os.environ | urls, text=True, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    try:
        said = ""
        while "linkshot is at " not in said:
            said = process.stderr.readline()
            assert said, "it ended"
        yield said.split()[-1], process
    finally:
        process.kill()
        process.communicate()


def test_a_mistake_in_one_part_is_told_of_that_part(app: App) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    app.openers = replace(app.openers, index=broken)
    report = Health(app).report()
    assert [one.part for one in report.parts if one.code != "ok"] == ["index"]
    assert Health(app).report().status == "degraded"


def test_all_is_well(app: App) -> None:
    body = Client(app).get("/api/v1/health").json()
    assert (body["status"], set(body["parts"].values()), body["problems"]) == ("ok", {"ok"}, [])


def test_a_damaged_object_is_no_ok(app: App) -> None:
    link = kept_link(app)
    stored_snapshot(app, link)
    key = blob_key(sha256(TEXT.encode()).hexdigest())
    record_checked(
        app, [CheckedObject(link_id=link.link_id, key=key, role="text", fault="content")]
    )
    web = Client(app, **{"Accept-Language": "zh-CN"})
    body = web.get("/api/v1/health").json()
    assert (body["status"], body["parts"]["store"]) == ("degraded", "store.damaged")
    assert body["problems"][0]["detail"] == "Damaged objects: 1; `linkshot verify` lists them."
    assert "有些存储的文件已损坏" in web.get("/jobs").text


class Fewer:
    """A queue that lost a topic."""

    def __init__(self, queue: object) -> None:
        self._queue = queue

    def topic_ids(self, topics: tuple[str, ...]) -> dict[str, str]:
        return {topic: "x" for topic in topics if topic != LINKS}

    def __getattr__(self, name: str) -> object:
        return getattr(self._queue, name)


def test_a_missing_topic_is_no_ok(app: App) -> None:
    body = Client(with_parts(app, queue=Fewer(app.queue))).get("/api/v1/health").json()
    assert (body["status"], body["parts"]["queue"]) == ("degraded", "queue.topics_missing")
    assert "linkshot.links" in body["problems"][0]["detail"]


def test_a_part_that_cannot_be_opened_is_away(app: App) -> None:
    def broken() -> None:
        raise ConfigError("a setting cannot work")

    app.openers = replace(app.openers, queue=broken)
    report = Health(app).report()
    assert (report.parts[1].code, report.status) == ("queue.unavailable", "degraded")


def test_without_its_catalogue_it_is_down(app: App) -> None:
    def broken() -> None:
        raise CatalogueUnavailable("it is away")

    app.openers = replace(app.openers, catalogue=broken)
    answer = Client(app).get("/api/v1/health")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["problems"][0]["code"] == "catalogue.unavailable"


@pytest.mark.parametrize(
    ("queue", "store", "status", "word"),
    [
        ("", "", "fail", "disk_floor_bytes"),
        ("", "s3+http://k:s@127.0.0.1:1/b", "ok", ""),
        ("kafka://127.0.0.1:1", "s3+http://k:s@127.0.0.1:1/b", "ok", "servers"),
    ],
    ids=["embedded", "with an S3 store", "servers"],
)
def test_doctor_names_the_disk_floor_only_where_it_acts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, queue: str, store: str, status: str, word: str
) -> None:
    monkeypatch.setattr("linkshot.cli.doctor.LOW_DISK_BYTES", 0)
    catalogue = "postgresql+psycopg://u@127.0.0.1:1/db" if queue else ""
    settings = load_settings(
        data=tmp_path, queue=queue, store=store, catalogue=catalogue, disk_floor_bytes=10**18
    )
    found = _disk(settings)
    assert (found.status, word in found.detail) == (status, True)
    assert ("floor" in found.detail) == (status == "fail")


def test_doctor_tells_the_members_of_each_role(app: App) -> None:
    joined = [app.queue.subscribe([SUBMISSIONS, RESULTS], "catalogue", 1)]
    joined += [app.queue.subscribe([REQUESTS], "crawl", 1) for _ in range(2)]
    said = {one.what: (one.status, one.detail) for one in _members(app)}
    for one in joined:
        one.close()
    assert said == {
        "dispatch role": ("ok", "1 running"),
        "index role": ("warn", "nobody; start `linkshot index`"),
        "crawl role": ("ok", "2 running"),
    }


def test_doctor_says_when_it_cannot_see_the_roles(app: App) -> None:
    def away() -> None:
        raise QueueUnavailable

    app.openers = replace(app.openers, queue=away)
    assert {one.detail for one in _members(app)} == {"not known: the queue does not answer"}
