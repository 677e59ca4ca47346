"""What a person who watches `up` reads about visits that failed."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from uuid_utils import uuid7

from linkshot.app import App
from linkshot.dispatch import request_publisher
from linkshot.dispatch.catalogue_consumer import CatalogueConsumer
from linkshot.domain.messages import REQUESTS, RESULTS, SnapshotFinished, SnapshotRequested
from linkshot.domain.model import Failure, NewLink, Outcome, Quality, SnapshotId, Verdict
from linkshot.domain.storage_layout import manifest_key
from linkshot.ports import Message
from linkshot.system.log_config import LineFormatter
from linkshot.use_cases import links, watches

URL = "https://someone:hunter2@site.example/reset/5ecret?token=5ecret"


def visited(app: App, caplog: pytest.LogCaptureFixture, **result: object) -> list[str]:
    """The lines that `up` shows when the first visit of a link ends so."""
    added = links.add(app, NewLink(url=URL)).link
    request_publisher.publish_due(app, "me")
    reading = app.queue.subscribe([REQUESTS], "test", 1)
    asked = SnapshotRequested.decode(reading.take(0.0)[0].value)
    reading.close()
    at = datetime(2026, 3, 1, tzinfo=UTC)
    known = {
        "request_id": asked.request_id, "link_id": added.link_id, "url": asked.url,
        "reason": asked.reason, "started_at": at, "finished_at": at, "outcome": Outcome.FAILED,
    }  # fmt: skip
    return told(app, caplog, SnapshotFinished(**(known | result)))


def told(app: App, caplog: pytest.LogCaptureFixture, finished: SnapshotFinished) -> list[str]:
    app.queue.publish(
        RESULTS, [Message(key=finished.link_id, value=app.keyring.sign(RESULTS, finished.encode()))]
    )
    caplog.set_level(logging.INFO)
    caplog.clear()
    consumer = CatalogueConsumer(app)
    assert consumer.work_once() == 1
    consumer.close()
    return [LineFormatter().format(record).partition(" ")[2] for record in caplog.records]


def failure(kind: str, detail: str = "") -> Failure:
    return Failure(kind=kind, retryable=True, detail=detail)


def test_a_failed_visit_says_of_which_site_why_and_when_again(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    (line,) = visited(app, caplog, error=failure("dns"))
    (link,) = links.by_ids(app, [app_link(app)])
    assert link.due_at is not None
    assert line == (
        f'info A visit failed host="site.example" reason=dns link={link.link_id} '
        f'why="the site\'s name could not be found" next_try="{link.due_at:%Y-%m-%d %H:%M:%S} UTC"'
    )


def test_one_that_is_not_tried_again_is_a_warning(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    (line,) = visited(app, caplog, error=failure("too_large"))
    assert line.startswith("warning A visit failed and is not tried again by itself host=")


def test_a_watch_tries_again(app: App, caplog: pytest.LogCaptureFixture) -> None:
    link = links.add(app, NewLink(url=URL)).link
    watches.set_schedule(app, link.link_id, "2d")
    (line,) = visited(app, caplog, error=failure("too_large"))
    next_at = watches.list_watches(app)[0].next_at
    assert line.endswith(f'next_try="{next_at:%Y-%m-%d %H:%M:%S} UTC"')


@pytest.mark.parametrize(("status", "reason"), [(403, "blocked"), (401, "http_401")])
def test_a_wall_instead_of_the_page_is_a_failure_too(
    app: App, caplog: pytest.LogCaptureFixture, status: int, reason: str
) -> None:
    quality = Quality(verdict=Verdict.BLOCKED)
    stored = {"outcome": Outcome.STORED, "quality": quality, "http_status": status}
    (line,) = visited(app, caplog, manifest=manifest_key("0" * 32, "x"), **stored)
    assert f"reason={reason} http_status={status}" in line.replace('"', "")


def test_nothing_of_the_address_but_its_site_is_said(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    (line,) = visited(app, caplog, error=failure("dns", detail=f"GET {URL}"))
    for secret in ("hunter2", "5ecret", "someone"):
        assert secret not in line


@pytest.mark.parametrize(
    "result",
    [{"outcome": Outcome.STORED, "http_status": 200}, {"outcome": Outcome.DEFERRED}],
    ids=["a page", "put off"],
)
def test_nothing_is_said_where_nothing_failed(
    app: App, caplog: pytest.LogCaptureFixture, result: dict[str, object]
) -> None:
    assert visited(app, caplog, **result) == []


def test_a_result_that_comes_twice_is_told_once(app: App, caplog: pytest.LogCaptureFixture) -> None:
    visited(app, caplog, error=failure("dns"))
    link_id = app_link(app)
    again = SnapshotFinished(
        request_id=links.get(app, link_id).last.snapshot_id,  # type: ignore[union-attr]  # just ended
        link_id=link_id, url=URL, outcome=Outcome.FAILED, reason="add", error=failure("dns"),
        started_at=app.now(), finished_at=app.now() + timedelta(seconds=1),
    )  # fmt: skip
    assert told(app, caplog, again) == []


def test_a_result_for_a_link_nobody_knows_is_told_by_its_id(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    finished = SnapshotFinished(
        request_id=SnapshotId(str(uuid7())), link_id="0" * 32, url=URL, outcome=Outcome.FAILED,
        reason="add", error=failure("dns"), started_at=app.now(), finished_at=app.now(),
    )  # fmt: skip
    (line,) = told(app, caplog, finished)
    assert line == f"warning A result came for an unknown link link_id={'0' * 32}"


def app_link(app: App) -> str:
    """The only link there is."""
    from linkshot.ports import PageRequest
    from linkshot.query import All

    return links.list_links(app, All(), PageRequest(limit=1, facets=False)).items[0].link_id
