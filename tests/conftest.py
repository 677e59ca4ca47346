"""Fixtures of every test: a clean environment, a data folder, an open App, and a check for leftovers."""

import gc
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from linkshot.app import App
from linkshot.system.config import Settings, load_settings

CLUSTER_VARIABLES = (
    "LINKSHOT_CATALOGUE",
    "LINKSHOT_QUEUE",
    "LINKSHOT_STORE",
    "LINKSHOT_INDEX",
)
CLUSTER = {name: os.environ[name] for name in CLUSTER_VARIABLES if name in os.environ}
"""URLs of the real servers, when the tests were started with them."""

CLUSTER_FOLDER = os.environ.get("LINKSHOT_CLUSTER", "")
"""Where the data of the real servers lies, when it is not at its usual place."""

OURS = ("kafka-", "linkshot-", "inbox", "rebuild", "watchdog")
"""What threads are called that linkshot and its Kafka clients start and that have to be ended."""

for _name in list(os.environ):
    if _name.startswith("LINKSHOT_") and _name not in ("LINKSHOT_BROWSER", "LINKSHOT_CACHE"):
        del os.environ[_name]
os.environ.pop("HTTP_PROXY", None)
os.environ.pop("HTTPS_PROXY", None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Cluster tests without servers are skipped, with the reason in words."""
    skip = pytest.mark.skip(reason="needs the real servers: make test-cluster starts them")
    for item in items:
        if not item.get_closest_marker("cluster"):
            continue
        if len(CLUSTER) < len(CLUSTER_VARIABLES):
            item.add_marker(skip)
        # kafka-python 3.0.12 leaves the sockets of connections that it gave up to the garbage collector,
        # which may find one in any later test
        item.add_marker(pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"))


def pytest_collection_finish() -> None:
    """Modules and collected tests stay until the end, so the garbage collector passes over them."""
    gc.freeze()


@pytest.fixture(scope="session")
def cluster_urls() -> dict[str, str]:
    """Variable → URL of the real servers, when the tests were started with them."""
    return CLUSTER


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Embedded settings in a folder of the test's own; loopback pages are allowed."""
    return load_settings(data=tmp_path / "data", allow_networks="127.0.0.0/8", host_gap_s=0.0)


@pytest.fixture
def app(settings: Settings) -> Iterator[App]:
    """An open embedded linkshot."""
    from linkshot.wiring import open_app

    opened = open_app(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """Fails at the end when a test left a process or a thread behind."""
    yield
    threads = [t.name for t in threading.enumerate() if t.name.startswith(OURS)]
    assert threads == [], f"threads left behind: {threads}"
    left = psutil.Process().children(recursive=True)
    names = [child.name() for child in left if "resource_tracker" not in " ".join(_cmd(child))]
    assert names == [], f"processes left behind: {names}"


def _cmd(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
