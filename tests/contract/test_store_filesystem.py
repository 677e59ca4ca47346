"""What the store in a folder does with leftovers, full disks and odd folders."""

import errno
import os
import time
from pathlib import Path

import pytest

from linkshot.adapters.store_filesystem import STAGING, FilesystemStore
from linkshot.errors import StoreUnavailable

KEY = "blobs/sha256/ab/cd/abcd"


@pytest.fixture
def root(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def store(root):
    return FilesystemStore(root)


def leftovers(root) -> list[str]:
    return sorted(path.name for path in (root / STAGING).iterdir())


def test_nothing_unfinished_is_left_behind(store, root):
    store.put(KEY, b"x", "text/plain")
    store.create(KEY, b"y")
    assert leftovers(root) == []


def test_unfinished_files_are_not_listed(store, root):
    (root / STAGING / "unfinished").write_bytes(b"x")
    assert list(store.list("")) == []


def test_unfinished_files_of_yesterday_are_swept_at_the_next_start(root, store):
    old, young = root / STAGING / "old", root / STAGING / "young"
    for path in (old, young):
        path.write_bytes(b"x")
    os.utime(old, (time.time() - 100_000,) * 2)
    FilesystemStore(root)
    assert leftovers(root) == ["young"]


def failing(number):
    def fail(*_args):
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO], ids=["full disk", "broken disk"])
def test_a_disk_that_fails_leaves_the_old_object_whole(store, root, monkeypatch, number):
    store.put(KEY, b"old", "text/plain")
    monkeypatch.setattr(os, "fsync", failing(number))
    with pytest.raises(StoreUnavailable):
        store.put(KEY, b"new", "text/plain")
    with pytest.raises(StoreUnavailable):
        store.create("other", b"new")
    assert store.read(KEY) == b"old"
    assert store.stat("other") is None
    assert leftovers(root) == []


def test_the_file_is_durable_before_it_has_its_name(store, monkeypatch, root):
    sizes = []
    real = os.fsync

    def watching(fd):
        sizes.append((os.fstat(fd).st_size, (root / KEY).exists()))
        real(fd)

    monkeypatch.setattr(os, "fsync", watching)
    store.put(KEY, b"12345", "text/plain")
    assert sizes[0] == (5, False)
    assert sizes[-1][1] is True


def test_every_folder_above_a_new_object_is_made_durable(store, monkeypatch, root):
    synced = set()
    real = os.fsync

    def watching(fd):
        synced.add(Path(f"/proc/self/fd/{fd}").readlink())
        real(fd)

    monkeypatch.setattr(os, "fsync", watching)
    store.put(KEY, b"x", "text/plain")
    above = [path for path in (root / KEY).parents if path.is_relative_to(root)]
    assert synced.issuperset(above)


def test_a_folder_with_spaces_and_chinese_works(tmp_path):
    store = FilesystemStore(tmp_path / "数据 文件夹\n")
    store.put(KEY, b"x", "text/plain")
    assert [stat.key for stat in store.list("")] == [KEY]


def test_a_root_that_is_a_file_is_unavailable(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreUnavailable):
        FilesystemStore(tmp_path / "file")


def test_a_link_to_a_folder_elsewhere_works(tmp_path):
    (tmp_path / "big disk").mkdir()
    (tmp_path / "store").symlink_to(tmp_path / "big disk")
    store = FilesystemStore(tmp_path / "store")
    store.put(KEY, b"x", "text/plain")
    assert (tmp_path / "big disk" / KEY).read_bytes() == b"x"
