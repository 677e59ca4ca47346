"""Settings for the real servers, with names of the test's own, removed at the end."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from linkshot.system.config import Settings, load_settings
from tests.conftest import CLUSTER, CLUSTER_VARIABLES


def place_names() -> list[Any]:
    """`embedded`, and `cluster` as a cluster test."""
    return ["embedded", pytest.param("cluster", marks=pytest.mark.cluster)]


@contextmanager
def cluster_settings(common: dict[str, Any]) -> Iterator[Settings]:
    """The real servers with a database, topics, a prefix and indices of this test alone."""
    assert len(CLUSTER) == len(CLUSTER_VARIABLES)
    import psycopg

    name = f"t{uuid.uuid4().hex[:12]}"
    base = CLUSTER["LINKSHOT_CATALOGUE"]
    admin = base.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(admin, autocommit=True) as conn:
        conn.execute(f'CREATE DATABASE "{name}"')
    try:
        yield load_settings(
            **common,
            catalogue=f"{base.rpartition('/')[0]}/{name}",
            queue=f"{CLUSTER['LINKSHOT_QUEUE']}?prefix={name}.&partitions=3&silence=6",
            store=f"{CLUSTER['LINKSHOT_STORE']}/{name}",
            index=f"{CLUSTER['LINKSHOT_INDEX']}?prefix={name}-",
        )
    finally:
        with psycopg.connect(admin, autocommit=True) as conn:
            conn.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        _drop_index(f"{name}-")


def _drop_index(prefix: str) -> None:
    from elasticsearch import Elasticsearch

    url = CLUSTER["LINKSHOT_INDEX"].replace("elasticsearch+", "")
    client = Elasticsearch(url)
    for index in client.indices.get(index=f"{prefix}*", expand_wildcards="all").body:
        client.indices.delete(index=index)
    client.close()
