"""The adapters that contract tests run over: embedded ones always, servers when they are available."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import pytest

from linkshot.adapters.index_tantivy import TantivyIndex
from linkshot.adapters.queue_sqlite import SqliteQueue
from linkshot.adapters.store_filesystem import FilesystemStore
from linkshot.ports import ArtifactStore, Queue, SearchIndex

HEAP_BYTES = 15_000_000
TEXT_BYTES = 100_000


class Closable(Protocol):
    def close(self) -> None: ...


P = TypeVar("P", bound=Closable)
Opener = Callable[[], P]
"""Each call is another process's view of the same queue, store or index."""
Urls = dict[str, str]


def _kafka(_folder: Path, urls: Urls) -> Iterator[Opener[Queue]]:
    from linkshot.adapters.queue_kafka import KafkaQueue
    from linkshot.adapters.queue_kafka_subscription import KafkaSubscription

    members: list[KafkaSubscription] = []

    class Noting(KafkaQueue):
        def subscribe(self, topics: Sequence[str], group: str, window: int) -> KafkaSubscription:
            members.append(super().subscribe(topics, group, window))
            return members[-1]

    url = _with(urls["LINKSHOT_QUEUE"], f"prefix=t{uuid.uuid4().hex[:8]}.&partitions=2")
    yield lambda: Noting.from_url(url)
    for member in members:
        member.close()


def _minio(_folder: Path, urls: Urls) -> Iterator[Opener[ArtifactStore]]:
    from linkshot.adapters.store_minio import MinioStore

    url = f"{urls['LINKSHOT_STORE'].rstrip('/')}/{uuid.uuid4().hex}"
    yield lambda: MinioStore.from_url(url)
    store = MinioStore.from_url(url)
    store.delete(stat.key for stat in list(store.list("")))
    store.close()


def _elasticsearch(_folder: Path, urls: Urls) -> Iterator[Opener[SearchIndex]]:
    from linkshot.adapters.index_elasticsearch import ElasticsearchIndex

    prefix = f"t{uuid.uuid4().hex[:8]}-"
    url = _with(urls["LINKSHOT_INDEX"], f"prefix={prefix}")
    yield lambda: ElasticsearchIndex.from_url(url, text_bytes=TEXT_BYTES)
    index = ElasticsearchIndex.from_url(url, text_bytes=TEXT_BYTES)
    for name in index._client.indices.get_alias(index=f"{prefix}*").body:
        index._client.indices.delete(index=name)
    index.close()


def _with(url: str, more: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{more}"


def _sqlite(folder: Path, _urls: Urls) -> Iterator[Opener[Queue]]:
    yield lambda: SqliteQueue(folder / "queue.db")


def _filesystem(folder: Path, _urls: Urls) -> Iterator[Opener[ArtifactStore]]:
    yield lambda: FilesystemStore(folder / "store")


def _tantivy(folder: Path, _urls: Urls) -> Iterator[Opener[SearchIndex]]:
    path = folder / "index"
    yield lambda: TantivyIndex(path, heap_bytes=HEAP_BYTES, text_bytes=TEXT_BYTES)


QUEUES = {"sqlite": _sqlite, "kafka": _kafka}
STORES = {"filesystem": _filesystem, "minio": _minio}
INDEXES = {"tantivy": _tantivy, "elasticsearch": _elasticsearch}
"""Name of the adapter → what yields an opener and removes afterwards what was made."""
SERVERS = ("kafka", "minio", "elasticsearch")


def params(adapters: Mapping[str, object]) -> list[object]:
    """For `pytest.fixture`; servers are marked."""
    return [
        pytest.param(name, marks=[pytest.mark.cluster] if name in SERVERS else [])
        for name in adapters
    ]


def closing(places: Iterator[Opener[P]]) -> Iterator[Opener[P]]:
    """The opener, whose products are closed at the end."""
    opened: list[P] = []
    opener = next(places)

    def tracked() -> P:
        opened.append(opener())
        return opened[-1]

    yield tracked
    for one in reversed(opened):
        one.close()
    next(places, None)
