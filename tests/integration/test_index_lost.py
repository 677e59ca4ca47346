"""An index that was deleted while nothing ran is noticed and made again by the index role itself."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from indexer.run import Indexer
from linkshot.app import App
from linkshot.dispatch.outbox import publish_changes, record_freshness
from linkshot.domain.messages import LINKS
from linkshot.domain.model import NewLink
from linkshot.errors import IndexUnavailable
from linkshot.ports import PageRequest
from linkshot.processes.index_role import rebuild_if_requested, run_index_role
from linkshot.query import parse
from linkshot.system.config import Settings, load_settings
from linkshot.use_cases import links, trash
from linkshot.use_cases.index_rebuild import request_rebuild_if_lost
from linkshot.wiring import open_app
from tests.stores import cluster_settings, place_names

Opener = Callable[[], App]


@pytest.fixture(params=place_names())
def settings(request, tmp_path: Path) -> Iterator[Settings]:
    if request.param == "embedded":
        yield load_settings(data=tmp_path / "data")
        return
    with cluster_settings({"data": tmp_path / "data"}) as made:
        yield made
        app = open_app(made)
        _delete_index(app)
        app.close()


@pytest.fixture
def opened(settings: Settings) -> Iterator[Opener]:
    """Each call is linkshot started again; the one before is closed."""
    running: list[App] = []

    def again() -> App:
        while running:
            running.pop().close()
        running.append(open_app(settings))
        return running[-1]

    yield again
    running.pop().close()


def _delete_index(app: App) -> None:
    """All of it, as somebody who tidies up would."""
    if (app.settings.data / "index").exists():
        shutil.rmtree(app.settings.data / "index")
        return
    client, name = app.index._client, app.index._name
    for index in client.indices.get_alias(index=f"{name}*").body:
        client.indices.delete(index=index)


def index_all(app: App) -> None:
    """What `up` would have done by now."""
    indexer = Indexer(app, 100)
    publish_changes(app)
    tries = iter(range(60))
    while app.queue.backlog(LINKS, "index") and next(tries) is not None:
        indexer.work_once(0.5)
    indexer.close()
    record_freshness(app)


def found(app: App, words: str) -> int:
    return app.index.search(parse(words), PageRequest()).total


@pytest.fixture
def lost(opened: Opener) -> App:
    """Two links were found, linkshot was stopped, its index deleted, and it is started again."""
    app = opened()
    links.add(app, NewLink(url="https://example.com/a", title="山茶"))
    links.add(app, NewLink(url="https://example.com/b", title="山茶花"))
    index_all(app)
    assert found(app, "山茶") == 2
    _delete_index(app)
    return opened()


def test_it_is_noticed_and_made_again(lost, opened):
    assert found(lost, "山茶") == 0
    assert request_rebuild_if_lost(lost)
    assert rebuild_if_requested(lost)
    assert found(lost, "山茶") == 2
    assert not rebuild_if_requested(lost)
    assert not request_rebuild_if_lost(opened())


def test_a_rebuild_request_outlives_the_process_that_noticed_and_what_is_indexed_meanwhile(
    lost, opened
):
    request_rebuild_if_lost(lost)
    app = opened()
    links.add(app, NewLink(url="https://example.com/c", title="山茶"))
    index_all(app)
    assert found(app, "山茶") == 1
    assert not request_rebuild_if_lost(app)
    assert rebuild_if_requested(app)
    assert found(app, "山茶") == 3


def test_the_role_does_it_by_itself(lost, monkeypatch):
    monkeypatch.setattr("linkshot.processes.index_role.CHECK_S", 0.01)
    stop = threading.Event()
    role = threading.Thread(target=run_index_role, args=(lost, stop))
    role.start()
    try:
        looks = (stop.wait(0.05) or found_or_not(lost) for _ in range(400))
        assert next((total for total in looks if total), 0) == 2
    finally:
        stop.set()
        role.join(60)
    assert not role.is_alive()


def found_or_not(app: App) -> int:
    """While it is being made an index may be unavailable."""
    with suppress(IndexUnavailable):
        return found(app, "山茶")
    return 0


def test_a_new_linkshot_has_lost_nothing(opened):
    app = opened()
    assert not request_rebuild_if_lost(app)
    record_freshness(app)
    links.add(app, NewLink(url="https://example.com/a", title="山茶"))
    publish_changes(app)
    assert not request_rebuild_if_lost(app), "its messages are still on the way"


def test_a_library_whose_links_are_all_in_the_trash_has_lost_nothing(opened):
    app = opened()
    links.add(app, NewLink(url="https://example.com/a"))
    index_all(app)
    trash.remove(app, ["https://example.com/a"])
    index_all(app)
    assert app.index.count() == 0
    assert not request_rebuild_if_lost(app)
