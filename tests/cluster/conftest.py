"""Parts of the real servers that belong to one test: own topics, own bucket folder, own indices."""

import uuid
from collections.abc import Callable, Iterator

import pytest

from linkshot.adapters.queue_kafka import KafkaQueue

CLOSED_PORT = 1
"""Nobody listens there."""


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
    for one in opened:
        one.close()


@pytest.fixture
def store_url(cluster_urls) -> str:
    """A bucket that does not exist yet."""
    server = cluster_urls["LINKSHOT_STORE"].rpartition("/")[0]
    return f"{server}/c{uuid.uuid4().hex}"


@pytest.fixture
def index_url(cluster_urls) -> str:
    """With indices of the test's own."""
    return f"{cluster_urls['LINKSHOT_INDEX']}?prefix=c{uuid.uuid4().hex[:8]}-"
