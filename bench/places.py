"""The configurations that are measured: embedded, and the real servers if their URLs are given."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from linkshot.system.config import Settings, load_settings
from tests.conftest import CLUSTER, CLUSTER_VARIABLES
from tests.stores import cluster_settings

EMBEDDED, SERVERS = "embedded", "servers"


def names() -> list[str]:
    """The configurations available here."""
    return [EMBEDDED] + ([SERVERS] if len(CLUSTER) == len(CLUSTER_VARIABLES) else [])


@contextmanager
def settings_of(name: str, **given: Any) -> Iterator[Settings]:
    """Settings with a data folder, database, topics and indices of this run only."""
    with TemporaryDirectory(prefix="linkshot-bench-") as folder:
        common = {"data": Path(folder) / "data", "disk_floor_bytes": 0, "port": 0, **given}
        if name == EMBEDDED:
            yield load_settings(**common)
            return
        with cluster_settings(common) as settings:
            yield settings
