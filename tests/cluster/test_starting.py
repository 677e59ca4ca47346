"""Roles that are told to end while they get to know the real servers."""

from dataclasses import replace

import pytest

from linkshot.config import Settings
from tests.starting import Starting

pytestmark = pytest.mark.cluster


@pytest.fixture
def servers(
    settings: Settings, catalogue_url: str, kafka_url: str, store_url: str, index_url: str
) -> Settings:
    """The real ones, with parts of the test's own."""
    return replace(
        settings, catalogue=catalogue_url, queue=kafka_url, store=store_url, index=index_url
    )


@pytest.mark.parametrize(
    ("role", "module"),
    [
        ("crawl", "linkshot.adapters.queue_kafka"), ("dispatch", "linkshot.adapters.queue_kafka"),
        ("dispatch", "linkshot.adapters.queue_kafka_member"), ("index", "indexer.run"),
        ("index", "linkshot.adapters.queue_kafka"),
    ],
    ids=str,
)  # fmt: skip
def test_a_role_that_joins_its_servers_ends_at_once(
    servers: Settings, role: str, module: str
) -> None:
    with Starting(servers, role) as starting:
        starting.loaded(module)
        assert starting.told() == 0
