"""From arrival to end: what is refused, passed on, answered at once, and that each ends exactly once."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.failures import failure
from crawler.queue import admission
from crawler.queue.admission import Work
from crawler.queue.visit_coordinator import Desk, Trouble, Turn
from crawler.watchdog import Watchdog
from linkshot.app import App
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
from linkshot.errors import InvalidMessage, StoreUnavailable
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


def at_desk(app: App, story: Callable[[Desk], Awaitable[None]]) -> None:
    """Tell a story at a desk whose inbox is open."""

    async def whole() -> None:
        watchdog = asleep()
        desk = Desk(app, lambda: None, watchdog)
        desk.start()
        try:
            async with asyncio.timeout(30):
                await story(desk)
        finally:
            await desk.close()
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
    read = admission.read(delivery(asked.encode()), ())
    assert isinstance(read, Work)
    assert read.host == "example.com"


def test_a_bare_object_with_an_address_is_a_submission() -> None:
    read = admission.read(delivery(b'{"url": "https://a.example/", "tags": ["x"]}'), ())
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
def test_what_nobody_can_read_is_refused(value: bytes) -> None:
    with pytest.raises(InvalidMessage):
        admission.read(delivery(value), ())


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
def test_addresses_are_checked_again_as_if_from_an_enemy(url: str, kind: str) -> None:
    read = admission.read(delivery(replace(ASKED, url=url).encode()), ())
    assert isinstance(read, Work)
    assert read.refused is not None
    assert read.refused.kind == kind


def test_a_snapshot_that_exists_is_announced_again_and_settled(app: App) -> None:
    done = finished()
    stored = json.dumps({"finished": plain_value(done)}).encode()
    app.store.create(manifest_key(ASKED.link_id, ASKED.request_id), stored)
    send(app, ASKED.encode())

    async def story(desk: Desk) -> None:
        waiting = asyncio.ensure_future(desk.next())
        assert SnapshotFinished.decode((await asyncio.to_thread(receive, app, RESULTS))[0]) == done
        waiting.cancel()

    at_desk(app, story)
    assert app.queue.backlog(REQUESTS, "crawl") == 0


def test_a_request_that_comes_too_late_is_deferred(app: App) -> None:
    send(app, replace(ASKED, not_after=NOON).encode())

    async def story(desk: Desk) -> None:
        waiting = asyncio.ensure_future(desk.next())
        result = SnapshotFinished.decode((await asyncio.to_thread(receive, app, RESULTS))[0])
        assert result.outcome is Outcome.DEFERRED
        waiting.cancel()

    at_desk(app, story)
    assert app.queue.backlog(REQUESTS, "crawl") == 0


def test_an_ending_settles_once_and_removes_the_mark(app: App) -> None:
    send(app, ASKED.encode())

    async def story(desk: Desk) -> None:
        turn: Turn = await desk.next()
        assert app.store.stat(attempt_key(ASKED.request_id)) is not None
        turn.ending.ack()
        turn.ending.ack()
        turn.ending.nack()

    at_desk(app, story)
    assert app.store.stat(attempt_key(ASKED.request_id)) is None
    assert app.queue.backlog(REQUESTS, "crawl") == 0


def test_what_is_given_back_comes_again_without_a_mark(app: App) -> None:
    send(app, ASKED.encode())

    async def story(desk: Desk) -> None:
        turn = await desk.next()
        desk.hosts.unvisited("example.com")
        turn.ending.nack()
        again = await desk.next()
        assert again.work.request == ASKED
        assert not again.prepared.attempt.alone

    at_desk(app, story)
    assert app.queue.backlog(REQUESTS, "crawl") == 1


def test_a_failure_nobody_announced_is_announced_by_the_ending(app: App) -> None:
    send(app, ASKED.encode())

    async def story(desk: Desk) -> None:
        turn = await desk.next()
        turn.ending.fail(failure("internal", "pipelines.text: ValueError"))
        result = SnapshotFinished.decode((await asyncio.to_thread(receive, app, RESULTS))[0])
        assert result.error is not None
        assert result.error.kind == "internal"

    at_desk(app, story)
    assert app.queue.backlog(REQUESTS, "crawl") == 0


def test_the_watch_ends_what_nobody_ends(app: App) -> None:
    send(app, ASKED.encode())

    async def story(desk: Desk) -> None:
        turn = await desk.next()
        turn.ending.watch(0.01 - app.settings.visit_grace_s)
        result = SnapshotFinished.decode((await asyncio.to_thread(receive, app, RESULTS))[0])
        assert result.error is not None
        assert result.error.kind == "timeout"

    at_desk(app, story)


def test_the_same_request_is_never_worked_on_twice_at_a_time(app: App) -> None:
    send(app, ASKED.encode(), ASKED.encode())

    async def story(desk: Desk) -> None:
        turn = await desk.next()
        desk.hosts.visited("example.com", 0.0)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(desk.next(), 0.5)
        assert desk.endings.all() == [turn.ending]

    at_desk(app, story)


def test_dead_letters_and_submissions_are_settled_and_the_next_goes_on(app: App) -> None:
    send(app, b"nonsense", b'{"url": "https://a.example/"}', ASKED.encode())

    async def story(desk: Desk) -> None:
        turn = await desk.next()
        letter = DeadLetter.decode((await asyncio.to_thread(receive, app, DEAD))[0])
        assert letter.reason == "message.undecodable"
        await asyncio.to_thread(receive, app, SUBMISSIONS)
        turn.ending.ack()

    at_desk(app, story)
    assert app.queue.backlog(REQUESTS, "crawl") == 0


def test_a_draining_desk_gives_back_what_waits(app: App) -> None:
    send(app, ASKED.encode())

    async def story(desk: Desk) -> None:
        turn = await desk.next()
        desk.drain()
        turn.ending.nack()
        assert desk.hosts.waiting() == []

    at_desk(app, story)
    assert app.queue.backlog(REQUESTS, "crawl") == 1
    assert list(app.store.list("attempts/")) == []


def test_trouble_pauses_longer_each_time_and_is_forgotten_when_it_is_over() -> None:
    now = [0.0]
    trouble = Trouble(lambda: now[0])
    assert [trouble.note("store"), trouble.note("store"), trouble.note("queue")] == [1, 2, 4]
    now[0] = 100.0
    trouble.fine("store")
    assert trouble.lasts_s() == 100.0
    trouble.fine("queue")
    assert (trouble.lasts_s(), trouble.note("store")) == (0.0, 1)


def test_a_worker_whose_store_stays_away_leaves(app: App) -> None:
    async def story() -> None:
        left: list[bool] = []
        desk = Desk(app, lambda: left.append(True), asleep())
        desk.trouble = Trouble(iter([0.0, 1.0, 400.0, 401.0]).__next__)
        desk.in_trouble(StoreUnavailable())
        assert left == []
        desk.in_trouble(StoreUnavailable())
        assert left == [True]

    asyncio.run(story())
