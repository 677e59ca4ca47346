"""The index holds the newest distinct texts of a link that has more than stay searchable."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import uuid_utils

from indexer.document import documents
from indexer.run import Indexer
from linkshot.app import App
from linkshot.dispatch.outbox import publish_changes
from linkshot.dispatch.results import apply_result
from linkshot.domain.manifest import Manifest
from linkshot.domain.messages import LINKS, SnapshotFinished
from linkshot.domain.model import Artifact, Link, NewLink, Outcome, Reason, Role, SnapshotId
from linkshot.domain.storage_layout import blob_key, manifest_key
from linkshot.maintenance import rebuild
from linkshot.maintenance.verify import verify
from linkshot.ports import Message
from linkshot.use_cases import links
from tests.contract.adapters import INDEXES, closing, params

START = datetime(2026, 1, 1, tzinfo=UTC)
TEXTS = [f"第 {n} 版 version {n}" for n in range(53)]
STAY = {sha256(text.encode()).hexdigest() for text in TEXTS[3:]}


@pytest.fixture(autouse=True, params=params(INDEXES))
def _index_of_each_kind(app: App, request, tmp_path, cluster_urls) -> Iterator[None]:
    for opener in closing(INDEXES[request.param](tmp_path, cluster_urls)):
        app.openers = replace(app.openers, index=opener)
        yield


@pytest.fixture
def link(app: App) -> Link:
    return links.add(app, NewLink(url="https://example.com/a")).link


def snapshot(app: App, link: Link, number: int) -> None:
    """The page said TEXTS[number] that many hours after START."""
    data, at = TEXTS[number].encode(), START + timedelta(hours=number)
    digest, request_id = sha256(data).hexdigest(), SnapshotId(str(uuid_utils.uuid7()))
    finished = SnapshotFinished(
        request_id=request_id, link_id=link.link_id, url=link.url, outcome=Outcome.STORED,
        reason=Reason.SCHEDULE, started_at=at, finished_at=at, http_status=200, text_sha256=digest,
        manifest=manifest_key(link.link_id, request_id),
        artifacts=(
            Artifact(
                role=Role.TEXT, name="text.txt", key=blob_key(digest), media_type="text/plain",
                bytes=len(data), sha256=digest,
            ),
        ),
    )  # fmt: skip
    app.store.put(blob_key(digest), data, "text/plain")
    app.store.create(str(finished.manifest), Manifest(finished=finished).encode())
    apply_result(app, finished)


def announced(app: App) -> list[bytes]:
    """What was said about links since the last time, as it stands on the queue."""
    publish_changes(app)
    reading = app.queue.subscribe([LINKS], "test", 100)
    deliveries = reading.take(0)
    for delivery in deliveries:
        reading.ack(delivery)
    reading.close()
    return [delivery.value for delivery in deliveries]


@pytest.fixture
def say(app: App) -> Iterator[Callable[[list[bytes]], None]]:
    """Publish messages and index them one after the other."""
    indexer = Indexer(app, 1)

    def said(values: list[bytes]) -> None:
        app.queue.publish(LINKS, [Message(key="one", value=value) for value in values])
        while indexer.work_once(0):
            pass

    app.queue.subscribe([LINKS], "test", 1).close()
    yield said
    indexer.close()


def held(app: App) -> set[str]:
    """Hashes of the texts that the index holds."""
    return {doc.rpartition(":")[2] for doc, _ in app.index.revisions() if ":" in doc}


def test_exactly_the_newest_fifty_texts_stay(app, link, say):
    for number in range(len(TEXTS)):
        snapshot(app, link, number)
        if number in (48, 49, 50, 52):
            say(announced(app))
    assert held(app) == STAY
    assert verify(app, deep=True).findings == []
    rebuild.rebuild_index(app, documents, lambda _what, _count: None)
    assert held(app) == STAY
    assert verify(app).findings == []


@pytest.mark.parametrize("seed", range(3))
def test_messages_twice_and_in_any_order_leave_the_newest_fifty(app, link, say, seed):
    said: list[bytes] = []
    for number in range(len(TEXTS)):
        snapshot(app, link, number)
        if number > 46:
            said += announced(app) * 2
    random.Random(seed).shuffle(said)
    say(said)
    assert held(app) == STAY
    assert verify(app).findings == []
