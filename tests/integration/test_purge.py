"""What is purged is really gone from the store; what belongs to another snapshot stays."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import uuid_utils
import zstandard

from linkshot.app import App
from linkshot.dispatch import request_publisher, run_dispatch
from linkshot.dispatch.results import apply_result
from linkshot.domain.manifest import Manifest
from linkshot.domain.messages import RESULTS, SnapshotFinished
from linkshot.domain.model import Artifact, Link, NewLink, Outcome, Reason, Role, SnapshotId
from linkshot.domain.storage_layout import (
    ATTEMPTS_PREFIX,
    SNAPSHOTS_PREFIX,
    attempt_key,
    blob_key,
    manifest_key,
)
from linkshot.errors import Damaged, QueueUnavailable
from linkshot.journal import batches
from linkshot.maintenance.gc import collect
from linkshot.maintenance.verify import verify
from linkshot.ports import Message
from linkshot.system.config import Settings
from linkshot.use_cases import links, trash
from linkshot.use_cases.purge import purge_snapshots
from linkshot.wiring import open_app
from tests.failing import Before, with_parts
from tests.fleet import OF_COMMANDS
from tests.stores import cluster_settings, place_names

SECRET, SHARED = "只有这一页 only on this page", "两页都有 on both pages"
NOTE = "不想再看到 never again"


def add(app: App, path: str, **given: str) -> Link:
    """A link that nobody visits."""
    link = links.add(app, NewLink(url=f"https://example.com/{path}", **given)).link
    with app.catalogue.write() as conn:
        conn.exec_driver_sql("UPDATE links SET due_at = NULL")
    return link


def keep(app: App, link: Link, *texts: str) -> SnapshotFinished:
    """The store has a snapshot of these texts; the result is still on its way."""
    request_id, at = SnapshotId(str(uuid_utils.uuid7())), datetime.now(UTC)
    digests = [sha256(text.encode()).hexdigest() for text in texts]
    finished = SnapshotFinished(
        request_id=request_id, link_id=link.link_id, url=link.url, outcome=Outcome.STORED,
        reason=Reason.ADD, started_at=at, finished_at=at, text_sha256=digests[0],
        manifest=manifest_key(link.link_id, request_id), title=texts[0],
        artifacts=tuple(
            Artifact(
                role=Role.TEXT, name=f"{n}.txt", key=blob_key(digest), media_type="text/plain",
                bytes=len(text.encode()), sha256=digest,
            )
            for n, (text, digest) in enumerate(zip(texts, digests, strict=True))
        ),
    )  # fmt: skip
    for text, digest in zip(texts, digests, strict=True):
        app.store.put(blob_key(digest), text.encode(), "text/plain")
    app.store.create(str(finished.manifest), Manifest(finished=finished).encode())
    return finished


@pytest.fixture(params=place_names())
def everywhere(request, settings: Settings) -> Iterator[App]:
    """Embedded, and on the real servers."""
    if request.param == "embedded":
        yield request.getfixturevalue("app")
        return
    with cluster_settings({"data": settings.data}) as there:
        opened = open_app(there)
        yield opened
        opened.close()


@pytest.fixture
def doomed(app: App) -> Link:
    return doomed_in(app)


def doomed_in(app: App) -> Link:
    """A link with one snapshot, its edits in the journal."""
    link = add(app, "doomed", note=NOTE)
    apply_result(app, keep(app, link, SECRET, SHARED))
    batches.write(app)
    return link


def purge(app: App, link: Link) -> None:
    trash.remove(app, [link.link_id])
    assert trash.purge(app, [link.link_id]) == 1


def holds(app: App, text: str) -> bool:
    return app.store.stat(blob_key(sha256(text.encode()).hexdigest())) is not None


def everything_stored(app: App) -> bytes:
    """All bytes of the store, the journal unpacked, and all its keys."""
    pieces = []
    for stat in app.store.list(""):
        data = app.store.read(stat.key)
        if stat.key.startswith("journal/"):
            data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
        pieces += [stat.key.encode(), data]
    return b"\n".join(pieces)


def age(app: App, text: str, **by: float) -> None:
    """Let a blob have been put that long ago."""
    path = app.settings.data / "store" / blob_key(sha256(text.encode()).hexdigest())
    then = (datetime.now(UTC) - timedelta(**by)).timestamp()
    os.utime(path, (then, then))


def assert_well(app: App, *checks: str) -> None:
    """verify finds nothing, but that nobody has told the index."""
    found = {finding.check for finding in verify(app, deep=True).findings}
    assert found - {"V6"} == set(checks)


def test_nothing_of_a_purged_page_stays_in_the_store(everywhere):
    app, doomed = everywhere, doomed_in(everywhere)
    purge(app, doomed)
    assert not holds(app, SECRET)
    assert not holds(app, SHARED)
    assert_well(app)
    collect(app)
    stored = everything_stored(app)
    for trace in (SECRET, SHARED, NOTE, "example.com", "doomed"):
        assert trace.encode() not in stored, trace
    assert doomed.link_id.encode() in stored, "its tombstone"


def test_what_another_snapshot_names_stays(everywhere):
    app, doomed = everywhere, doomed_in(everywhere)
    other = add(app, "other")
    apply_result(app, keep(app, other, SHARED))
    purge(app, doomed)
    assert (holds(app, SECRET), holds(app, SHARED)) == (False, True)
    assert_well(app)


def test_what_a_snapshot_names_whose_result_is_on_its_way_stays(app, doomed):
    other = add(app, "other")
    finished = keep(app, other, SHARED)
    purge(app, doomed)
    assert (holds(app, SECRET), holds(app, SHARED)) == (False, True)
    apply_result(app, finished)
    assert_well(app)


def _asked(app: App) -> None:
    links.add(app, NewLink(url="https://example.com/under-way"))
    assert request_publisher.publish_due(app, "me") == 1


def _marked(app: App) -> None:
    app.store.put(attempt_key("01a20f0a-d58b-72f3-97ce-b2c6ad5dd8dc"), b"{}", "application/json")


def _result_waits(app: App) -> None:
    app.queue.publish(RESULTS, [Message(key="a", value=b"{}")])


def _queue_is_away(app: App) -> None:
    def unavailable(*_: object) -> int:
        raise QueueUnavailable

    app.queue.backlog = unavailable  # type: ignore[method-assign]  # of this test's own queue


@pytest.mark.parametrize(
    "go_on", [_asked, _marked, _result_waits, _queue_is_away], ids=lambda way: way.__name__
)
def test_while_a_visit_may_rely_on_them_young_blobs_wait_for_gc(app, doomed, go_on):
    go_on(app)
    age(app, SHARED, hours=25)
    purge(app, doomed)
    assert (holds(app, SECRET), holds(app, SHARED)) == (True, False)
    assert_well(app, *(["V5"] if go_on is _marked else []))
    assert collect(app).blobs == 0
    age(app, SECRET, hours=25)
    assert collect(app).blobs == 1
    assert not holds(app, SECRET)


def test_a_visit_that_ended_while_it_was_looked_makes_it_look_again(app, doomed):
    other = add(app, "other")
    listed = []

    def visit_ends(method, prefix, *_):
        if method == "list":
            listed.append(prefix)
            if listed.count(SNAPSHOTS_PREFIX) == 1 and listed[-2:] == [
                SNAPSHOTS_PREFIX,
                ATTEMPTS_PREFIX,
            ]:
                apply_result(app, keep(app, other, SHARED))

    purge(with_parts(app, store=Before(app.store, visit_ends)), doomed)
    assert listed.count(SNAPSHOTS_PREFIX) == 2
    assert (holds(app, SECRET), holds(app, SHARED)) == (False, True)
    assert_well(app)


def test_a_result_that_comes_late_is_forgotten_too(app, doomed):
    purge(app, doomed)
    apply_result(app, keep(app, doomed, SECRET))
    assert purge_snapshots(app) == 1
    assert not holds(app, SECRET)
    assert_well(app)
    assert purge_snapshots(app) == 0


def test_blobs_stay_while_a_manifest_cannot_be_read(app, doomed):
    app.store.put(manifest_key("ab" * 16, str(uuid_utils.uuid7())), b"{", "application/json")
    purge(app, doomed)
    assert holds(app, SECRET)
    age(app, SECRET, hours=25)
    with pytest.raises(Damaged, match="nothing was removed"):
        collect(app)
    assert holds(app, SECRET)


@pytest.mark.parametrize("point", OF_COMMANDS)
def test_killed_anywhere_the_link_is_gone_and_the_next_gc_finishes(app, doomed, point):
    other = add(app, "other")
    apply_result(app, keep(app, other, SHARED))
    age(app, SECRET, days=9)
    trash.remove(app, [doomed.link_id])
    words = ["gc"] if point.startswith("journal") else ["trash", "purge", doomed.link_id]
    if words == ["gc"]:
        trash.purge(app, [doomed.link_id])
    killed = subprocess.run(
        [sys.executable, "-m", "linkshot", "--data", str(app.settings.data), *words],
        env={**os.environ, "LINKSHOT_FAILPOINTS": f"{point}:kill"},
        timeout=60, check=False, capture_output=True,
    )  # fmt: skip
    assert killed.returncode == -9
    assert trash.list_trash(app) == []
    assert {finding.check for finding in verify(app).findings} <= {"V6"}
    collect(app)
    stored = everything_stored(app)
    assert [trace for trace in (SECRET, NOTE, "doomed") if trace.encode() in stored] == []
    assert holds(app, SHARED)
    assert_well(app)


def test_dispatch_finishes_a_purge_that_was_killed(app, doomed, monkeypatch):
    monkeypatch.setattr("linkshot.use_cases.purge.purge_snapshots", lambda _: 1 / 0)
    trash.remove(app, [doomed.link_id])
    with pytest.raises(ZeroDivisionError):
        trash.purge(app, [doomed.link_id])
    assert holds(app, SECRET)
    stop = threading.Event()
    monkeypatch.setattr("linkshot.dispatch.loop.outbox.record_freshness", lambda _: stop.set() or 0)
    run_dispatch(app, stop)
    assert not holds(app, SECRET)


def test_gc_takes_only_what_is_old_and_named_by_nothing(app, doomed):
    for text, hours in (("young", 1), ("old", 25)):
        app.store.put(blob_key(sha256(text.encode()).hexdigest()), text.encode(), "text/plain")
        age(app, text, hours=hours)
    age(app, SECRET, days=300)
    assert (collect(app, dry_run=True).blobs, holds(app, "old")) == (1, True)
    gone = collect(app)
    assert (gone.blobs, gone.bytes, gone.journal_batches) == (1, 3, 0)
    assert [holds(app, text) for text in ("young", "old", SECRET)] == [True, False, True]


def test_gc_spares_a_blob_that_is_put_again_while_it_looks(app):
    data = b"old"
    key = blob_key(sha256(data).hexdigest())
    app.store.put(key, data, "text/plain")
    age(app, "old", hours=25)

    def put_again(method, prefix, *_):
        if (method, prefix) == ("list", SNAPSHOTS_PREFIX):
            app.store.put(key, data, "text/plain")

    assert collect(with_parts(app, store=Before(app.store, put_again))).blobs == 0
    assert holds(app, "old")


def test_the_catalogue_comes_back_without_what_was_purged(app, doomed, tmp_path: Path):
    from linkshot.maintenance import rebuild

    purge(app, doomed)
    collect(app)
    with app.catalogue.write() as conn:
        for name in ("snapshots", "links"):
            conn.exec_driver_sql(f"DELETE FROM {name}")
    rebuild.rebuild_catalogue(app, lambda _what, _count: None)
    assert links.counts(app) is not None
    assert trash.list_trash(app) == []
    assert_well(app)
