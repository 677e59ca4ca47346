"""Health is answered in time whatever hangs, and is not `ok` when something is wrong."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import pytest
from web_client import Client
from web_shelf import TEXT, kept_link, stored_snapshot

from linkshot.app import App
from linkshot.cli.health import _disk, _members
from linkshot.config import load_settings
from linkshot.damages import Seen, settle
from linkshot.errors import CatalogueUnavailable, ConfigError, QueueUnavailable
from linkshot.health import Health
from linkshot.layout import blob_key
from linkshot.messages import LINKS, REQUESTS, RESULTS, SUBMISSIONS
from linkshot.wiring import open_app
from tests.silent import silence

PASSWORD = {"Authorization": "Basic YTpvcGVuIHNlc2FtZQ=="}
IN_TIME_S = 10.0
"""For a wait of half a second on a machine with other work; a hanging part would take minutes."""


@pytest.fixture
def silent_app(tmp_path: Path) -> Iterator[App]:
    """Four servers that take connections and say nothing."""
    for client in ("elasticsearch", "kafka", "minio", "psycopg"):
        import_module(client)  # their first import is slow, and warns when threads do it at once
    with silence() as port:
        app = open_app(
            load_settings(
                data=tmp_path / "data",
                catalogue=f"postgresql+psycopg://u@127.0.0.1:{port}/db",
                queue=f"kafka://127.0.0.1:{port}",
                store=f"s3+http://k:secret@127.0.0.1:{port}/bucket",
                index=f"elasticsearch+http://127.0.0.1:{port}",
                health_timeout_s=0.5,
                password="open sesame",
            )
        )
        yield app
        app.close()


def test_silent_servers_are_told_in_time_and_threads_do_not_pile_up(silent_app: App) -> None:
    began, before = time.monotonic(), threading.active_count()
    health = Health(silent_app)
    reports = [health.report() for _ in range(20)]
    assert time.monotonic() - began < IN_TIME_S
    assert {one.status for one in reports} == {"down"}
    assert {one.part: one.code for one in reports[-1].parts} == {
        "catalogue": "catalogue.unavailable", "queue": "queue.unavailable",
        "store": "store.unavailable", "index": "search.unavailable",
    }  # fmt: skip
    assert threading.active_count() - before < 10


@pytest.mark.parametrize("headers", [{}, PASSWORD, {"Cookie": "linkshot_session=x"}])
def test_who_cannot_be_known_is_told_that_it_is_down_and_no_more(
    silent_app: App, headers: dict[str, str]
) -> None:
    began = time.monotonic()
    answer = Client(silent_app).get("/api/v1/health", headers=headers)
    assert time.monotonic() - began < IN_TIME_S
    assert answer.status_code == 503
    assert answer.json()["status"] == "down"
    assert (answer.json()["parts"], answer.json()["problems"]) == ({}, [])
    assert "127.0.0.1" not in answer.text


def test_a_silent_server_delays_no_other_part(app: App) -> None:
    with silence() as port:
        silent = load_settings(data=app.settings.data, store=f"s3+http://k:s@127.0.0.1:{port}/b")
        other = open_app(silent)
        health = Health(other, timeout_s=0.5)
        health.report()
        opened = [other.catalogue, other.queue, other.index]
        report = health.report()
        assert {one.part: one.code for one in report.parts} == {
            "catalogue": "ok", "queue": "ok", "store": "store.unavailable", "index": "ok"
        }  # fmt: skip
        assert (report.status, len(opened)) == ("degraded", 3)
        other.close()


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
    settle(app, [Seen(link_id=link.link_id, key=key, role="text", fault="content")])
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
    app._parts["queue"] = Fewer(app.queue)  # type: ignore[assignment]  # the part asked here
    body = Client(app).get("/api/v1/health").json()
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
    monkeypatch.setattr("linkshot.cli.health.LITTLE", 0)
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
