"""An empty queue, store and index for each test, of every adapter."""

from collections.abc import Iterator

import pytest

from linkshot.ports import ArtifactStore, Queue, SearchIndex
from tests.contract.adapters import INDEXES, QUEUES, STORES, Opener, closing, params


@pytest.fixture(params=params(QUEUES))
def open_queue(request, tmp_path, cluster_urls) -> Iterator[Opener[Queue]]:
    """Opens the same queue again and again."""
    yield from closing(QUEUES[request.param](tmp_path, cluster_urls))


@pytest.fixture
def queue(open_queue: Opener[Queue]) -> Queue:
    """An empty queue."""
    return open_queue()


@pytest.fixture(params=params(STORES))
def open_store(request, tmp_path, cluster_urls) -> Iterator[Opener[ArtifactStore]]:
    """Opens the same store again and again."""
    yield from closing(STORES[request.param](tmp_path, cluster_urls))


@pytest.fixture
def store(open_store: Opener[ArtifactStore]) -> ArtifactStore:
    """An empty store."""
    return open_store()


@pytest.fixture(params=params(INDEXES))
def open_index(request, tmp_path, cluster_urls) -> Iterator[Opener[SearchIndex]]:
    """Opens the same index again and again."""
    yield from closing(INDEXES[request.param](tmp_path, cluster_urls))


@pytest.fixture
def index(open_index: Opener[SearchIndex]) -> SearchIndex:
    """An empty index."""
    return open_index()
