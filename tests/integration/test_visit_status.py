"""Queued, waiting for its host, waiting for a worker, being visited: each is its own word at every door."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from web_client import Client
from web_shelf import stored_snapshot

from crawler.queue import attempt_marks
from linkshot.app import App
from linkshot.catalogue.meta import set_meta
from linkshot.dispatch import outbox, request_publisher
from linkshot.domain.messages import REQUESTS, RESULTS, SnapshotRequested
from linkshot.domain.model import Link, NewLink
from linkshot.domain.storage_layout import attempt_key
from linkshot.domain.visit_stage import Stage
from linkshot.system import locks
from linkshot.use_cases import jobs, links, visit_status


@pytest.fixture
def app(cli_web: Client) -> App:
    return cli_web.app


@contextmanager
def worker(app: App) -> Iterator[list[SnapshotRequested]]:
    """A member of the group that has taken what is there; and a dispatch."""
    reading = app.queue.subscribe([REQUESTS], "crawl", 100)
    results = app.queue.subscribe([RESULTS], "catalogue", 100)
    yield [SnapshotRequested.decode(delivery.value) for delivery in reading.take(0.0)]
    reading.close()
    results.close()


def kept(app: App, *urls: str) -> list[Link]:
    return [links.add(app, NewLink(url=url)).link for url in urls]


def three_of_one_host(app: App) -> list[Link]:
    return kept(app, *(f"https://one.example/{n}" for n in range(3)))


def stages(app: App, asked: list[Link]) -> list[str]:
    now = links.by_ids(app, [one.link_id for one in asked])
    found = visit_status.of_links(app, now)
    return [found[one.link_id].stage.value for one in asked]


def test_of_three_links_of_a_host_one_is_visited_and_two_wait_for_it(
    app: App, cli, cli_web
) -> None:
    asked = three_of_one_host(app)
    request_publisher.publish_due(app, "me")
    with worker(app) as taken:
        assert stages(app, asked) == ["queued", "waiting_for_host", "waiting_for_host"]
        attempt_marks.begin(app.store, taken[0].request_id)
        assert stages(app, asked) == ["visiting", "waiting_for_host", "waiting_for_host"]
        body = cli("--json", "jobs").json
        assert (body["visiting"], body["workers"], body["not_running"]) == (1, 1, ["index"])
        assert body["hosts"][0]["visiting"] == 1
        said = cli("jobs").out
        assert said.splitlines()[:4:3] == [
            "2 waiting · 1 being visited · 0 later · 0 dead letters",
            "  one.example: 2 waiting, 1 being visited",
        ]
        page = cli_web.get("/").text
        assert (page.count("taking a snapshot…"), page.count(">waiting for its site<")) == (1, 2)
        attempt_marks.end(app.store, taken[0].request_id)
        attempt_marks.begin(app.store, taken[1].request_id)
        assert stages(app, asked)[1:] == ["visiting", "waiting_for_host"]


def test_links_of_other_hosts_are_queued_not_visited(app: App) -> None:
    asked = kept(app, *(f"https://{n}.example/" for n in range(4)))
    request_publisher.publish_due(app, "me")
    with worker(app) as taken:
        attempt_marks.begin(app.store, taken[0].request_id)
        assert sorted(stages(app, asked)) == ["queued", "queued", "queued", "visiting"]


def test_a_mark_that_was_left_behind_is_no_second_visit_of_its_host(app: App, cli, cli_web) -> None:
    asked = three_of_one_host(app)
    request_publisher.publish_due(app, "me")
    with worker(app) as taken:
        attempt_marks.begin(app.store, taken[1].request_id)
        os.utime(
            app.settings.data / "store" / attempt_key(taken[1].request_id), (time.time() - 5,) * 2
        )
        attempt_marks.begin(app.store, taken[0].request_id)
        assert stages(app, asked) == ["visiting", "waiting_for_host", "waiting_for_host"]
        assert "2 waiting · 1 being visited" in cli("jobs").out
        os.utime(app.settings.data / "store" / attempt_key(taken[0].request_id), (0, 0))
        os.utime(app.settings.data / "store" / attempt_key(taken[1].request_id), (0, 0))
        assert stages(app, asked) == ["queued", "waiting_for_host", "waiting_for_host"]
        assert "3 waiting · 0 being visited" in cli("jobs").out


def test_without_a_worker_every_link_waits_for_one_and_says_what_to_start(
    app: App, cli, cli_web
) -> None:
    asked = [*three_of_one_host(app), *kept(app, "https://two.example/")]
    request_publisher.publish_due(app, "me")
    assert stages(app, asked) == ["waiting_for_worker"] * 4
    link_id = asked[0].link_id
    shown = cli("show", link_id).out
    assert (
        "now       waiting for a worker, none is running. "
        "Start `linkshot up`, or `linkshot crawl` where workers belong."
    ) in shown
    assert cli("--json", "show", link_id).json["progress"]["stage"] == "waiting_for_worker"
    said = cli("jobs").out.splitlines()
    assert said[0] == "4 waiting · 0 being visited · 0 later · 0 dead letters"
    assert said[2] == "Nobody is at work on it: start `linkshot up`."
    assert cli("--json", "jobs").json["not_running"] == ["dispatch", "crawl", "index"]
    assert cli_web.get(f"/api/v1/links/{link_id}").json()["progress"] == {
        "stage": "waiting_for_worker", "since": None, "until": None,
    }  # fmt: skip
    body = cli_web.get("/api/v1/jobs").json()
    assert (body["sent"], body["visiting"], body["workers"]) == (4, 0, 0)
    page = cli_web.get("/jobs").text
    assert "Nobody is at work on it: start “linkshot up”." in page
    assert "4 waiting, no worker is running" in page
    one = cli_web.get(f"/links/{link_id}").text
    assert "waiting for a worker, none is running" in one
    assert "Start “linkshot up”, or “linkshot crawl” where workers belong." in one


def test_changes_without_an_indexer_wait_and_it_is_said_what_to_start(
    app: App, cli, cli_web
) -> None:
    kept(app, "https://one.example/", "https://two.example/")
    busy = "2 changes on their way to the search index"
    idle = "wait for the search index"
    assert "2 changes wait for the search index: no indexer is running" in cli("jobs").out
    page = cli_web.get("/jobs").text
    assert "2 changes wait for the search index: no indexer is running" in page
    assert "Nobody is at work on it: start “linkshot up”." in page
    chinese = cli_web.get("/jobs", headers={"Accept-Language": "zh-CN"}).text
    assert "2 项修改等待写入搜索索引：没有正在运行的索引进程" in chinese
    with locks.hold_all(app.settings, locks.ROLES, 0.0):
        said, page = cli("jobs").out, cli_web.get("/jobs").text
        assert (busy in said, busy in page, idle in said + page) == (True, True, False)
        assert cli_web.get("/api/v1/jobs").json()["not_running"] == []


def test_announced_changes_that_nobody_indexes_are_not_known_to_the_index(
    app: App, cli_web
) -> None:
    kept(app, "https://one.example/")
    outbox.publish_changes(app)
    with app.catalogue.write() as conn:
        set_meta(conn, jobs.INDEXED_UNTIL, "2026-11-24T08:00:00+00:00")
    seen = jobs.overview(app)
    assert (seen.unannounced, seen.unindexed) == (0, 1)
    page = cli_web.get("/jobs").text
    assert "1 change waits for the search index: no indexer is running" in page
    assert "knows every change" not in page


def test_a_mark_of_a_worker_that_was_killed_is_no_visit(app: App) -> None:
    asked = three_of_one_host(app)
    request_publisher.publish_due(app, "me")
    with worker(app) as taken:
        attempt_marks.begin(app.store, taken[0].request_id)
    assert set(stages(app, asked)) == {"waiting_for_worker"}
    assert jobs.overview(app).visiting == 0


def test_a_worker_that_is_about_to_join_is_starting(app: App, cli) -> None:
    asked = kept(app, "https://one.example/")
    with locks.hold_all(app.settings, locks.ROLES, 0.0):
        assert stages(app, asked) == ["worker_starting"]
        assert "a worker is starting" in cli("jobs").out


def test_workers_without_a_dispatch_say_that_nobody_hands_links_on(app: App) -> None:
    asked = kept(app, "https://one.example/")
    with locks.hold(app.settings, "crawl"):
        assert stages(app, asked) == ["waiting_for_dispatch"]
        assert jobs.overview(app).not_running == ("dispatch", "index")


def test_a_host_that_asked_for_a_pause_says_until_when(app: App, cli) -> None:
    asked = kept(app, "https://one.example/")
    with app.catalogue.write() as conn:
        conn.exec_driver_sql("UPDATE hosts SET blocked_until = 4102444800000000")
    with locks.hold_all(app.settings, locks.ROLES, 0.0):
        (found,) = visit_status.of_links(app, asked).values()
        assert (found.stage, f"{found.until}") == (
            Stage.WAITING_FOR_HOST, "2100-01-01 00:00:00+00:00",
        )  # fmt: skip
        assert "asked for a pause: until 00:00 UTC" in cli("show", asked[0].link_id).out


def test_where_the_queue_does_not_answer_nobody_claims_to_know(app: App) -> None:
    asked = three_of_one_host(app)
    request_publisher.publish_due(app, "me")
    app.queue.close()
    assert set(stages(app, asked)) == {"not_known"}
    seen = jobs.overview(app)
    assert (seen.visiting, seen.workers, seen.not_running) == (None, None, ())


def test_links_with_nothing_going_on_cost_nothing(app: App) -> None:
    (link,) = kept(app, "https://one.example/")
    request_publisher.publish_due(app, "me")
    with app.catalogue.write() as conn:
        conn.exec_driver_sql("UPDATE links SET open_request_id = NULL, due_at = NULL")
    stored_snapshot(app, link)
    app.queue.close()
    app.store.close()
    assert visit_status.of_links(app, [links.get(app, link.link_id)]) == {}
