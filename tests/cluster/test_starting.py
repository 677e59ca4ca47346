"""Roles that are told to end while they get to know the real servers."""

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest

from linkshot.system.config import Settings
from tests.integration.catalogue_app import own_database
from tests.starting import Starting

pytestmark = pytest.mark.cluster


@pytest.fixture
def servers(settings: Settings, cluster_urls: dict[str, str]) -> Iterator[Settings]:
    """The real ones, with parts of the test's own."""
    own = f"c{uuid.uuid4().hex[:8]}"
    with own_database(cluster_urls["LINKSHOT_CATALOGUE"]) as catalogue:
        yield replace(
            settings,
            catalogue=catalogue,
            queue=f"{cluster_urls['LINKSHOT_QUEUE']}?prefix={own}.&partitions=2",
            store=cluster_urls["LINKSHOT_STORE"],
            index=f"{cluster_urls['LINKSHOT_INDEX']}?prefix={own}-",
        )


@pytest.mark.parametrize(
    ("role", "module"),
    [
        ("crawl", "linkshot.adapters.queue_kafka"), ("dispatch", "linkshot.adapters.queue_kafka"),
        ("dispatch", "linkshot.adapters.queue_kafka_subscription"), ("index", "indexer.run"),
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
