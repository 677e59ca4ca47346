"""What is lost on the queue is sent again: topics that were deleted, offsets that went ahead."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from indexer.run import Indexer
from linkshot.app import App
from linkshot.catalogue.links import links as table
from linkshot.catalogue.meta import get_meta
from linkshot.dispatch import lost_messages, outbox, request_publisher
from linkshot.dispatch.catalogue_consumer import CatalogueConsumer
from linkshot.dispatch.index_comparison import IndexComparison
from linkshot.domain.messages import LINKS, REQUESTS, RESULTS, TOPICS, SnapshotRequested
from linkshot.domain.model import NewLink
from linkshot.ports import Message
from linkshot.system.config import Settings
from linkshot.use_cases import links
from linkshot.use_cases.jobs import INDEXED_UNTIL
from linkshot.use_cases.trash import remove
from linkshot.wiring import open_app


class Clock:
    """Stands still until it is moved."""

    at = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(settings: Settings, clock: Clock) -> Iterator[App]:
    opened = open_app(settings, clock)
    lost_messages.check(opened)
    yield opened
    opened.close()


def sent(app: App, url: str = "https://a.example/") -> str:
    """Id of the open request of a new link that was sent."""
    link = links.add(app, NewLink(url=url)).link
    request_publisher.publish_due(app, "me")
    return open_request(app, link.link_id)


def open_request(app: App, link_id: str) -> str:
    with app.catalogue.read() as conn:
        query = sa.select(table.c.open_request_id).where(table.c.link_id == link_id)
        return str(conn.execute(query).scalar())


def drain(app: App, topic: str, group: str) -> list[bytes]:
    """Take and acknowledge everything, without doing anything about it."""
    member = app.queue.subscribe([topic], group, 1000)
    found = member.take(0)
    for delivery in found:
        member.ack(delivery)
    member.close()
    return [delivery.value for delivery in found]


def requested(app: App) -> list[str]:
    """Ids of the requests on the queue."""
    return [SnapshotRequested.decode(value).request_id for value in drain(app, REQUESTS, "crawl")]


def lose(app: App) -> None:
    """The queue's file is deleted while it is open."""
    (app.settings.data / "queue.db").unlink()


def test_requests_on_a_topic_that_was_deleted_are_sent_again_under_the_same_id(app: App) -> None:
    request_id = sent(app)
    lose(app)
    assert lost_messages.check(app) == 1
    assert request_publisher.publish_due(app, "me") == 1
    assert requested(app) == [request_id]
    assert lost_messages.check(app) == 0


def test_a_first_look_finds_nothing_lost(settings: Settings, clock: Clock) -> None:
    fresh = open_app(settings, clock)
    sent(fresh)
    assert lost_messages.check(fresh) == 0
    fresh.close()


def test_a_request_that_nobody_works_on_and_nobody_answered_is_sent_again(
    app: App, clock: Clock
) -> None:
    """Committed by hand, dropped as unsigned, swallowed by whatever: nobody has it any more."""
    request_id = sent(app)
    assert requested(app) == [request_id]
    drain(app, RESULTS, "catalogue")
    clock.forward(app.settings.loss_check_s + 1)
    assert lost_messages.check(app) == 1
    request_publisher.publish_due(app, "me")
    assert requested(app) == [request_id]


def test_a_request_that_waits_or_whose_answer_waits_is_not_lost(app: App, clock: Clock) -> None:
    sent(app)
    drain(app, RESULTS, "catalogue")
    clock.forward(60)
    assert lost_messages.check(app) == 0
    requested(app)
    app.queue.publish(RESULTS, [Message(key="k", value=b"the answer")])
    assert lost_messages.check(app) == 0


def test_a_request_that_was_sent_just_now_is_not_lost(app: App, clock: Clock) -> None:
    sent(app)
    requested(app)
    drain(app, RESULTS, "catalogue")
    clock.forward(1)
    assert lost_messages.check(app) == 0


def indexed(app: App) -> list[str]:
    """Index what waits; titles by link of what the index holds then are not needed, only ids."""
    indexer = Indexer(app, 100)
    while indexer.work_once(0):
        pass
    indexer.close()
    return [document_id for document_id, _ in app.index.revisions()]


def edited(app: App) -> tuple[str, int]:
    """A link that is indexed, and then edited and announced while no index runs."""
    link = links.add(app, NewLink(url="https://a.example/")).link
    outbox.publish_changes(app)
    assert indexed(app) == [link.link_id]
    outbox.record_freshness(app)
    links.edit(app, link.link_id, note="later")
    outbox.publish_changes(app)
    return link.link_id, links.get(app, link.link_id).rev


def test_an_announcement_lost_with_its_topic_is_sent_again_and_freshness_waits(
    app: App, clock: Clock
) -> None:
    link_id, rev = edited(app)
    before = meta(app, INDEXED_UNTIL)
    lose(app)
    clock.forward(60)
    drain(app, LINKS, "index")
    outbox.record_freshness(app)
    assert meta(app, INDEXED_UNTIL) == before
    assert lost_messages.check(app) == 1
    outbox.publish_changes(app)
    indexed(app)
    assert app.index.revisions_of([link_id]) == {link_id: rev}
    outbox.record_freshness(app)
    assert meta(app, INDEXED_UNTIL) == clock().isoformat()


def meta(app: App, key: str) -> str | None:
    with app.catalogue.read() as conn:
        return get_meta(conn, key)


def test_an_announcement_that_vanished_without_a_sign_is_found_by_comparing(app: App) -> None:
    link_id, rev = edited(app)
    drain(app, LINKS, "index")
    comparison = IndexComparison(app)
    assert comparison.step() == 1
    outbox.publish_changes(app)
    indexed(app)
    assert app.index.revisions_of([link_id]) == {link_id: rev}
    assert comparison.step() == 0


def test_a_removal_that_vanished_is_found_too(app: App) -> None:
    link_id, _ = edited(app)
    indexed(app)
    remove(app, [link_id])
    outbox.publish_changes(app)
    drain(app, LINKS, "index")
    assert IndexComparison(app).step() == 1
    outbox.publish_changes(app)
    assert indexed(app) == []


def test_what_is_still_on_its_way_to_the_index_is_not_announced_again(app: App) -> None:
    edited(app)
    assert IndexComparison(app).step() == 0


def test_a_link_that_the_index_cannot_take_is_tried_once_more_only(app: App) -> None:
    edited(app)
    comparison = IndexComparison(app)
    for expected in (1, 0, 0):
        drain(app, LINKS, "index")
        assert comparison.step() == expected
        outbox.publish_changes(app)


def test_an_unsigned_announcement_of_an_older_dispatch_is_made_anew(app: App) -> None:
    link_id, rev = edited(app)
    (signed,) = drain(app, LINKS, "index")
    unsigned = signed[: signed.rindex(b',"sig"')] + b"}"
    app.queue.publish(LINKS, [Message(key="k", value=unsigned)])
    indexed(app)
    outbox.publish_changes(app)
    indexed(app)
    assert app.index.revisions_of([link_id]) == {link_id: rev}


def test_an_unsigned_result_of_an_older_worker_has_its_request_sent_again(app: App) -> None:
    request_id = sent(app)
    (value,) = drain(app, REQUESTS, "crawl")
    link_id = SnapshotRequested.decode(value).link_id
    result = (
        f'{{"v":1,"request_id":"{request_id}","link_id":"{link_id}","url":"https://a.example/",'
        '"outcome":"failed","reason":"add","started_at":"2026-03-01T12:00:00Z",'
        '"finished_at":"2026-03-01T12:00:01Z"}'
    )
    app.queue.publish(RESULTS, [Message(key="k", value=result.encode())])
    consumer = CatalogueConsumer(app)
    consumer.work_once()
    consumer.close()
    assert request_publisher.publish_due(app, "me") == 1
    assert requested(app) == [request_id]


def test_every_topic_is_looked_at(app: App) -> None:
    assert set(app.queue.topic_ids(TOPICS)) == set(TOPICS)
