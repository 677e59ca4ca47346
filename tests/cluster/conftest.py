"""Parts of the real servers that belong to one test: own topics, own bucket folder, own indices."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from linkshot.adapters.queue_kafka import KafkaQueue
from linkshot.adapters.store_minio import MinioStore

CLOSED_PORT = 1
"""Nobody listens there."""
SOON_S = 20.0
"""For what our timeouts end after 10 s at most. The clients have timeouts of their own, of 30 s and more,
and which one ends a call only real time with a real client shows."""


@pytest.fixture
def kafka_url(cluster_urls) -> str:
    """With a prefix of the test's own and two partitions for each topic."""
    return f"{cluster_urls['LINKSHOT_QUEUE']}?prefix=c{uuid.uuid4().hex[:8]}.&partitions=2"


@pytest.fixture
def open_kafka(kafka_url) -> Iterator[Callable[[], KafkaQueue]]:
    """Opens the same queue again and again."""
    opened: list[KafkaQueue] = []

    def another() -> KafkaQueue:
        opened.append(KafkaQueue.from_url(kafka_url))
        return opened[-1]

    yield another
    with opened[0]._administering() as admin:
        mine = opened[0]._options.prefix
        admin.delete_topics([name for name in admin.list_topics() if name.startswith(mine)])
    for one in opened:
        one.close()


@pytest.fixture
def store_url(cluster_urls) -> Iterator[str]:
    """A bucket that does not exist yet."""
    server = cluster_urls["LINKSHOT_STORE"].rpartition("/")[0]
    bucket = f"c{uuid.uuid4().hex}"
    yield f"{server}/{bucket}"
    with closing(MinioStore.from_url(f"{server}/{bucket}")) as store:
        client = store._client
        for found in client.list_objects(bucket, recursive=True):
            client.remove_object(bucket, found.object_name)
        client.remove_bucket(bucket)


@pytest.fixture
def index_url(cluster_urls) -> str:
    """With indices of the test's own."""
    return f"{cluster_urls['LINKSHOT_INDEX']}?prefix=c{uuid.uuid4().hex[:8]}-"
