"""Well-formed messages that no role wrote: no visit, no manifest, no row, no document."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from crawler.queue.visit_coordinator import VisitCoordinator
from crawler.watchdog import Watchdog
from indexer.run import Indexer
from linkshot.app import App, utc_now
from linkshot.catalogue.snapshots import snapshots
from linkshot.dispatch.catalogue_consumer import CatalogueConsumer
from linkshot.domain.manifest import Manifest
from linkshot.domain.messages import (
    LINKS,
    REQUESTS,
    RESULTS,
    LinkChanged,
    SnapshotFinished,
    SnapshotRequested,
)
from linkshot.domain.model import LinkId, NewLink, Outcome, Reason, SnapshotId
from linkshot.domain.storage_layout import SNAPSHOTS_PREFIX
from linkshot.maintenance.gc import collect
from linkshot.maintenance.verify import verify
from linkshot.ports import Message
from linkshot.system.config import Settings
from linkshot.use_cases import links
from tests.fleet import all_settled, fleet, opened
from tests.site import Site

NOBODY = LinkId("f" * 32)
REQUEST = SnapshotId("0190b0d0-0000-7000-8000-00000000000f")
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def request(url: str, link_id: LinkId = NOBODY) -> SnapshotRequested:
    return SnapshotRequested(
        request_id=REQUEST, link_id=link_id, url=url, host="a.example", reason=Reason.MANUAL
    )


def result(link_id: LinkId = NOBODY, request_id: SnapshotId = REQUEST) -> SnapshotFinished:
    return SnapshotFinished(
        request_id=request_id, link_id=link_id, url="https://a.example/", outcome=Outcome.STORED,
        reason=Reason.ADD, started_at=NOON, finished_at=NOON, title="forged",
    )  # fmt: skip


def change(link_id: LinkId = NOBODY) -> LinkChanged:
    return LinkChanged(link_id=link_id, rev=2**60, url="https://a.example/", title="forged")


def publish(app: App, topic: str, *values: bytes) -> None:
    app.queue.publish(topic, [Message(key="a.example", value=value) for value in values])


def forgeries(app: App, topic: str, message: bytes) -> Sequence[bytes]:
    """Without a signature, with one of another topic, and one that was changed afterwards."""
    other = app.keyring.sign(RESULTS if topic != RESULTS else LINKS, message)
    changed = app.keyring.sign(topic, message[:-1] + b',"x":1}').replace(b'"x":1', b'"x":2')
    return message, other, changed


def test_a_forged_request_is_not_visited_and_the_true_one_is(app: App) -> None:
    true = request("https://true.example/").encode()
    forged = forgeries(app, REQUESTS, request("https://forged.example/").encode())
    publish(app, REQUESTS, *forged, app.keyring.sign(REQUESTS, true))

    async def story() -> None:
        watchdog = Watchdog(lambda: None, lambda _: None)
        coordinator = VisitCoordinator(app, lambda: None, watchdog)
        coordinator.start()
        try:
            async with asyncio.timeout(30):
                visit = await coordinator.next()
                await asyncio.gather(*coordinator._background_tasks)
            assert visit.url == "https://true.example/"
            assert coordinator.scheduler.waiting() == []
        finally:
            await coordinator.close()
            watchdog.close()

    asyncio.run(story())
    assert app.queue.backlog(REQUESTS, "crawl") == 1


def test_a_forged_result_makes_no_row_and_moves_no_link(app: App) -> None:
    kept = links.add(app, NewLink(url="https://a.example/")).link
    for message in (result(), result(kept.link_id)):
        publish(app, RESULTS, *forgeries(app, RESULTS, message.encode()))
    publish(app, RESULTS, app.keyring.sign(RESULTS, result().encode()))
    consumer = CatalogueConsumer(app)
    assert consumer.work_once() == 7
    consumer.close()
    with app.catalogue.read() as conn:
        assert conn.execute(sa.select(snapshots)).all() == []
    assert links.get(app, kept.link_id).title == ""


def test_a_forged_announcement_makes_no_document_and_the_true_one_does(app: App) -> None:
    publish(app, LINKS, *forgeries(app, LINKS, change().encode()))
    publish(app, LINKS, app.keyring.sign(LINKS, change(LinkId("0" * 32)).encode()))
    indexer = Indexer(app, 10)
    assert indexer.work_once(1.0) == 4
    indexer.close()
    assert dict(app.index.revisions()) == {"0" * 32: 2**60}


@pytest.mark.browser
@pytest.mark.slow
def test_forged_messages_leave_no_trace_while_every_role_runs(
    place: Settings, tmp_path: Path
) -> None:
    with Site() as site, opened(place) as app, fleet(place, tmp_path) as processes:
        for _ in range(3):
            publish(app, REQUESTS, request(site.url("/forged"), NOBODY).encode())
            publish(app, RESULTS, result().encode())
            publish(app, LINKS, change().encode())
        links.add(app, NewLink(url=site.url("/stable")))
        processes.until(lambda: all_settled(app, 1))
        assert verify(app, deep=True).findings == []
        assert [stat.key for stat in app.store.list(SNAPSHOTS_PREFIX) if NOBODY in stat.key] == []
        assert not any("/forged" in str(asked) for asked in site.requests)


def test_gc_lists_a_manifest_that_the_catalogue_does_not_know_and_leaves_it(app: App) -> None:
    """As a forged request made one before requests were signed, or a restored catalogue sees them."""
    key = f"{SNAPSHOTS_PREFIX}ff/{NOBODY}/{REQUEST}.json"
    app.store.create(key, Manifest(finished=result()).encode())
    assert collect(app).unknown == ()
    app.now = lambda: utc_now() + timedelta(days=2)
    assert collect(app, dry_run=True).unknown == (key,)
    assert collect(app).unknown == (key,)
    assert app.store.stat(key) is not None
