"""What these tests rely on besides tests/conftest.py: a clock, a catalogue of either kind, a browser."""

import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from catalogue_app import Clock, empty, open_on, own_database
from cli_world import CommandLine

from linkshot.app import App
from linkshot.catalogue.engine import Catalogue
from linkshot.system.config import Settings, load_settings
from tests.site import Site
from tests.stores import cluster_settings, place_names

if TYPE_CHECKING:
    from web_client import Client

    from tests.integration.crawler_visitor import Visitor


@pytest.fixture
def clock() -> Clock:
    """Stands still at START."""
    return Clock()


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """The command line, on a data folder of its own."""
    return CommandLine(tmp_path / "data")


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Client]":
    """The web interface of an embedded linkshot that all tests of a file share."""
    from web_client import open_web

    with open_web(tmp_path_factory.mktemp("web")) as client:
        yield client


@pytest.fixture
def cli_web(cli: CommandLine) -> "Iterator[Client]":
    """The web interface, in English, of the data folder that the command line works on."""
    from web_client import open_web

    with open_web(cli.data) as client:
        client.headers = {"Accept-Language": "en"}
        yield client


@pytest.fixture(scope="session")
def empty_catalogue(
    tmp_path_factory: pytest.TempPathFactory, cluster_urls: dict[str, str]
) -> Iterator[str]:
    """A migrated catalogue, made once: migrating takes a while."""
    given = cluster_urls.get("LINKSHOT_CATALOGUE", "")
    file = tmp_path_factory.mktemp("catalogue") / "catalogue.db"
    with (
        own_database(given)
        if given.startswith("postgresql")
        else nullcontext(f"sqlite:///{file}") as url
    ):
        Catalogue.open(url).close()
        yield url


@pytest.fixture
def kept_url(tmp_path: Path, empty_catalogue: str) -> str:
    """Where an empty catalogue with its tables is."""
    if not empty_catalogue.startswith("sqlite:///"):
        empty(empty_catalogue)
        return empty_catalogue
    shutil.copy(empty_catalogue.removeprefix("sqlite:///"), tmp_path / "catalogue.db")
    return f"sqlite:///{tmp_path}/catalogue.db"


@pytest.fixture
def catalogue_url(tmp_path: Path, cluster_urls: dict[str, str]) -> Iterator[str]:
    """Where a catalogue may be made: a SQLite file, or a PostgreSQL database of the test's own."""
    given = cluster_urls.get("LINKSHOT_CATALOGUE", "")
    if given.startswith("postgresql"):
        with own_database(given) as url:
            yield url
    else:
        yield f"sqlite:///{tmp_path}/catalogue.db"


@pytest.fixture
def kept(tmp_path: Path, kept_url: str, clock: Clock) -> Iterator[App]:
    """An App whose catalogue is the one under test and whose clock stands still."""
    app = open_on(tmp_path / "data", kept_url, clock)
    yield app
    app.close()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """All pages of the test site; what one test asked of it stays in its list for the next."""
    with Site() as running:
        yield running


@pytest.fixture(scope="module")
def visit() -> "Iterator[Visitor]":
    """Visits a page; one browser for all tests of a file."""
    from tests.integration.crawler_visitor import Visitor

    visitor = Visitor()
    yield visitor
    visitor.close()


@pytest.fixture(scope="module")
def sandbox_closed() -> Iterator[None]:
    """The child process that parses for these tests ends with the file."""
    from pipelines.sandbox import close_sandbox

    yield
    close_sandbox()


@pytest.fixture(params=place_names())
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Embedded settings, and those of the real servers when there are some."""
    common = {
        "data": tmp_path / "data", "allow_networks": "127.0.0.0/8", "host_gap_s": 0.0,
        "host_gap_factor": 0.0, "port": 0, "journal_interval_s": 1.0, "disk_floor_bytes": 0,
        "self_check": "off",
    }  # fmt: skip
    if request.param == "embedded":
        yield load_settings(**common)
    else:
        with cluster_settings(common) as settings:
            yield settings
