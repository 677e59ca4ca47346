"""What verify finds when something is missing, broken or left over."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa

from indexer.document import documents
from linkshot.app import App
from linkshot.catalogue.imports import imports
from linkshot.catalogue.links import links as table
from linkshot.catalogue.snapshots import snapshots as rows
from linkshot.dispatch import request_publisher
from linkshot.dispatch.results import apply_result
from linkshot.domain.manifest import Manifest
from linkshot.domain.messages import REQUESTS, SnapshotFinished, SnapshotRequested
from linkshot.domain.model import Artifact, Exchange, Link, NewLink, Outcome, Role
from linkshot.domain.storage_layout import attempt_key, blob_key, manifest_key
from linkshot.maintenance import rebuild
from linkshot.maintenance.verify import verify
from linkshot.use_cases import links, snapshots, tags, trash
from pipelines.archive.wacz import ArchivedPage, write_wacz

TEXT = "一页好字 a good page".encode()
ICON = b"RIFF a picture"


@pytest.fixture
def kept(app: App) -> Link:
    """A link with a whole snapshot, known to catalogue, store and index."""
    link = links.add(app, NewLink(url="https://example.com/a")).link
    request_publisher.publish_due(app, "me")
    reading = app.queue.subscribe([REQUESTS], "test", 1)
    asked = SnapshotRequested.decode(reading.take(0.0)[0].value)
    reading.close()
    digest, icon = sha256(TEXT).hexdigest(), sha256(ICON).hexdigest()
    at = datetime.now(UTC)
    finished = SnapshotFinished(
        request_id=asked.request_id, link_id=link.link_id, url=link.url, outcome=Outcome.STORED,
        reason=asked.reason, started_at=at, finished_at=at, http_status=200, text_sha256=digest,
        manifest=manifest_key(link.link_id, asked.request_id),
        artifacts=(
            Artifact(
                role=Role.TEXT, name="text.txt", key=blob_key(digest), media_type="text/plain",
                bytes=len(TEXT), sha256=digest,
            ),
            Artifact(
                role=Role.ICON, name="icon.webp", key=blob_key(icon), media_type="image/webp",
                bytes=len(ICON), sha256=icon,
            ),
        ),
    )  # fmt: skip
    app.store.put(blob_key(digest), TEXT, "text/plain")
    app.store.put(blob_key(icon), ICON, "image/webp")
    data = Manifest(finished=finished).encode()
    app.store.create(str(finished.manifest), data)
    apply_result(app, replace(finished, manifest_sha256=sha256(data).hexdigest()))
    rebuild.rebuild_index(app, documents, lambda _what, _count: None)
    return links.get(app, link.link_id)


def checks(app: App, **how: bool) -> list[str]:
    return sorted(finding.check for finding in verify(app, **how).findings)


def test_nothing_is_found_where_all_is_well(app: App, kept: Link) -> None:
    report = verify(app, deep=True)
    assert report.findings == []
    assert report.counts["artifacts"] == 2
    assert verify(app, kept.link_id).ok


def _lose_blob(app: App, kept: Link) -> None:
    app.store.delete([blob_key(sha256(TEXT).hexdigest())])


def _shorten_blob(app: App, kept: Link) -> None:
    app.store.put(blob_key(sha256(TEXT).hexdigest()), TEXT[:-1], "text/plain")


def _lose_manifest(app: App, kept: Link) -> None:
    assert kept.current is not None
    app.store.delete([str(kept.current.manifest)])


def _break_manifest(app: App, kept: Link) -> None:
    assert kept.current is not None
    app.store.put(str(kept.current.manifest), b"{}", "application/json")


def _strange_manifest(app: App, kept: Link) -> None:
    assert kept.current is not None
    raw = json.loads(app.store.read(str(kept.current.manifest)))
    other = "01a20f0a-d58b-72f3-97ce-b2c6ad5dd8dc"
    raw["snapshot_id"] = raw["finished"]["request_id"] = other
    app.store.put(manifest_key(kept.link_id, other), json.dumps(raw).encode(), "application/json")


def _leave_mark(app: App, kept: Link) -> None:
    app.store.put(attempt_key("01a20f0a-d58b-72f3-97ce-b2c6ad5dd8dc"), b"{}", "application/json")


def _edit_unseen(app: App, kept: Link) -> None:
    links.edit(app, kept.link_id, note="the index has not heard")


def _remove_unseen(app: App, kept: Link) -> None:
    trash.remove(app, [kept.link_id])


def _forget(app: App, kept: Link) -> None:
    with app.catalogue.write() as conn:
        conn.execute(table.update().values(last_snapshot_id=None))


def _miscount(app: App, kept: Link) -> None:
    row = {
        "import_id": "i",
        "name": "n",
        "format": "plain",
        "file_sha256": "",
        "options_sha256": "",
    }
    with app.catalogue.write() as conn:
        conn.execute(sa.insert(imports).values(**row, started_at=0, accepted=3))


def second_version(app: App, kept: Link) -> str:
    """Another snapshot of the link, whose manifest names the first; its key."""
    snapshots.request(app, [kept.link_id])
    request_publisher.publish_due(app, "me")
    reading = app.queue.subscribe([REQUESTS], "test", 9)
    asked = SnapshotRequested.decode(reading.take(0.0)[-1].value)
    reading.close()
    assert kept.current is not None
    first = Manifest.decode(app.store.read(str(kept.current.manifest))).finished
    key = manifest_key(kept.link_id, asked.request_id)
    made = replace(first, request_id=asked.request_id, manifest=key)
    data = Manifest(finished=made, previous=asked.previous_manifest).encode()
    app.store.create(key, data)
    apply_result(app, replace(made, manifest_sha256=sha256(data).hexdigest()))
    rebuild.rebuild_index(app, documents, lambda _what, _count: None)
    return key


def test_a_manifest_that_was_changed_is_found_twice(app: App, kept: Link) -> None:
    second = second_version(app, kept)
    assert kept.current is not None
    first = str(kept.current.manifest)
    assert verify(app).ok
    raw = json.loads(app.store.read(first))
    app.store.put(first, json.dumps(raw | {"requested_url": "x"}).encode(), "application/json")
    found = [(one.code, one.subject) for one in verify(app, kept.link_id).findings]
    assert found == [("manifest.altered", first), ("chain.altered", second)]


def test_a_manifest_that_is_gone_is_named_by_the_one_after_it(app: App, kept: Link) -> None:
    second = second_version(app, kept)
    _lose_manifest(app, kept)
    found = {one.code: one.subject for one in verify(app).findings}
    assert found["chain.missing"] == second
    assert set(found) == {"chain.missing", "manifest.missing"}


def test_a_rebuilt_catalogue_knows_the_hashes_of_manifests(app: App, kept: Link) -> None:
    second = second_version(app, kept)
    rebuild.rebuild_catalogue(app, lambda _what, _count: None)
    with app.catalogue.read() as conn:
        known = conn.scalars(sa.select(rows.c.manifest_sha256).where(rows.c.manifest == second))
        assert known.all() == [sha256(app.store.read(second)).hexdigest()]


def test_the_last_manifest_of_a_purged_link_breaks_no_chain(app: App, kept: Link) -> None:
    second_version(app, kept)
    trash.remove(app, [kept.link_id])
    trash.purge(app, [kept.link_id])
    assert [one.code for one in verify(app).findings if one.code.startswith("chain")] == []


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        (_lose_blob, ["V4"]),
        (_shorten_blob, ["V4"]),
        (_lose_manifest, ["V3"]),
        (_break_manifest, ["V3", "V4"]),
        (_strange_manifest, ["V3"]),
        (_leave_mark, ["V5"]),
        (_edit_unseen, ["V6", "V6"]),
        (_remove_unseen, ["V6", "V6"]),
        (_forget, ["V1"]),
        (_miscount, ["V7"]),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_harm_is_found(
    app: App, kept: Link, harm: Callable[[App, Link], None], found: list[str]
) -> None:
    harm(app, kept)
    assert checks(app) == found


def test_changed_bytes_of_the_same_length_are_found_by_a_deep_look(app: App, kept: Link) -> None:
    app.store.put(blob_key(sha256(TEXT).hexdigest()), TEXT[::-1], "text/plain")
    assert checks(app) == []
    assert checks(app, deep=True) == ["V4"]


def store_archive(app: App, link: Link, data: bytes) -> None:
    """Give the link's snapshot this archive."""
    current = links.get(app, link.link_id).current
    assert current is not None
    key = str(current.manifest)
    manifest = Manifest.decode(app.store.read(key))
    digest = sha256(data).hexdigest()
    archive = Artifact(
        role=Role.WACZ, name="archive.wacz", key=blob_key(digest), media_type="application/wacz",
        bytes=len(data), sha256=digest,
    )  # fmt: skip
    app.store.put(archive.key, data, archive.media_type)
    finished = manifest.finished
    finished = replace(finished, artifacts=(*finished.artifacts, archive))
    data = replace(manifest, finished=finished).encode()
    app.store.put(key, data, "application/json")
    with app.catalogue.write() as conn:
        conn.execute(rows.update().values(manifest_sha256=sha256(data).hexdigest()))


def test_a_whole_archive_is_checked_by_a_deep_look(app: App, kept: Link, tmp_path: Path) -> None:
    at = datetime.now(UTC)
    url = "https://example.com/a"
    page = ArchivedPage(
        page_id="0190b6e0-0000-7000-8000-000000000001", url=url, at=at, made_at=at, title="字",
        text="", mime="text/html", status=200,
    )  # fmt: skip
    one = Exchange(url=url, method="GET", status=200, body=TEXT, started_at=at)
    write_wacz(tmp_path / "a.wacz", page, [one], (), "linkshot", "")
    store_archive(app, kept, (tmp_path / "a.wacz").read_bytes())
    report = verify(app, deep=True)
    assert (report.findings, report.counts["archives"]) == ([], 1)


def test_an_archive_that_was_wrong_from_the_start_is_found(app: App, kept: Link) -> None:
    store_archive(app, kept, b"no archive")
    assert verify(app).findings == []
    (found,) = verify(app, deep=True).findings
    assert (found.check, found.code, found.link_id) == ("V4", "wacz.unreadable", kept.link_id)


def test_the_catalogue_comes_back_with_tags_and_trash(app: App, kept: Link) -> None:
    from linkshot.journal import batches

    tags.add_to(app, [kept.link_id], ["编程/数据库"], replace=True)[0]
    batches.write(app)
    with app.catalogue.write() as conn:
        for name in ("link_tags", "versions", "snapshots", "watches", "tags", "links"):
            conn.execute(sa.text(f"DELETE FROM {name}"))
    made = rebuild.rebuild_catalogue(app, lambda _what, _count: None)
    again = links.get(app, kept.link_id)
    wanted = [("links", 1), ("site_rules", 0), ("tags", 2), ("snapshots", 1)]
    assert list(made.counts.items()) == wanted
    assert made.damaged == ()
    assert [tag.name for tag in again.tags] == ["编程/数据库"]
    assert again.current is not None
    assert (again.by_added, again.versions) == (kept.by_added, 1)
    assert again.icon == kept.icon == sha256(ICON).hexdigest()
