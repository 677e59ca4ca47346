"""What the unit tests rely on besides tests/conftest.py: a clock and a catalogue of either kind."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from catalogue_app import Clock, open_on, own_schema

from linkshot.app import App
from linkshot.catalogue.engine import Catalogue


@pytest.fixture
def clock() -> Clock:
    """Stands still at START."""
    return Clock()


@pytest.fixture(scope="session")
def empty_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite catalogue without rows, to be copied: migrating takes a while."""
    file = tmp_path_factory.mktemp("catalogue") / "catalogue.db"
    Catalogue.open(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def kept_url(catalogue_url: str, empty_catalogue: Path) -> str:
    """`catalogue_url` with its tables."""
    if catalogue_url.startswith("sqlite:///"):
        shutil.copy(empty_catalogue, catalogue_url.removeprefix("sqlite:///"))
    return catalogue_url


@pytest.fixture
def catalogue_url(tmp_path: Path, cluster_urls: dict[str, str]) -> Iterator[str]:
    """Where an empty catalogue is: a SQLite file, or a PostgreSQL database of the test's own."""
    given = cluster_urls.get("LINKSHOT_CATALOGUE", "")
    if given.startswith("postgresql"):
        with own_schema(given) as url:
            yield url
    else:
        yield f"sqlite:///{tmp_path}/catalogue.db"


@pytest.fixture
def kept(tmp_path: Path, kept_url: str, clock: Clock) -> Iterator[App]:
    """An App whose catalogue is the one under test and whose clock stands still."""
    app = open_on(tmp_path / "data", kept_url, clock)
    yield app
    app.close()
