"""Objects of MinIO that its disk damaged: done to its own files, below a prefix of the test's own."""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from deploy.native.places import find_places
from indexer.document import documents
from indexer.run import Indexer
from linkshot.adapters.store_minio import MinioStore
from linkshot.app import App
from linkshot.dispatch.outbox import publish_changes
from linkshot.domain.storage_layout import ROOT_CONTENT, ROOT_MARKER, blob_key, manifest_key
from linkshot.errors import Damaged, StoreUnavailable
from linkshot.maintenance import rebuild
from linkshot.maintenance.verify import verify
from linkshot.system.config import load_settings
from linkshot.use_cases import blobs, damaged_objects, search, trash
from linkshot.wiring import open_app
from tests import damage
from tests.conftest import CLUSTER_FOLDER
from tests.integration.web_client import Client
from tests.integration.web_shelf import TEXT, kept_link, stored_snapshot

pytestmark = pytest.mark.cluster

SMALL = "一页好字 a good page\n".encode() * 30
"""MinIO keeps it in xl.meta itself."""
LARGE = os.urandom(3_000_000)
"""Three blocks in part.1."""


def _first_byte(path: Path) -> None:
    """The head of xl.meta: MinIO does not know the object any more."""
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(data)


HARMS = {
    "a flipped bit in the data": ("data", damage.flip),
    "a flipped bit in the head": ("xl.meta", _first_byte),
    "data cut short": ("data", damage.truncate),
    "data empty": ("data", damage.empty),
    "data gone": ("data", damage.remove),
    "a folder for the data": ("data", damage.folder),
    "no head": ("xl.meta", damage.remove),
}
each_harm = pytest.mark.parametrize("harm", HARMS)


@pytest.fixture
def place(store_url: str) -> Path:
    """Where MinIO keeps the objects of this test."""
    server = find_places({"LINKSHOT_CLUSTER": CLUSTER_FOLDER}).data("minio")
    return server / store_url.rpartition("/")[2]


@pytest.fixture
def store(store_url: str, place: Path) -> Iterator[MinioStore]:
    made = MinioStore.from_url(store_url)
    assert place.is_dir(), f"MinIO of these tests does not keep its data in {place}"
    yield made
    made.delete([stat.key for stat in made.list("")])
    made.close()


def hurt(place: Path, key: str, harm: str) -> None:
    """Damage the file that holds the data of the object, or its head."""
    where, how = HARMS[harm]
    head = place / key / "xl.meta"
    parts = list((place / key).glob("*/part.1"))
    how(head if where == "xl.meta" or not parts else parts[0])


@each_harm
@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
def test_a_damaged_object_is_told_while_others_are_read_and_is_put_and_deleted_again(
    store: MinioStore, place: Path, harm: str, data: bytes
) -> None:
    digest = sha256(data).hexdigest()
    store.put(blob_key(digest), data, "text/plain")
    store.put("snapshots/aa/other.json", b"{}", "application/json")
    hurt(place, blob_key(digest), harm)
    with pytest.raises(Damaged):
        blobs.read(store, digest)
    with pytest.raises(Damaged):
        blobs.check(store, digest, len(data))
    assert store.read("snapshots/aa/other.json") == b"{}"
    store.put(blob_key(digest), data, "text/plain")
    assert blobs.read(store, digest) == data
    hurt(place, blob_key(digest), harm)
    store.delete([blob_key(digest)])
    assert store.stat(blob_key(digest)) is None
    assert store.create(blob_key(digest), data)
    assert blobs.read(store, digest) == data


@each_harm
def test_a_damaged_manifest_can_be_replaced(store: MinioStore, place: Path, harm: str) -> None:
    key = manifest_key("a" * 32, "x")
    store.create(key, b"{}")
    hurt(place, key, harm)
    if not store.create(key, b"{1}"):
        with pytest.raises(Damaged):
            store.read(key)
        store.put(key, b"{1}", "application/json")
    assert store.read(key) == b"{1}"


def test_a_damaged_marker_says_nothing_about_the_store(store: MinioStore, place: Path) -> None:
    store.put(ROOT_MARKER, ROOT_CONTENT, "application/json")
    store.put("a/b", SMALL, "text/plain")
    for key in (ROOT_MARKER, "a/b"):
        hurt(place, key, "a flipped bit in the head")
    with pytest.raises(Damaged):
        store.read("a/b")
    assert store.read(ROOT_MARKER) == ROOT_CONTENT
    store.delete(["a/b"])


def test_a_login_that_is_refused_damages_nothing(store: MinioStore, store_url: str) -> None:
    store.put("a/b", SMALL, "text/plain")
    wrong = store_url.replace("linkshot:linkshot", "linkshot:wrong")
    with MinioStoreOf(wrong) as other, pytest.raises(StoreUnavailable):
        other.read("a/b")


class MinioStoreOf:
    """A store that may not look whether its bucket is there."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> MinioStore:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(MinioStore, "ensure_bucket", lambda _self: None)
            self._store = MinioStore.from_url(self._url)
        return self._store

    def __exit__(self, *_: object) -> None:
        self._store.close()


@pytest.fixture
def app(tmp_path: Path, store: MinioStore, store_url: str) -> Iterator[App]:
    """Embedded but for its store."""
    opened = open_app(load_settings(data=tmp_path / "data", store=store_url))
    yield opened
    opened.close()


@each_harm
def test_the_index_verify_rebuild_web_and_purge_go_on(app: App, place: Path, harm: str) -> None:
    key = blob_key(sha256(TEXT.encode()).hexdigest())
    indexer = Indexer(app, 100)
    link = kept_link(app, "https://example.com/hurt")
    snapshot_id = stored_snapshot(app, link)
    hurt(place, key, harm)
    other = kept_link(app, "https://example.com/camellia")
    publish_changes(app)
    while indexer.work_once(0.1):
        pass
    assert [one.link.link_id for one in search.find(app, "camellia").items] == [other.link_id]
    assert [one.link.link_id for one in search.find(app, "hurt").items] == [link.link_id]
    assert [one.key for one in damaged_objects.of_link(app, link.link_id)] == [key]
    assert rebuild.rebuild_index(app, documents, lambda *_: None) == 3
    assert [f.code for f in verify(app, deep=True).findings if f.subject == snapshot_id]
    answer = Client(app).get(f"/api/v1/snapshots/{snapshot_id}/artifacts/text")
    assert (answer.status_code, answer.json()["code"]) == (502, "artifact.damaged")
    app.store.put(key, TEXT.encode(), "text/plain")
    assert damaged_objects.recheck(app) == 1
    publish_changes(app)
    while indexer.work_once(0.1):
        pass
    indexer.close()
    assert search.find(app, "统一的编译器").total == 1
    hurt(place, key, harm)
    trash.remove(app, [link.link_id])
    trash.purge(app, [link.link_id])
    assert app.store.stat(key) is None
