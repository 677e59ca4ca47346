"""Dead letters: what is kept of a message, what is listed, sent again, skipped."""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cli_world import CommandLine

from linkshot.adapters.queue_sqlite import SqliteQueue
from linkshot.app import App, utc_now
from linkshot.dispatch.catalogue_consumer import CatalogueConsumer
from linkshot.dispatch.dead_letter_records import record_skipped
from linkshot.domain.messages import DEAD, LINKS, REQUESTS, RESULTS, SUBMISSIONS
from linkshot.domain.storage_layout import DEAD_PREFIX
from linkshot.errors import (
    Conflict,
    InvalidInput,
    MessageRefused,
    QueueUnavailable,
    StoreUnavailable,
)
from linkshot.maintenance.gc import collect
from linkshot.ports import Delivery, Message
from linkshot.system.config import load_settings
from linkshot.use_cases import jobs, links
from linkshot.use_cases.dead_letters import DeadLetterQueue, make_letter, request_skip
from linkshot.wiring import open_app
from tests.failing import Before, with_parts

GARBAGE = b"x" * 3_500_000
GOOD = json.dumps({"url": "https://good.example/"}).encode()


class Choosy(SqliteQueue):
    """A queue that answers, and does not take what is published on some topics."""

    refused: Sequence[str] = ()
    error: QueueUnavailable = MessageRefused()

    def publish(self, topic: str, messages: Sequence[Message]) -> None:
        if topic in self.refused:
            raise self.error
        super().publish(topic, messages)


@pytest.fixture
def choosy(tmp_path: Path) -> Iterator[App]:
    """An App whose queue refuses dead letters."""
    settings = load_settings(data=tmp_path / "data", dead_letter_tries=3)
    plain = open_app(settings)
    queue = Choosy(settings.data / "queue.db")
    queue.refused = [DEAD]
    opened = App(settings=settings, openers=replace(plain.openers, queue=lambda: queue))
    yield opened
    opened.close()
    plain.close()


def delivery(value: bytes, where: str = "linkshot.requests@1") -> Delivery:
    return Delivery(topic=where.split("@")[0], key="k", value=value, handle=1, where=where)


def take_in(app: App) -> None:
    """Everything that waits for dispatch."""
    consumer = CatalogueConsumer(app)
    while consumer.work_once():
        pass
    consumer.close()


def dead_letter_of(app: App, value: bytes = GARBAGE) -> jobs.DeadLetterSummary:
    """As `dead ls` shows it."""
    DeadLetterQueue(app).send(delivery(value), "message.undecodable", "it is no JSON")
    take_in(app)
    (line,) = jobs.dead_letters(app)
    return line


def test_a_message_of_megabytes_is_listed_as_cut_and_kept_whole_in_the_store(app: App) -> None:
    line = dead_letter_of(app)
    assert (line.reason, line.bytes, line.cut) == ("message.undecodable", len(GARBAGE), True)
    assert line.original is not None
    assert app.store.read(line.original) == GARBAGE
    assert GARBAGE.startswith(jobs.dead_letter(app, line.dead_id).value)


def test_a_cut_letter_is_sent_again_whole(app: App) -> None:
    line = dead_letter_of(app)
    assert jobs.requeue(app, [line.dead_id]) == 1
    subscription = app.queue.subscribe([REQUESTS], "test", 1)
    assert [one.value for one in subscription.take(0)] == [GARBAGE]
    subscription.close()


def test_half_a_message_is_never_sent_again(app: App) -> None:
    line = dead_letter_of(app)
    app.store.delete([line.original or ""])
    with pytest.raises(Conflict) as told:
        jobs.requeue(app, [line.dead_id])
    assert told.value.code == "dead.cut"
    assert app.queue.backlog(REQUESTS, "nobody") == 0


@pytest.mark.parametrize("key", ["keys/messages.json", "linkshot.json", "../secret"])
def test_a_letter_by_somebody_else_opens_no_other_object_of_the_store(app: App, key: str) -> None:
    if ".." not in key:
        app.store.put(key, b"secret", "text/plain")
    forged = replace(make_letter(delivery(b"x"), "r", "d"), cut=True, original=key)
    app.queue.publish(DEAD, [Message(key="k", value=forged.encode())])
    take_in(app)
    (line,) = jobs.dead_letters(app)
    with pytest.raises(Conflict):
        jobs.requeue(app, [line.dead_id])


def test_a_letter_for_a_topic_that_is_not_ours_is_not_sent(app: App) -> None:
    forged = replace(make_letter(delivery(b"x"), "r", "d"), topic="payments")
    app.queue.publish(DEAD, [Message(key="k", value=forged.encode())])
    take_in(app)
    with pytest.raises(Conflict) as told:
        jobs.requeue(app, [jobs.dead_letters(app)[0].dead_id])
    assert told.value.code == "dead.topic"


ODD_LETTERS = {
    "no base64": {"value_base64": "%%%"},
    "half a base64": {"value_base64": "abc"},
    "NUL in everything": {"key": "\0", "reason": "\0", "detail": "\0", "topic": "\0"},
    "long words": {"reason": "r" * 500_000, "topic": "t" * 1000, "where": "w" * 1000},
    "a huge count": {"attempts": 10**30, "bytes": 10**30},
    "a count below zero": {"attempts": -1, "bytes": -1},
    "the last year": {"at": "9999-12-31T23:59:59Z"},
    "a hash that is none": {"sha256": "x" * 5000, "cut": True, "original": "x" * 5000},
}


@pytest.mark.parametrize("given", ODD_LETTERS.values(), ids=ODD_LETTERS)
def test_an_odd_letter_is_listed_and_the_next_one_too(kept: App, given: dict[str, object]) -> None:
    plain = json.loads(make_letter(delivery(b"x"), "message.undecodable", "d").encode())
    fine = make_letter(delivery(b"y", "linkshot.requests@2"), "fine", "d").encode()
    values = [json.dumps(plain | given).encode(), fine]
    kept.queue.publish(DEAD, [Message(key="k", value=value) for value in values])
    take_in(kept)
    lines = jobs.dead_letters(kept)
    assert len(lines) == 2
    assert "fine" in [line.reason for line in lines]
    for line in lines:
        jobs.dead_letter(kept, line.dead_id)


def test_the_same_place_with_another_message_is_another_letter(app: App) -> None:
    """Offsets begin anew on a topic that was deleted."""
    for value in (b"a", b"b", b"a"):
        letter = make_letter(delivery(value), "message.undecodable", "d")
        app.queue.publish(DEAD, [Message(key="k", value=letter.encode())])
    take_in(app)
    values = [jobs.dead_letter(app, line.dead_id).value for line in jobs.dead_letters(app)]
    assert sorted(values) == [b"a", b"b"]


@pytest.mark.parametrize("error", [MessageRefused(), QueueUnavailable("no leader")])
def test_a_letter_that_the_queue_refuses_is_kept_in_the_store_and_listed(
    choosy: App, error: QueueUnavailable
) -> None:
    choosy.queue.error = error  # type: ignore[attr-defined]  # Choosy
    dead = DeadLetterQueue(choosy)
    for _ in range(2):
        with pytest.raises(type(error)):
            dead.send(delivery(GARBAGE), "message.undecodable", "no JSON")
    dead.send(delivery(GARBAGE), "message.undecodable", "no JSON")
    assert record_skipped(choosy) == 1
    assert record_skipped(choosy) == 0
    (line,) = jobs.dead_letters(choosy)
    assert (line.where, line.bytes) == ("linkshot.requests@1", len(GARBAGE))
    assert jobs.requeue(choosy, [line.dead_id]) == 1


def test_a_queue_that_is_away_is_no_queue_that_refuses(choosy: App) -> None:
    choosy.queue.close()
    dead = DeadLetterQueue(choosy)
    for _ in range(10):
        with pytest.raises(QueueUnavailable):
            dead.send(delivery(b"x"), "message.undecodable", "no JSON")
    assert list(choosy.store.list(DEAD_PREFIX)) == []


def test_a_submission_whose_dead_letter_is_refused_stops_dispatch_for_some_tries_only(
    choosy: App,
) -> None:
    values = [b"garbage", GOOD]
    choosy.queue.publish(SUBMISSIONS, [Message(key="k", value=value) for value in values])
    consumer = CatalogueConsumer(choosy)
    for _ in range(2):
        with pytest.raises(MessageRefused):
            consumer.work_once()
    assert consumer.work_once() == 2
    consumer.close()
    assert links.get(choosy, "https://good.example/").url == "https://good.example/"


@pytest.mark.parametrize(
    ("topic", "group"), [(SUBMISSIONS, "catalogue"), (RESULTS, "catalogue"), (DEAD, "catalogue")]
)
def test_a_message_is_skipped_unread_when_an_operator_says_so(
    app: App, topic: str, group: str
) -> None:
    app.queue.publish(topic, [Message(key="k", value=GOOD)])
    request_skip(app, f"{topic}@1", "it kills dispatch")
    take_in(app)
    take_in(app)
    (line,) = jobs.dead_letters(app)
    assert (line.where, line.reason, line.detail) == (f"{topic}@1", "skipped", "it kills dispatch")
    assert app.queue.backlog(topic, group) == 0
    assert list(app.store.list("dead/skip/")) == []


def test_an_announcement_is_skipped_too(app: App) -> None:
    from indexer.run import Indexer

    app.queue.publish(LINKS, [Message(key="k", value=b"anything")])
    request_skip(app, f"{LINKS}@1", "it stops the index")
    indexer = Indexer(app, 10)
    assert indexer.work_once(1.0) == 1
    indexer.close()
    take_in(app)
    assert [line.reason for line in jobs.dead_letters(app)] == ["skipped"]


@pytest.mark.parametrize(
    "where",
    ["", "linkshot.requests", "payments/0@1", "linkshot.requests/x@1", "linkshot.requests@"],
)
def test_a_place_that_is_none_is_refused(app: App, where: str) -> None:
    with pytest.raises(InvalidInput) as told:
        request_skip(app, where, "why")
    assert told.value.code == "dead.where"


def test_the_command_line_shows_a_cut_letter_and_requests_a_skip(tmp_path: Path) -> None:
    cli = CommandLine(tmp_path / "data")
    with cli.app() as opened:
        line = dead_letter_of(opened)
    assert "3,500,000 bytes" in cli("dead", "ls").out
    assert "3,500,000 bytes" in cli("dead", "show", line.dead_id).out
    shown = cli("--json", "dead", "show", line.dead_id).json
    assert (shown["cut"], shown["complete"], shown["bytes"]) == (True, True, 3_500_000)
    assert base64.b64decode(shown["value_base64"]).startswith(b"xxx")
    assert "set aside" in cli("dead", "skip", "linkshot.requests@9", "--because", "why").out
    assert cli("--json", "dead", "skip", "elsewhere").error["code"] == "dead.where"


@pytest.mark.parametrize(("stored", "complete"), [(GARBAGE, True), (b"x", False), (None, False)])
def test_a_message_that_another_role_has_just_stored_is_kept_whole(
    app: App, stored: bytes | None, complete: bool
) -> None:
    def refuse(method: str, key: str = "", *_: object) -> None:
        if method == "put" and key.startswith(DEAD_PREFIX):
            if stored is not None:
                app.store.put(key, stored, "application/octet-stream")
            raise StoreUnavailable("busy")

    refusing = with_parts(app, store=Before(app.store, refuse))
    DeadLetterQueue(refusing).send(delivery(GARBAGE), "message.undecodable", "it is no JSON")
    take_in(app)
    (line,) = jobs.dead_letters(app)
    assert (line.cut, line.complete) == (True, complete)


def test_gc_takes_messages_that_are_older_than_their_letters(app: App) -> None:
    line = dead_letter_of(app)
    collect(app)
    assert app.store.stat(line.original or "") is not None
    app.now = lambda: utc_now() + timedelta(days=91)
    collect(app)
    assert list(app.store.list(DEAD_PREFIX)) == []
