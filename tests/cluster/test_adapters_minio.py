"""What a real S3 server adds to the promises of a store: buckets, large files, refusals, absence."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from linkshot.adapters.store_minio import MinioStore
from linkshot.errors import ConfigError, StoreUnavailable
from tests.cluster.conftest import CLOSED_PORT, SOON_S

pytestmark = pytest.mark.cluster


def test_many_that_come_first_make_the_bucket_once(store_url):
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: MinioStore.from_url(store_url), range(8)))
    stores[0].put("a", b"x", "text/plain")
    assert [store.read("a") for store in stores] == [b"x"] * 8
    for store in stores:
        store.close()


def test_two_prefixes_of_one_bucket_do_not_see_each_other(store_url):
    with (
        closing(MinioStore.from_url(f"{store_url}/one")) as one,
        closing(MinioStore.from_url(f"{store_url}/one-two")) as two,
    ):
        one.put("a/b", b"1", "text/plain")
        two.put("a/c", b"2", "text/plain")
        assert [stat.key for stat in one.list("")] == ["a/b"]
        two.delete(["a/b"])
        assert one.read("a/b") == b"1"


def test_a_file_of_several_parts_comes_back_whole(store_url, tmp_path):
    source = tmp_path / "large.wacz"
    source.write_bytes(bytes(range(256)) * 50_000)
    with closing(MinioStore.from_url(store_url)) as store:
        store.put("blobs/large", source, "application/wacz")
        assert store.stat("blobs/large").bytes == 12_800_000
        assert store.read("blobs/large", 12_799_990, 50) == source.read_bytes()[-10:]
        assert store.read("blobs/large") == source.read_bytes()


def test_forty_threads_share_one_store(store_url):
    with closing(MinioStore.from_url(store_url)) as store:

        def work(n: int) -> bool:
            store.put(f"t/{n}", str(n).encode() * 1000, "text/plain")
            return store.read(f"t/{n}") == str(n).encode() * 1000

        with ThreadPoolExecutor(40) as pool:
            assert all(pool.map(work, range(200)))
        assert len(list(store.list("t/"))) == 200


def test_more_than_a_page_is_listed_and_deleted(store_url):
    with closing(MinioStore.from_url(store_url)) as store:
        keys = [f"m/{n:05d}" for n in range(1100)]
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda key: store.put(key, b"", "text/plain"), keys))
        assert [stat.key for stat in store.list("m/")] == keys
        store.delete(keys)
        assert list(store.list("m/")) == []


def test_a_server_that_is_away_is_told_soon():
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match="nobody listens there"):
        MinioStore.from_url(f"s3+http://key:secret@127.0.0.1:{CLOSED_PORT}/bucket")
    assert time.monotonic() - began < SOON_S


@pytest.mark.parametrize("key", ["nobody", "linkshot"], ids=["nobody's key", "a wrong secret"])
def test_a_login_that_is_refused_is_told_without_repeating_it(store_url, key):
    scheme, _, rest = store_url.partition("//")
    wrong = f"{scheme}//{key}:wrong-secret-1@{rest.rpartition('@')[2]}"
    with (
        pytest.raises(StoreUnavailable, match="look at key and secret") as refused,
        closing(MinioStore.from_url(wrong)) as store,
    ):
        store.put("a", b"x", "text/plain")
    assert "wrong-secret-1" not in str(refused.value)
    assert "wrong-secret-1" not in refused.value.message


@pytest.mark.parametrize(
    "url",
    [
        "s3+http://key:secret@host",
        "s3+http://host/bucket",
        "s3+http://key:secret@host/No",
        "s3+http://key:secret@host/bucket/../x",
        "s3+http://key:secret@host/bucket?colour=red",
    ],
)
def test_a_url_that_cannot_work_is_refused_without_repeating_it(url):
    with pytest.raises(ConfigError) as refused:
        MinioStore.from_url(url)
    assert "secret" not in refused.value.message
