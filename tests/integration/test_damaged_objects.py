"""One stored object that is damaged stops nothing: each kind of damage, done to the file itself."""

import http.client
import itertools
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import pytest
from cli_world import CommandLine
from web_client import Client
from web_shelf import TEXT, kept_link, stored_snapshot

from indexer.document import documents
from indexer.run import Indexer
from linkshot.adapters.store_reader import open_reader
from linkshot.app import App
from linkshot.dispatch.outbox import publish_changes
from linkshot.domain.manifest import Manifest
from linkshot.domain.messages import SnapshotFinished
from linkshot.domain.model import Fault, Link, Role
from linkshot.domain.storage_layout import blob_key
from linkshot.errors import Damaged
from linkshot.journal import batches
from linkshot.maintenance import gc, rebuild
from linkshot.maintenance.verify import verify
from linkshot.use_cases import damaged_objects, links, search, snapshots, trash
from tests import damage
from tests.failing import with_parts
from tests.serving import served

SHA = sha256(TEXT.encode()).hexdigest()
every_kind = pytest.mark.parametrize(("harm", "fault"), damage.KINDS.values(), ids=damage.KINDS)


@pytest.fixture
def hurt(app: App) -> Link:
    """A link whose page is stored; its text is TEXT."""
    return with_manifest(app, "https://example.com/hurt")


@pytest.fixture
def indexer(app: App) -> Iterator[Indexer]:
    made = Indexer(app, 100)
    made.work_once(0)
    yield made
    made.close()


def with_manifest(app: App, url: str) -> Link:
    link = kept_link(app, url)
    snapshot = snapshots.get(app, None, stored_snapshot(app, link))
    finished = SnapshotFinished(
        request_id=snapshot.snapshot_id, link_id=link.link_id, url=link.url, outcome=snapshot.outcome,
        reason=snapshot.reason, started_at=snapshot.finished_at, finished_at=snapshot.finished_at,
        http_status=200, text_sha256=SHA, manifest=snapshot.manifest, artifacts=snapshot.artifacts,
    )  # fmt: skip
    app.store.put(str(snapshot.manifest), Manifest(finished=finished).encode(), "application/json")
    return links.get(app, link.link_id)


def seen_as(fault: Fault) -> Fault:
    """By who knows the hash only, not the size."""
    return Fault.CONTENT if fault is Fault.SIZE else fault


def file_of(app: App, key: str) -> Path:
    return app.settings.data / "store" / key


def index_all(app: App, indexer: Indexer) -> None:
    publish_changes(app)
    while indexer.work_once(0.1):
        pass


def found(app: App, words: str) -> list[str]:
    return [one.link.link_id for one in search.find(app, words).items]


@every_kind
def test_a_damaged_text_stops_no_other_link_and_comes_back_when_it_is_whole(
    app: App, hurt: Link, indexer: Indexer, harm: damage.Harm, fault: Fault
) -> None:
    harm(file_of(app, blob_key(SHA)))
    links.edit(app, hurt.link_id, note="山茶")
    other = kept_link(app, "https://example.com/camellia")
    index_all(app, indexer)
    assert app.queue.backlog("linkshot.links", "index") == 0
    assert found(app, "山茶") == [hurt.link_id]
    assert found(app, "camellia") == [other.link_id]
    assert found(app, "统一的编译器") == []
    (one,) = damaged_objects.of_link(app, hurt.link_id)
    assert (one.role, one.fault, one.key) == (Role.TEXT, seen_as(fault), blob_key(SHA))
    app.store.put(blob_key(SHA), TEXT.encode(), "text/plain")
    assert damaged_objects.recheck(app) == 1
    index_all(app, indexer)
    assert found(app, "统一的编译器") == [hurt.link_id]
    assert damaged_objects.list_damaged(app) == []


def test_many_damaged_texts_do_not_keep_the_indexer_from_its_group(app: App) -> None:
    """Each text takes 11 s here; a round ends after 20, and the rest comes again."""
    read_at = itertools.count(0.0, 11.0)
    slow = Indexer(app, 100, clock=lambda: next(read_at))
    slow.work_once(0)
    for number in range(5):
        kept_link(app, f"https://example.com/{number}")
    publish_changes(app)
    assert [slow.work_once(0), slow.work_once(0), slow.work_once(0)] == [2, 2, 1]
    slow.close()
    assert app.queue.backlog("linkshot.links", "index") == 0
    assert search.find(app, "example").total == 5


def test_what_is_still_damaged_stays_noted_and_is_not_announced_again(
    app: App, hurt: Link, indexer: Indexer
) -> None:
    damage.flip(file_of(app, blob_key(SHA)))
    index_all(app, indexer)
    before = links.get(app, hurt.link_id).rev
    assert damaged_objects.recheck(app) == 0
    assert publish_changes(app) == 0
    assert links.get(app, hurt.link_id).rev == before
    assert damaged_objects.counts(app) == damaged_objects.DamageCounts(objects=1, links=1, texts=1)


@every_kind
def test_rebuild_goes_on_to_the_end(app: App, hurt: Link, harm: damage.Harm, fault: Fault) -> None:
    harm(file_of(app, blob_key(SHA)))
    other = kept_link(app, "https://example.com/camellia")
    made = rebuild.rebuild_index(app, documents, lambda _what, _count: None)
    assert made == 3
    assert found(app, "camellia") == [other.link_id]
    assert [one.fault for one in damaged_objects.list_damaged(app)] == [seen_as(fault)]


@every_kind
def test_a_deep_look_lists_every_damaged_object_by_key_and_link(
    app: App, hurt: Link, harm: damage.Harm, fault: Fault
) -> None:
    hurt_ones = {snapshots.artifact(app, hurt.current.snapshot_id, role).key for role in
                 (Role.TEXT, Role.SCREENSHOT, Role.META)}  # fmt: skip
    for key in hurt_ones:
        harm(file_of(app, key))
    report = verify(app, deep=True)
    named = {f.subject: (f.code, f.link_id) for f in report.findings if f.check == "V4"}
    assert named == dict.fromkeys(hurt_ones, (f"artifact.{fault.value}", hurt.link_id))
    assert {one.key for one in damaged_objects.list_damaged(app)} == hurt_ones
    assert {f.subject for f in verify(app).findings if f.check == "V4"} == hurt_ones
    assert verify(app, hurt.link_id).findings


def test_of_a_damaged_manifest_nothing_is_made_and_it_is_named(tmp_path: Path) -> None:
    cli = CommandLine(tmp_path / "data")
    with cli.app() as app:
        with_manifest(app, "https://example.com/good")
        bad = with_manifest(app, "https://example.com/bad")
        batches.write(app)
        (batch,) = [stat.key for stat in app.store.list("journal/")]
        links.edit(app, bad.link_id, note="later")
        batches.write(app)
    damage.truncate(tmp_path / "data" / "store" / batch)
    damage.loop(tmp_path / "data" / "store" / str(bad.current.manifest))
    for name in ("catalogue.db", "catalogue.db-wal", "catalogue.db-shm"):
        (tmp_path / "data" / name).unlink(missing_ok=True)
    said = cli("--json", "rebuild", "--catalogue")
    assert said.code == 0
    assert set(said.json["damaged_keys"]) == {batch, str(bad.current.manifest)}
    assert said.json["snapshots"] == 1
    assert "damaged, nothing was made of it: journal/" in cli("rebuild", "--catalogue").out


def test_gc_keeps_what_the_catalogue_names_though_its_manifest_is_damaged(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linkshot.maintenance.gc.is_past_grace", lambda *_: True)
    monkeypatch.setattr("linkshot.use_cases.purge.is_past_grace", lambda *_: True)
    link = with_manifest(app, "https://example.com/a")
    app.store.put(blob_key("ab" * 32), b"loose", "text/plain")
    damage.broken_sector(file_of(app, str(link.current.manifest)))
    assert gc.collect(app).blobs == 1
    assert snapshots.read(app, link.current.artifact(Role.TEXT)) == TEXT.encode()
    app.store.put("snapshots/aa/" + "a" * 32 + "/x.json", b"{", "application/json")
    with pytest.raises(Damaged, match="nothing was removed"):
        gc.collect(app)


@every_kind
def test_purge_takes_damaged_objects_and_what_is_noted_of_them(
    app: App, harm: damage.Harm, fault: Fault
) -> None:
    link = with_manifest(app, "https://example.com/a")
    for key in (blob_key(SHA), str(link.current.manifest)):
        if harm is not damage.parent:
            harm(file_of(app, key))
    verify(app, deep=True)
    trash.remove(app, [link.link_id])
    trash.purge(app, [link.link_id])
    assert not file_of(app, str(link.current.manifest)).is_file()
    assert damaged_objects.of_link(app, link.link_id) == []


def test_what_was_found_damaged_is_named_though_its_manifest_is_gone(app: App, hurt: Link) -> None:
    damage.flip(file_of(app, blob_key(SHA)))
    verify(app, deep=True)
    app.store.delete([str(hurt.current.manifest)])
    codes = [(f.code, f.link_id) for f in verify(app).findings if f.subject == blob_key(SHA)]
    assert codes == [("artifact.content", hurt.link_id)]


def test_the_page_of_the_link_and_show_name_what_is_damaged(app: App, hurt: Link) -> None:
    damage.flip(file_of(app, blob_key(SHA)))
    web = Client(app, **{"Accept-Language": "zh-CN"})
    answer = web.get(f"/s/{hurt.current.snapshot_id}/text")
    assert (answer.status_code, "已损坏" in answer.text) == (502, True)
    page = web.get(f"/links/{hurt.link_id}?tab=text").text
    assert "存储中的文件已损坏，无法显示：全部文字（内容与保存时不同）。" in page
    assert "搜索找不到这段文字里的词" in page
    (one,) = web.get(f"/api/v1/links/{hurt.link_id}").json()["damaged"]
    assert (one["role"], one["fault"], one["key"]) == ("text", "content", blob_key(SHA))
    cli = CommandLine(app.settings.data)
    assert "damaged   text: not the bytes that were stored" in cli("show", hurt.link_id).out
    assert cli("--json", "show", hurt.link_id).json["damaged"][0]["fault"] == "content"


@every_kind
@pytest.mark.parametrize("spans", [None, "bytes=0-3"], ids=["whole", "a part"])
def test_damaged_bytes_are_answered_with_502_and_never_sent(
    app: App, hurt: Link, harm: damage.Harm, fault: Fault, spans: str | None
) -> None:
    harm(file_of(app, blob_key(SHA)))
    headers = {"Range": spans} if spans else {}
    path = f"/api/v1/snapshots/{hurt.current.snapshot_id}/artifacts/text"
    answer = Client(app).get(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (502, "artifact.damaged")


class Failing:
    """A store that reads well until the file is damaged under it."""

    def __init__(self, store: object, file: Path, after: int) -> None:
        self._store, self._file, self._left = store, file, after

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        self._left -= 1
        if self._left == 0:
            damage.truncate(self._file)
        return self._store.read(key, start, length)  # type: ignore[attr-defined]

    def open(self, key: str) -> BinaryIO:
        return open_reader(key, self.read, self._store.stat)  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


def test_a_file_that_breaks_while_it_is_sent_breaks_the_connection_off(app: App) -> None:
    link = kept_link(app)
    snapshot_id = stored_snapshot(app, link, html="x" * 6_000_000)
    key = snapshots.artifact(app, snapshot_id, Role.HTML).key
    failing = with_parts(app, store=Failing(app.store, file_of(app, key), after=5))
    with served(failing) as address:
        http_ = http.client.HTTPConnection(address.removeprefix("http://"), timeout=30)
        http_.request("GET", f"/s/{snapshot_id}/html", headers={"Range": "bytes=1-5999998"})
        answer = http_.getresponse()
        assert (answer.status, answer.headers["Content-Length"]) == (206, "5999998")
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            answer.read()
        http_.close()
