"""Blobs first, the manifest last, then the announcement, then the acknowledgement."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from linkshot.app import App
from linkshot.domain.manifest import Manifest
from linkshot.domain.messages import RESULTS, SnapshotFinished
from linkshot.domain.model import (
    ChangeKind,
    Failure,
    ManifestReference,
    Outcome,
    Previous,
    Quality,
    Reason,
    Role,
    SnapshotId,
    Verdict,
)
from linkshot.domain.storage_layout import blob_key, manifest_key
from linkshot.errors import StoreUnavailable
from pipelines import store
from pipelines.change import ChangePipeline
from pipelines.item import PendingArtifact, SnapshotItem
from pipelines.publish import PublishPipeline
from pipelines.store import StorePipeline
from pipelines.text import add_text
from tests.failing import with_parts
from tests.integration.pipelines_world import LINK, REQUEST, capture, item, through

OLD = "今天院子里的山茶开了三朵\n\n邻居说去年没有开\n"
MANIFEST = manifest_key(LINK, REQUEST)


def page(text: str = OLD, **given: object) -> SnapshotItem:
    """An item with its text made."""
    html = "".join(f"<p>{line}</p>" for line in text.splitlines())
    status = given.pop("http_status", 200)
    one = item(capture(html, http_status=status, headers={"etag": "x" * 5000}), **given)
    if one.capture is not None:
        add_text(one, one.capture)
    return one


def before(app: App, text: str = OLD) -> Previous:
    """The snapshot before, its text in the store."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    app.store.put(blob_key(digest), text.encode(), "text/plain")
    return Previous(snapshot_id=SnapshotId("a"), manifest="m", text_sha256=digest)


def finished(one: SnapshotItem) -> SnapshotFinished:
    assert one.finished is not None
    return one.finished


def test_a_capture_becomes_blobs_and_a_manifest_that_names_them(app: App) -> None:
    result = finished(through(page(), StorePipeline(app)))
    assert (result.outcome, result.manifest) == (Outcome.STORED, MANIFEST)
    stored = app.store.read(MANIFEST)
    assert result.manifest_sha256 == hashlib.sha256(stored).hexdigest()
    assert Manifest.decode(stored).finished == replace(result, manifest_sha256=None)
    for artifact in result.artifacts:
        data = app.store.read(artifact.key)
        assert (len(data), hashlib.sha256(data).hexdigest()) == (artifact.bytes, artifact.sha256)


def test_the_text_hash_of_the_result_is_that_of_the_text_artifact(app: App) -> None:
    result = finished(through(page(), StorePipeline(app)))
    assert [a.sha256 for a in result.artifacts if a.role is Role.TEXT] == [result.text_sha256]


def test_the_manifest_says_where_it_all_came_from(app: App) -> None:
    one = page()
    one.partial.append("reader")
    through(one, StorePipeline(app))
    manifest = Manifest.decode(app.store.read(MANIFEST))
    assert manifest.requested_url == "http://a.example/d/p.html"
    assert manifest.partial == ("reader",)
    assert {"linkshot", "python", "scrapy", "playwright"} <= manifest.software.keys()
    assert manifest.final_url == "http://a.example/d/p.html"


def test_who_comes_second_publishes_the_first_ones_result(app: App) -> None:
    first = finished(through(page(), StorePipeline(app)))
    second = finished(through(page("something else"), StorePipeline(app)))
    assert second == first


def test_a_manifest_nobody_can_read_is_replaced(app: App) -> None:
    app.store.put(MANIFEST, b"{", "application/json")
    result = finished(through(page(), StorePipeline(app)))
    stored = Manifest.decode(app.store.read(MANIFEST)).finished
    assert stored == replace(result, manifest_sha256=None)


@pytest.mark.parametrize("known", [True, False], ids=["by the catalogue", "in the store"])
def test_a_manifest_names_the_one_before_it_with_its_hash(app: App, known: bool) -> None:
    first = finished(through(page(), StorePipeline(app)))
    before = ManifestReference(
        manifest=str(first.manifest), sha256=first.manifest_sha256 if known else None
    )
    one = page("something else", request_id="b")
    one.request = replace(one.request, previous_manifest=before)
    second = finished(through(one, StorePipeline(app)))
    named = Manifest.decode(app.store.read(str(second.manifest))).previous
    assert named == ManifestReference(manifest=MANIFEST, sha256=first.manifest_sha256)


def test_a_manifest_before_it_that_is_gone_is_named_without_a_hash(app: App) -> None:
    one = page(request_id="b")
    one.request = replace(one.request, previous_manifest=ManifestReference(manifest=MANIFEST))
    made = finished(through(one, StorePipeline(app)))
    named = Manifest.decode(app.store.read(str(made.manifest))).previous
    assert named == ManifestReference(manifest=MANIFEST)


def test_a_manifest_never_names_itself(app: App) -> None:
    one = page()
    one.request = replace(one.request, previous_manifest=ManifestReference(manifest=MANIFEST))
    through(one, StorePipeline(app))
    assert Manifest.decode(app.store.read(MANIFEST)).previous is None


def test_large_files_are_kept_from_disk(app: App, tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"\x00" * 1000)
    one = page()
    one.artifacts.append(
        PendingArtifact(role=Role.ORIGINAL, name="o", media_type="video/mp4", data=file)
    )
    assert finished(through(one, StorePipeline(app))).artifacts[-1].bytes == 1000


def test_a_fresh_blob_is_trusted_and_an_old_one_put_again(app: App) -> None:
    first = finished(through(page(), StorePipeline(app))).artifacts[0]
    stat = app.store.stat(first.key)
    assert stat is not None
    _age(app, first.key, hours=1)
    through(page(request_id="b"), StorePipeline(app))
    aged = app.store.stat(first.key)
    _age(app, first.key, hours=13)
    through(page(request_id="c"), StorePipeline(app))
    renewed = app.store.stat(first.key)
    assert aged is not None
    assert renewed is not None
    assert aged.modified_us < stat.modified_us <= renewed.modified_us


def _age(app: App, key: str, hours: int) -> None:
    path = Path(app.settings.data / "store" / key)
    then = path.stat().st_mtime - hours * 3600
    os.utime(path, (then, then))


def test_a_blob_of_another_size_is_not_trusted(app: App) -> None:
    one = page()
    assert one.text_sha256 is not None
    app.store.put(blob_key(one.text_sha256), b"half", "text/plain")
    text = finished(through(one, StorePipeline(app))).artifacts[0]
    assert app.store.read(text.key).decode() == one.text


def test_a_failure_is_a_result_without_artifacts(app: App) -> None:
    one = item(failure=Failure(kind="dns", retryable=True))
    result = finished(through(one, ChangePipeline(app), StorePipeline(app)))
    assert (result.outcome, result.error) == (Outcome.FAILED, Failure(kind="dns", retryable=True))
    assert app.store.stat(MANIFEST) is None


@pytest.mark.parametrize(
    ("text", "status", "kind"),
    [
        (OLD, 200, ChangeKind.SAME),
        (OLD.replace("三朵", "四朵"), 200, ChangeKind.MINOR),
        ("完全不同的另一篇文章，讲渡口的老桥。", 200, ChangeKind.MAJOR),
        ("Not found", 404, ChangeKind.GONE),
    ],
)
def test_a_page_is_compared_with_its_text_before(
    app: App, text: str, status: int, kind: ChangeKind
) -> None:
    made = through(page(text, http_status=status, previous=before(app)), ChangePipeline(app))
    assert made.change is not None
    assert made.change.kind is kind


def test_a_wall_is_not_compared_with_the_page(app: App) -> None:
    one = page("人机验证", previous=before(app), quality=Quality(verdict=Verdict.BLOCKED))
    result = finished(through(one, ChangePipeline(app), StorePipeline(app)))
    assert (result.change, result.outcome) == (None, Outcome.STORED)


@pytest.mark.parametrize(
    ("rendered_before", "reasons", "kind"),
    [
        (True, ("unrendered", "memory"), None),
        (False, (), None),
        (False, ("unrendered", "memory"), ChangeKind.MAJOR),
    ],
    ids=["only now", "only before", "both times"],
)
def test_what_the_browser_showed_is_not_compared_with_what_it_could_not(
    app: App, rendered_before: bool, reasons: tuple[str, ...], kind: ChangeKind | None
) -> None:
    quality = Quality(verdict=Verdict.PARTIAL, reasons=reasons)
    previous = replace(before(app), is_rendered=rendered_before)
    made = through(page("别的话。" * 20, previous=previous, quality=quality), ChangePipeline(app))
    assert (made.change and made.change.kind) == kind


def test_a_page_whose_text_before_is_lost_is_not_compared_and_is_no_first_one(app: App) -> None:
    lost = Previous(snapshot_id=SnapshotId("a"), manifest="m", text_sha256="0" * 64)
    first = through(page(previous=None), ChangePipeline(app)).change
    after_loss = through(page(previous=lost), ChangePipeline(app)).change
    assert first is not None
    assert (first.kind, after_loss) == (ChangeKind.FIRST, None)


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        (Reason.SCHEDULE, Outcome.UNCHANGED),
        (Reason.MANUAL, Outcome.STORED),
        (Reason.ADD, Outcome.STORED),
    ],
)
def test_a_scheduled_visit_of_the_same_text_stores_nothing(
    app: App, reason: Reason, outcome: Outcome
) -> None:
    one = page(previous=before(app), reason=reason)
    result = finished(through(one, ChangePipeline(app), StorePipeline(app)))
    assert result.outcome is outcome
    assert (app.store.stat(MANIFEST) is None) == (outcome is Outcome.UNCHANGED)


def test_a_text_kept_without_its_blocks_is_kept_anew_and_is_no_change(app: App) -> None:
    older = before(app, OLD.strip().replace("\n\n", "\n"))
    one = page(previous=older, reason=Reason.SCHEDULE)
    result = finished(through(one, ChangePipeline(app), StorePipeline(app)))
    assert result.change is not None
    assert (result.change.kind, result.outcome) == (ChangeKind.NOISE, Outcome.STORED)


def test_an_unchanged_page_names_the_text_that_is_kept(app: App) -> None:
    older = before(app, OLD.replace("院子", "院\u200b子"))
    one = page(previous=older, reason=Reason.SCHEDULE)
    result = finished(through(one, ChangePipeline(app), StorePipeline(app)))
    assert (result.outcome, result.text_sha256) == (Outcome.UNCHANGED, older.text_sha256)


def test_a_result_is_announced_before_it_is_acknowledged(app: App) -> None:
    subscription = app.queue.subscribe([RESULTS], "catalogue", 10)
    seen: list[list[str]] = []
    one = page(ack=lambda: seen.append([d.key for d in subscription.take(0)]))
    through(one, StorePipeline(app), PublishPipeline(app))
    assert seen == [[LINK]]


def test_a_store_that_does_not_answer_is_no_outcome(app: App) -> None:
    acked: list[bool] = []
    one = page(ack=lambda: acked.append(True))
    broken = StorePipeline(with_parts(app, store=NoStore()))
    with pytest.raises(StoreUnavailable):
        through(one, broken, PublishPipeline(app))
    assert acked == []


class NoStore:
    """A store that fails on every call."""

    def __getattr__(self, name: str) -> Callable[..., object]:
        def fail(*_: object, **__: object) -> object:
            raise StoreUnavailable

        return fail


def test_long_validators_of_caches_are_cut(app: App) -> None:
    result = finished(through(page(), StorePipeline(app)))
    assert len(result.etag or "") == store.MAX_HEADER
