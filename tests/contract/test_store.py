"""What every ArtifactStore promises (ports.ArtifactStore), sentence by sentence."""

import io
import time
import tracemalloc
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from linkshot.errors import Damaged

KEY = "blobs/sha256/ab/cd/abcd"

FORBIDDEN = {
    "empty": "",
    "upper case": "Blobs/a",
    "chinese": "快照",
    "space": "a b",
    "nul": "a\x00b",
    "newline at the end": "a\n",
    "backslash": "a\\b",
    "percent": "a%2e",
    "leading slash": "/a",
    "trailing slash": "a/",
    "two slashes": "a//b",
    "dot": "a/./b",
    "dots": "a/../b",
    "only dots": "..",
    "201 characters": "a" * 201,
    "half a character": "\ud800",
}
forbidden = pytest.mark.parametrize("key", FORBIDDEN.values(), ids=FORBIDDEN.keys())


@forbidden
def test_a_forbidden_key_is_refused_by_every_method(store, key):
    calls = [
        lambda: store.put(key, b"x", "text/plain"),
        lambda: store.create(key, b"x"),
        lambda: store.read(key),
        lambda: store.open(key),
        lambda: store.stat(key),
        lambda: store.delete([key]),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="not a store key"):
            call()


def test_a_forbidden_prefix_is_refused_before_anything_is_read(store):
    for prefix in ("../", "/", "a//", "A"):
        with pytest.raises(ValueError, match="not a store key"):
            store.list(prefix)


def test_one_forbidden_key_among_good_ones_removes_nothing(store):
    store.put(KEY, b"x", "text/plain")
    with pytest.raises(ValueError, match="not a store key"):
        store.delete([KEY, "../x"])
    assert store.stat(KEY)


def test_the_longest_key_is_kept(store):
    key = "/".join(["a" * 99, "b" * 100])
    store.put(key, b"x", "text/plain")
    assert store.read(key) == b"x"


def test_odd_but_good_keys_are_kept(store):
    for key in ("x", "-", "_x.y-z", "a/.b", "a/..b/c...", "0/1/2/3/4/5"):
        store.put(key, key.encode(), "text/plain")
        assert store.read(key) == key.encode()


def test_what_was_put_can_be_opened(store):
    store.put(KEY, "快照".encode(), "text/plain; charset=utf-8")
    assert store.read(KEY).decode() == "快照"


def test_empty_objects_are_objects(store):
    store.put(KEY, b"", "text/plain")
    assert store.read(KEY) == b""
    assert store.stat(KEY).bytes == 0


def test_a_file_can_be_put(store, tmp_path):
    source = tmp_path / "有 空格.bin"
    source.write_bytes(bytes(range(256)) * 5000)
    store.put(KEY, source, "application/octet-stream")
    assert store.read(KEY) == source.read_bytes()
    assert source.exists()


def test_put_replaces_what_was_there(store):
    store.put(KEY, b"old and longer", "text/plain")
    store.put(KEY, b"new", "text/plain")
    assert store.read(KEY) == b"new"


def test_readers_see_one_whole_object_or_the_other(store):
    whole = [b"a" * 300_000, b"b" * 300_000]
    store.put(KEY, whole[0], "text/plain")
    with ThreadPoolExecutor(2) as pool:
        writing = pool.submit(lambda: [store.put(KEY, one, "text/plain") for one in whole * 5])
        while not writing.done():
            assert store.read(KEY) in whole


def test_create_writes_only_where_nothing_is(store):
    assert store.create(KEY, b"first") is True
    assert store.create(KEY, b"second") is False
    assert store.read(KEY) == b"first"


def test_of_many_that_create_at_once_exactly_one_wins(open_store):
    stores = [open_store() for _ in range(4)]

    def attempt(n: int) -> bool:
        return stores[n % 4].create(KEY, str(n).encode())

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(attempt, range(32)))
    assert won.count(True) == 1
    assert stores[0].read(KEY) == str(won.index(True)).encode()


def test_a_part_can_be_read(store):
    store.put(KEY, b"0123456789", "text/plain")
    assert store.read(KEY, 3) == b"3456789"
    assert store.read(KEY, 3, 4) == b"3456"
    assert store.read(KEY, 8, 100) == b"89"


def test_nothing_is_read_past_the_end_or_of_length_zero(store):
    store.put(KEY, b"0123456789", "text/plain")
    assert store.read(KEY, 10) == b""
    assert store.read(KEY, 50, 5) == b""
    assert store.read(KEY, 3, 0) == b""


def test_opening_what_is_absent_is_a_key_error(store):
    with pytest.raises(KeyError):
        store.read(KEY)
    with pytest.raises(KeyError):
        store.read(KEY, 5, 5)
    with pytest.raises(KeyError):
        store.open(KEY)


def test_an_opened_object_is_read_in_pieces_from_any_place(store):
    data = bytes(range(256)) * 10_000
    store.put(KEY, data, "application/octet-stream")
    with store.open(KEY) as stored:
        assert (stored.read(3), stored.tell()) == (data[:3], 3)
        assert stored.read(2_000_000) == data[3:2_000_003]
        assert stored.seek(-5, 2) == len(data) - 5
        assert (stored.read(), stored.read()) == (data[-5:], b"")
        stored.seek(len(data) + 1)
        assert stored.read(1) == b""
        stored.seek(256)
        assert stored.read(4) == data[256:260]


def test_an_opened_object_that_is_gone_meanwhile_is_damaged(store):
    store.put(KEY, b"x" * 3_000_000, "application/octet-stream")
    with store.open(KEY) as stored:
        store.delete([KEY])
        with pytest.raises(Damaged, match="missing"):
            stored.read()


def test_an_opened_object_is_held_in_part_only(store):
    store.put(KEY, b"x" * 20_000_000, "application/octet-stream")
    tracemalloc.start()
    try:
        with store.open(KEY) as stored:
            while stored.read(100_000):
                pass
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_an_opened_empty_object_ends_at_once(store):
    store.put(KEY, b"", "text/plain")
    with store.open(KEY) as stored:
        assert stored.read() == b""


def test_an_opened_object_can_be_read_as_a_zip_file(store):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("页面.warc", b"x" * 3_000_000)
    store.put(KEY, made.getvalue(), "application/zip")
    with store.open(KEY) as stored, zipfile.ZipFile(stored) as archive:
        assert archive.read("页面.warc") == b"x" * 3_000_000


def test_stat_of_what_is_absent_is_none(store):
    store.put("a/b", b"x", "text/plain")
    assert store.stat(KEY) is None
    assert store.stat("a") is None


def test_stat_tells_size_and_age(store):
    before = (time.time() - 5) * 1_000_000
    store.put(KEY, b"12345", "text/plain")
    found = store.stat(KEY)
    assert (found.key, found.bytes) == (KEY, 5)
    assert before < found.modified_us < before + 60_000_000


def test_putting_again_makes_it_young(store):
    store.put(KEY, b"1", "text/plain")
    first = store.stat(KEY).modified_us
    store.put(KEY, b"1", "text/plain")
    assert store.stat(KEY).modified_us >= first


LISTED = ["a", "a-b", "a.b", "a0", "b/a/1", "b/a-1", "b/a.1", "b/a0", "b/b/c/d", "c/x"]


def test_list_is_in_order_of_key_across_folders(store):
    for key in reversed(LISTED):
        store.put(key, key.encode(), "text/plain")
    found = list(store.list(""))
    assert [stat.key for stat in found] == sorted(LISTED)
    assert [stat.bytes for stat in found] == [len(key) for key in sorted(LISTED)]


@pytest.mark.parametrize("prefix", ["a", "b", "b/", "b/a", "b/a/", "b/a-1", "b/b/c", "x", "c/x/y"])
def test_list_finds_exactly_the_keys_with_the_prefix(store, prefix):
    for key in LISTED:
        store.put(key, b"", "text/plain")
    wanted = sorted(key for key in LISTED if key.startswith(prefix))
    assert [stat.key for stat in store.list(prefix)] == wanted


def test_deleted_objects_are_gone_and_absent_ones_do_not_matter(store):
    store.put("a/b", b"", "text/plain")
    store.put("a/c", b"", "text/plain")
    store.delete(["a/b", "a/x", "not/there", "a"])
    store.delete(["a/b"])
    assert [stat.key for stat in store.list("")] == ["a/c"]


def test_deleting_nothing_does_nothing(store):
    store.put(KEY, b"x", "text/plain")
    store.delete([])
    assert [stat.key for stat in store.list("")] == [KEY]


def test_many_are_deleted_at_once(store):
    keys = [f"x/{n:04d}" for n in range(30)]
    for key in keys:
        store.put(key, b"", "text/plain")
    store.delete(iter(keys))
    assert list(store.list("")) == []


def test_what_one_process_put_another_one_opens(open_store):
    one, two = open_store(), open_store()
    one.put(KEY, b"x", "text/plain")
    assert two.read(KEY) == b"x"


def test_a_second_close_does_nothing(store, open_store):
    store.close()
    again = open_store()
    store.close()
    again.put(KEY, b"x", "text/plain")
    assert again.read(KEY) == b"x"
