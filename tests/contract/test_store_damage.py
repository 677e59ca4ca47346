"""What the store in a folder does with each object that a disk damaged, and with all others."""

import os
from hashlib import sha256
from pathlib import Path

import pytest

from linkshot.adapters.store_filesystem import FilesystemStore
from linkshot.domain.model import Fault
from linkshot.domain.storage_layout import ROOT_CONTENT, ROOT_MARKER, blob_key
from linkshot.errors import Damaged, StoreUnavailable
from linkshot.use_cases import blobs
from tests import damage

DATA = "一页好字 a good page\n".encode() * 500
SHA = sha256(DATA).hexdigest()
KEY = blob_key(SHA)
every_kind = pytest.mark.parametrize(("harm", "fault"), damage.KINDS.values(), ids=damage.KINDS)


@pytest.fixture
def store(tmp_path: Path) -> FilesystemStore:
    made = FilesystemStore(tmp_path / "store")
    made.put(KEY, DATA, "text/plain")
    made.put("snapshots/aa/other.json", b"{}", "application/json")
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store" / KEY


@every_kind
def test_a_damaged_blob_is_told_with_its_fault_and_others_are_read(store, file, harm, fault):
    harm(file)
    for read in (
        lambda: blobs.read(store, SHA, len(DATA)),
        lambda: blobs.check(store, SHA, len(DATA)),
    ):
        with pytest.raises(Damaged) as found:
            read()
        assert found.value.fault == fault
    assert store.read("snapshots/aa/other.json") == b"{}"


@every_kind
def test_a_damaged_object_can_be_listed_past_put_again_and_deleted(store, file, harm, fault):
    harm(file)
    assert "snapshots/aa/other.json" in [stat.key for stat in store.list("")]
    store.put(KEY, DATA, "text/plain")
    assert blobs.read(store, SHA) == DATA
    harm(file)
    store.delete([KEY])
    assert store.stat(KEY) is None
    store.put(KEY, DATA, "text/plain")
    assert store.read(KEY) == DATA


@pytest.mark.parametrize("harm", [damage.fifo, damage.loop, damage.broken_sector])
def test_a_store_whose_marker_is_damaged_too_tells_objects_apart_all_the_same(store, file, harm):
    store.put(ROOT_MARKER, ROOT_CONTENT, "application/json")
    harm(file)
    harm(file.parents[4] / ROOT_MARKER)
    with pytest.raises(Damaged):
        store.read(KEY)
    assert store.read(ROOT_MARKER) == ROOT_CONTENT


def test_a_store_that_is_away_damages_nothing(store, file):
    """The folder was on a disk that is gone: a file is there in its place."""
    root = file.parents[4]
    damage.broken_sector(file)
    root.rename(root.with_name("elsewhere"))
    root.symlink_to(root)
    with pytest.raises(StoreUnavailable):
        store.read(KEY)


def test_a_process_without_free_files_damages_nothing(store, file, monkeypatch):
    def no_more(*_args: object, **_more: object) -> int:
        raise OSError(24, os.strerror(24))

    monkeypatch.setattr(os, "open", no_more)
    with pytest.raises(StoreUnavailable):
        store.read(KEY)


def test_a_folder_that_cannot_be_listed_is_told_after_all_others(store, file, monkeypatch):
    """As EIO of a folder: root, who runs tests, may read every one."""
    real = os.scandir

    def broken(path: Path) -> object:
        if Path(path) == file.parent:
            raise OSError(5, os.strerror(5))
        return real(path)

    monkeypatch.setattr(os, "scandir", broken)
    listed: list[str] = []
    with pytest.raises(Damaged, match=f"the first is {KEY.rpartition('/')[0]}/"):
        listed.extend(stat.key for stat in store.list(""))
    found, unread = [], []
    found += blobs.list_keys(store, "", unread)
    assert (found, unread) == (["linkshot.json", "snapshots/aa/other.json"], [""])


def test_an_object_of_another_content_is_damaged_whatever_its_size(store):
    other = sha256(b"other").hexdigest()
    store.put(blob_key(other), b"OTHER", "text/plain")
    with pytest.raises(Damaged) as found:
        blobs.read(store, other, 5)
    assert found.value.fault is Fault.CONTENT


def test_what_lay_in_the_way_is_kept_aside(store, file, tmp_path):
    damage.folder(file)
    store.put(KEY, DATA, "text/plain")
    (kept,) = (tmp_path / "store" / ".tmp~").iterdir()
    assert (kept / "x").read_bytes() == b"x"
    FilesystemStore(tmp_path / "store")
