"""Where the index lacks links, "nothing found" is never the answer."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_world import CommandLine
from web_client import Client, open_web

from indexer.run import Indexer
from linkshot import gaps, links, locks, search
from linkshot.app import App
from linkshot.catalogue.care import set_meta
from linkshot.config import load_settings
from linkshot.dispatch.announcing import announce, note_freshness
from linkshot.errors import IndexUnavailable
from linkshot.index_role import REBUILD_ASKED, REBUILD_DONE
from linkshot.model import NewLink
from linkshot.wiring import open_app

WISH = "1764000000000000000"


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """One link that was found, before somebody deleted the index."""
    data = tmp_path / "data"
    app = open_app(load_settings(data=data))
    links.add(app, NewLink(url="https://example.com/a", title="山茶花"))
    index_all(app)
    assert search.find(app, "山茶").total == 1
    app.close()
    shutil.rmtree(data / "index")
    return CommandLine(data)


@pytest.fixture
def web(cli: CommandLine) -> Iterator[Client]:
    with open_web(cli.data) as client:
        client.headers = {"Accept-Language": "zh-CN"}
        yield client


def index_all(app: App) -> None:
    """What `up` would have done by now."""
    indexer = Indexer(app, 100)
    indexer.work_once(0)
    announce(app)
    while indexer.work_once(1):
        pass
    indexer.close()
    note_freshness(app)


def wish(app: App, *, fulfilled: bool = False) -> None:
    """Somebody noticed that the index must be made again."""
    with app.catalogue.write() as conn:
        set_meta(conn, REBUILD_ASKED, WISH)
        if fulfilled:
            set_meta(conn, REBUILD_DONE, f"{WISH} 1")


def test_the_command_line_says_what_to_do_and_then_finds(cli: CommandLine) -> None:
    said = cli("search", "山茶")
    assert (said.code, said.out) == (1, "")
    assert "run `linkshot rebuild`" in said.err
    assert cli("--json", "search", "山茶").error["code"] == "search.rebuild"
    assert cli("rebuild").code == 0
    assert cli("--json", "search", "山茶").json["total"] == 1
    assert cli("search", "没有的词").err.strip() == "nothing found"


def test_while_somebody_is_at_work_it_says_wait(cli: CommandLine) -> None:
    with locks.hold(load_settings(data=cli.data), "index"):
        assert cli("--json", "search", "山茶").error["code"] == "search.rebuilding"


def test_lists_tags_and_filters_work_meanwhile(cli: CommandLine) -> None:
    answer = cli("--json", "list", "site:example.com").json
    assert (answer["total"], answer["incomplete"]) == (1, False)


def test_the_page_says_it_in_the_readers_language(web: Client) -> None:
    page = web.get("/", params={"q": "山茶"})
    assert page.status_code == 503
    assert "搜索索引需要重建：请在运行 linkshot 的机器上执行 linkshot rebuild。" in page.text
    with locks.hold(web.app.settings, "index"):
        assert "搜索索引正在重建，请稍后再试。" in web.get("/", params={"q": "山茶"}).text


def test_the_api_has_codes_for_it(web: Client) -> None:
    answer = web.get("/api/v1/search", params={"q": "山茶"})
    assert (answer.status_code, answer.json()["code"]) == (503, "search.rebuild")
    assert answer.headers["retry-after"]
    with locks.hold(web.app.settings, "index"):
        again = web.get("/api/v1/links", params={"q": "山茶"})
    assert again.json()["code"] == "search.rebuilding"


def test_answers_that_may_lack_links_say_so(cli: CommandLine, web: Client) -> None:
    """The index is being filled: some links are found, others not yet."""
    links.add(web.app, NewLink(url="https://example.com/b", title="山茶"))
    index_all(web.app)
    wish(web.app)
    answer = web.get("/api/v1/search", params={"q": "山茶"}).json()
    assert (answer["total"], answer["incomplete"]) == (1, True)
    assert "这里可能还缺少一些链接" in web.get("/", params={"q": "山茶"}).text
    assert "links may be missing" in cli("search", "山茶").err
    wish(web.app, fulfilled=True)
    assert web.get("/api/v1/search", params={"q": "山茶"}).json()["incomplete"] is False


def test_a_library_that_holds_no_such_word_finds_nothing(app: App) -> None:
    assert gaps.check(app, search.find(app, "山茶")) is False
    links.add(app, NewLink(url="https://example.com/a"))
    announce(app)
    assert gaps.check(app, search.find(app, "山茶")) is False


def test_a_broken_index_that_was_put_aside_is_no_empty_library(cli: CommandLine) -> None:
    (cli.data / "index" / "gen-1").mkdir(parents=True)
    with cli.app() as app, pytest.raises(IndexUnavailable, match="linkshot rebuild"):
        gaps.check(app, search.find(app, "山茶"))
