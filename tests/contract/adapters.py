"""Which adapters does a contract test run over? Embedded ones always, servers when they are there."""

import uuid
from collections.abc import Callable, Iterator
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


def _kafka(_folder: Path, urls: Urls) -> Opener[Queue]:
    from linkshot.adapters.queue_kafka import KafkaQueue

    url = _with(urls["LINKSHOT_QUEUE"], f"prefix=t{uuid.uuid4().hex[:8]}.&partitions=2")
    return lambda: KafkaQueue.from_url(url)


def _minio(_folder: Path, urls: Urls) -> Opener[ArtifactStore]:
    from linkshot.adapters.store_minio import MinioStore

    url = f"{urls['LINKSHOT_STORE'].rstrip('/')}/{uuid.uuid4().hex}"
    return lambda: MinioStore.from_url(url)


def _elasticsearch(_folder: Path, urls: Urls) -> Opener[SearchIndex]:
    from linkshot.adapters.index_elasticsearch import ElasticsearchIndex

    url = _with(urls["LINKSHOT_INDEX"], f"prefix=t{uuid.uuid4().hex[:8]}-")
    return lambda: ElasticsearchIndex.from_url(url, text_bytes=TEXT_BYTES)


def _with(url: str, more: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{more}"


QUEUES: dict[str, Callable[[Path, Urls], Opener[Queue]]] = {
    "sqlite": lambda folder, _urls: lambda: SqliteQueue(folder / "queue.db"),
    "kafka": _kafka,
}
STORES: dict[str, Callable[[Path, Urls], Opener[ArtifactStore]]] = {
    "filesystem": lambda folder, _urls: lambda: FilesystemStore(folder / "store"),
    "minio": _minio,
}
INDEXES: dict[str, Callable[[Path, Urls], Opener[SearchIndex]]] = {
    "tantivy": lambda folder, _urls: (
        lambda: TantivyIndex(folder / "index", heap_bytes=HEAP_BYTES, text_bytes=TEXT_BYTES)
    ),
    "elasticsearch": _elasticsearch,
}
SERVERS = ("kafka", "minio", "elasticsearch")


def params(adapters: dict[str, object]) -> list[object]:
    """For `pytest.fixture`; servers are marked."""
    return [
        pytest.param(name, marks=[pytest.mark.cluster] if name in SERVERS else [])
        for name in adapters
    ]


def closing(opener: Opener[P]) -> Iterator[Opener[P]]:
    """The opener, whose products are closed at the end."""
    opened: list[P] = []

    def tracked() -> P:
        opened.append(opener())
        return opened[-1]

    yield tracked
    for one in reversed(opened):
        one.close()
