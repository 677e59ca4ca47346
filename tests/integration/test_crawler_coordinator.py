"""Deliveries from arrival to completion: rejected, forwarded, answered at once, and completed exactly once."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.queue import admission
from crawler.queue.admission import PendingVisit
from crawler.queue.visit_coordinator import OutageTracker, ReadyVisit, VisitCoordinator
from crawler.watchdog import Watchdog
from linkshot.app import App
from linkshot.domain.failures import make_failure
from linkshot.domain.messages import (
    DEAD,
    REQUESTS,
    RESULTS,
    SUBMISSIONS,
    DeadLetter,
    SnapshotFinished,
    SnapshotRequested,
    Submission,
    plain_value,
)
from linkshot.domain.model import LinkId, Outcome, Reason, SnapshotId
from linkshot.domain.storage_layout import attempt_key, manifest_key
from linkshot.errors import BrowserUnavailable, InvalidMessage, QueueUnavailable, StoreUnavailable
from linkshot.ports import Delivery, Message
from linkshot.system.config import Settings
from linkshot.wiring import open_app

ASKED = SnapshotRequested(
    request_id=SnapshotId("0190b0d0-0000-7000-8000-000000000001"),
    link_id=LinkId("0" * 32),
    url="https://example.com/a",
    host="example.com",
    reason=Reason.ADD,
)
NOON = datetime(2025, 11, 24, 12, tzinfo=UTC)


def asleep() -> Watchdog:
    """One that ends nothing."""
    return Watchdog(lambda: None, lambda _: None)


def delivery(value: bytes) -> Delivery:
    return Delivery(topic=REQUESTS, key="k", value=value, handle=1, where="linkshot.requests/0@1")


def finished(outcome: Outcome = Outcome.STORED) -> SnapshotFinished:
    return SnapshotFinished(
        request_id=ASKED.request_id, link_id=ASKED.link_id, url=ASKED.url, outcome=outcome,
        reason=ASKED.reason, started_at=NOON, finished_at=NOON, title="t",
    )  # fmt: skip


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    opened = open_app(Settings(data=tmp_path, host_gap_s=0.0, disk_floor_bytes=0))
    yield opened
    opened.close()


def with_coordinator(app: App, story: Callable[[VisitCoordinator], Awaitable[None]]) -> None:
    """Run a story with a coordinator that consumes."""

    async def whole() -> None:
        watchdog = asleep()
        coordinator = VisitCoordinator(app, lambda: None, watchdog)
        coordinator.start()
        try:
            async with asyncio.timeout(30):
                await story(coordinator)
        finally:
            await coordinator.close()
            watchdog.close()

    asyncio.run(whole())


def send(app: App, *values: bytes) -> None:
    sign = app.keyring.sign
    app.queue.publish(REQUESTS, [Message(key="k", value=sign(REQUESTS, one)) for one in values])


def receive(app: App, topic: str, count: int = 1) -> list[bytes]:
    subscription = app.queue.subscribe([topic], "test", 100)
    found: list[Delivery] = []
    while len(found) < count:
        got = subscription.take(10)
        assert got, "nothing came"
        found += got
    for one in found:
        subscription.ack(one)
    subscription.close()
    return [one.value for one in found]


def test_the_host_is_that_of_the_address_whatever_the_message_says() -> None:
    asked = replace(ASKED, host="other.example")
    read = admission.parse_delivery(delivery(asked.encode()), ())
    assert isinstance(read, PendingVisit)
    assert read.host == "example.com"


def test_a_bare_object_with_a_url_is_a_submission() -> None:
    read = admission.parse_delivery(delivery(b'{"url": "https://a.example/", "tags": ["x"]}'), ())
    assert read == Submission(url="https://a.example/", tags=("x",))


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"v": 2, "url": "https://a.example/"}',
        replace(ASKED, link_id=LinkId("../../etc")).encode(),
        replace(ASKED, request_id=SnapshotId("x" * 36)).encode(),
    ],
)
def test_an_unreadable_message_is_invalid(value: bytes) -> None:
    with pytest.raises(InvalidMessage):
        admission.parse_delivery(delivery(value), ())


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("file:///etc/passwd", "bad_url"),
        ("javascript:alert(1)", "bad_url"),
        ("http://0x7f000001/", "address_blocked"),
        ("http://169.254.169.254/", "address_blocked"),
        ("http://localhost:8765/", "address_blocked"),
    ],
)
def test_urls_from_the_queue_are_checked_as_untrusted_input(url: str, kind: str) -> None:
    read = admission.parse_delivery(delivery(replace(ASKED, url=url).encode()), ())
    assert isinstance(read, PendingVisit)
    assert read.rejected is not None
    assert read.rejected.kind == kind


def test_a_snapshot_that_exists_is_announced_again_and_acknowledged(app: App) -> None:
    done = finished()
    stored = json.dumps({"finished": plain_value(done)}).encode()
    app.store.create(manifest_key(ASKED.link_id, ASKED.request_id), stored)
    send(app, ASKED.encode())

    async def story(coordinator: VisitCoordinator) -> None:
        waiting = asyncio.ensure_future(coordinator.next())
        told = SnapshotFinished.decode((await asyncio.to_thread(receive, app, RESULTS))[0])
        assert told == replace(done, manifest_sha256=hashlib.sha256(stored).hexdigest())
        waiting.cancel()

    with_coordinator(app, story)
    assert app.queue.backlog(REQUESTS, "crawl") == 0


def test_a_request_that_comes_too_late_is_deferred(app: App) -> None:
    send(app, replace(ASKED, not_after=NOON).encode())

    async def story(coordinator: VisitCoordinator) -> None:
        waiting = asyncio.ensure_future(coordinator.next())
        result = SnapshotFinished.decode((await asyncio.to_thread(receive, app, RESULTS))[0])
        assert result.outcome is Outcome.DEFERRED
        waiting.cancel()

    with_coordinator(app, story)
    assert app.queue.backlog(REQUESTS, "crawl") == 0


def test_a_completion_acknowledges_once_and_removes_the_mark(app: App) -> None:
    send(app, ASKED.encode())

    async def story(coordinator: VisitCoordinator) -> None:
        visit: ReadyVisit = await coordinator.next()
        assert app.store.stat(attempt_key(ASKED.request_id)) is not None
        visit.completion.ack()
        visit.completion.ack()
        visit.completion.nack()

    with_coordinator(app, story)
    assert app.store.stat(attempt_key(ASKED.request_id)) is None
    assert app.queue.backlog(REQUESTS, "crawl") == 0


def test_a_returned_delivery_is_redelivered_without_a_mark(app: App) -> None:
    send(app, ASKED.encode())

    async def story(coordinator: VisitCoordinator) -> None:
        visit = await coordinator.next()
        coordinator.scheduler.release_host("example.com")
        visit.completion.nack()
        again = await coordinator.next()
        assert again.request == ASKED
        assert not again.isolated

    with_coordinator(app, story)
    assert app.queue.backlog(REQUESTS, "crawl") == 1


def test_a_failure_that_no_pipeline_announced_is_announced_by_the_completion(app: App) -> None:
    send(app, ASKED.encode())

    async def story(coordinator: VisitCoordinator) -> None:
        visit = await coordinator.next()
        visit.completion.fail(make_failure("internal", "pipelines.text: ValueError"))
        result = SnapshotFinished.decode((await asyncio.to_thread(receive, app, RESULTS))[0])
        assert result.error is not None
        assert result.error.kind == "internal"

    with_coordinator(app, story)
    assert app.queue.backlog(REQUESTS, "crawl") == 0


def test_a_silent_visit_is_completed_as_timed_out(app: App) -> None:
    send(app, ASKED.encode())

    async def story(coordinator: VisitCoordinator) -> None:
        visit = await coordinator.next()
        visit.completion.watch(0.01 - app.settings.visit_grace_s)
        result = SnapshotFinished.decode((await asyncio.to_thread(receive, app, RESULTS))[0])
        assert result.error is not None
        assert result.error.kind == "timeout"

    with_coordinator(app, story)


def test_a_request_is_never_open_twice_at_a_time(app: App) -> None:
    send(app, ASKED.encode(), ASKED.encode())

    async def story(coordinator: VisitCoordinator) -> None:
        visit = await coordinator.next()
        coordinator.scheduler.visit_ended("example.com", 0.0)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(coordinator.next(), 0.5)
        assert coordinator.completions.all() == [visit.completion]

    with_coordinator(app, story)


def test_dead_letters_and_submissions_are_acknowledged_and_the_next_visit_starts(app: App) -> None:
    send(app, b"nonsense", b'{"url": "https://a.example/"}', ASKED.encode())

    async def story(coordinator: VisitCoordinator) -> None:
        visit = await coordinator.next()
        letter = DeadLetter.decode((await asyncio.to_thread(receive, app, DEAD))[0])
        assert letter.reason == "message.undecodable"
        await asyncio.to_thread(receive, app, SUBMISSIONS)
        visit.completion.ack()

    with_coordinator(app, story)
    assert app.queue.backlog(REQUESTS, "crawl") == 0


def test_a_draining_coordinator_returns_what_waits(app: App) -> None:
    send(app, ASKED.encode())

    async def story(coordinator: VisitCoordinator) -> None:
        visit = await coordinator.next()
        coordinator.drain()
        visit.completion.nack()
        assert coordinator.scheduler.waiting() == []

    with_coordinator(app, story)
    assert app.queue.backlog(REQUESTS, "crawl") == 1
    assert list(app.store.list("attempts/")) == []


def test_an_outage_pauses_longer_each_time_until_it_is_over() -> None:
    now = [0.0]
    outages = OutageTracker(lambda: now[0])
    assert [outages.failed("store"), outages.failed("store"), outages.failed("queue")] == [1, 2, 4]
    now[0] = 100.0
    outages.succeeded("store")
    assert outages.longest_s() == 100.0
    outages.succeeded("queue")
    assert (outages.longest_s(), outages.failed("store")) == (0.0, 1)


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (StoreUnavailable(), "store"),
        (BrowserUnavailable(), "browser"),
        (QueueUnavailable(), "queue (publishing)"),
        (ValueError("a bug"), "queue (publishing)"),
    ],
    ids=lambda one: one if isinstance(one, str) else type(one).__name__,
)
def test_an_outage_is_that_of_the_part_which_the_error_names(
    app: App, caplog: pytest.LogCaptureFixture, error: Exception, part: str
) -> None:
    async def story() -> None:
        VisitCoordinator(app, lambda: None, asleep()).report_outage(error)

    asyncio.run(story())
    assert [record.part for record in caplog.records if hasattr(record, "part")] == [part]


def test_a_worker_whose_store_stays_unavailable_leaves(app: App) -> None:
    async def story() -> None:
        left: list[bool] = []
        coordinator = VisitCoordinator(app, lambda: left.append(True), asleep())
        coordinator.outages = OutageTracker(iter([0.0, 1.0, 400.0, 401.0]).__next__)
        coordinator.report_outage(StoreUnavailable())
        assert left == []
        coordinator.report_outage(StoreUnavailable())
        assert left == [True]

    asyncio.run(story())


def test_a_worker_is_idle_with_one_visit_and_busy_with_two(app: App) -> None:
    other = replace(ASKED, request_id=SnapshotId("0190b6e0-0000-7000-8000-0000000000aa"))
    other = replace(other, url="https://other.example/", host="other.example")
    send(app, ASKED.encode())

    async def story(coordinator: VisitCoordinator) -> None:
        await coordinator.next()
        assert coordinator.is_idle()
        await asyncio.to_thread(send, app, other.encode())
        await coordinator.next()
        assert not coordinator.is_idle()

    with_coordinator(app, story)
