"""Pages nobody here wrote: taken in from a bookmarks file, they are found by exactly what they say."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import real
from bench.debian_docs import PACKAGES, DebianDocs
from linkshot.app import App
from linkshot.domain.model import Outcome
from linkshot.system.config import load_settings
from tests.fleet import opened
from tests.stores import cluster_settings, place_names

PAGES, QUERIES, SEED = 24, 200, 7
"""`python -m bench real` does the same with 120 pages."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not DebianDocs.complete(), reason=f"needs the Debian packages {PACKAGES}"),
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]


@pytest.fixture(scope="module", params=place_names())
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A linkshot that has taken in the pages, embedded and on the real servers."""
    folder: Path = tmp_path_factory.mktemp("real")
    common = {
        "data": folder / "data", "allow_networks": "127.0.0.0/8", "port": 0,
        "disk_floor_bytes": 0, **real.POLITE,
    }  # fmt: skip
    if request.param == "embedded":
        with opened(load_settings(**common)) as app, DebianDocs() as docs:
            real.take_in(app, docs, PAGES, SEED, folder)
            yield app
        return
    with cluster_settings(common) as settings, opened(settings) as app, DebianDocs() as docs:
        real.take_in(app, docs, PAGES, SEED, folder)
        yield app


def test_every_page_is_stored(app: App) -> None:
    outcomes = [one.last.outcome for one in real.every_link(app) if one.last]
    assert outcomes == [Outcome.STORED] * PAGES


def test_queries_give_exactly_the_pages_that_contain_them(app: App) -> None:
    checked = list(real.ask(app, QUERIES, SEED))
    wrong = [one for one in checked if one.expected != one.found]
    assert wrong == []
    assert len(checked) == 2 * QUERIES
    assert all(one.expected for one in checked)
