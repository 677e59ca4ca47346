"""Where the index lacks links, "nothing found" is never the answer."""

import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from cli_world import CommandLine
from web_client import Client, open_web
from web_shelf import stored_snapshot

from indexer.run import Indexer
from linkshot.app import App
from linkshot.catalogue.meta import set_meta
from linkshot.dispatch.outbox import publish_changes, record_freshness
from linkshot.domain.model import NewLink
from linkshot.errors import IndexUnavailable
from linkshot.system import locks
from linkshot.system.config import load_settings
from linkshot.use_cases import imports, index_completeness, links, search
from linkshot.use_cases.index_rebuild import REBUILD_ASKED, REBUILD_DONE
from linkshot.wiring import open_app

REQUEST = "1764000000000000000"


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
    publish_changes(app)
    while indexer.work_once(1):
        pass
    indexer.close()
    record_freshness(app)


def request_rebuild(app: App, *, fulfilled: bool = False) -> None:
    """Somebody noticed that the index must be made again."""
    with app.catalogue.write() as conn:
        set_meta(conn, REBUILD_ASKED, REQUEST)
        if fulfilled:
            set_meta(conn, REBUILD_DONE, f"{REQUEST} 1")


def test_the_command_line_says_what_to_do_and_then_finds(cli: CommandLine) -> None:
    said = cli("search", "山茶")
    assert (said.code, said.out) == (1, "")
    assert "run `linkshot rebuild`" in said.err
    assert cli("--json", "search", "山茶").error["code"] == "search.rebuild"
    assert cli("rebuild").code == 0
    assert cli("--json", "search", "山茶").json["total"] == 1
    assert cli("search", "没有的词").err.startswith("nothing found yet\nLinks not visited yet: 1.")


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
    request_rebuild(web.app)
    answer = web.get("/api/v1/search", params={"q": "山茶"}).json()
    assert (answer["total"], answer["incomplete"], answer["unvisited"]) == (1, True, 2)
    assert "这里可能还缺少一些链接" in web.get("/", params={"q": "山茶"}).text
    assert "links may be missing" in cli("search", "山茶").err
    request_rebuild(web.app, fulfilled=True)
    assert "这里可能还缺少一些链接" not in web.get("/", params={"q": "山茶"}).text


def test_a_library_that_is_visited_and_indexed_lacks_nothing(app: App) -> None:
    link = links.add(app, NewLink(url="https://example.com/a")).link
    stored_snapshot(app, link)
    index_all(app)
    found = search.find(app, "没有的词").completeness
    assert (found, found.incomplete) == (index_completeness.Completeness(), False)


def imported(app: App, many: int) -> None:
    lines = "\n".join(f"https://example.com/{n}" for n in range(many))
    imports.run(app, BytesIO(lines.encode()), "list.txt")


def test_after_an_import_a_search_says_how_much_is_not_visited_and_not_indexed(
    web: Client, cli: CommandLine
) -> None:
    """One link is announced, one more is in the index; the rest waits."""
    cli("rebuild")
    imported(web.app, 20)
    answer = web.get("/api/v1/search", params={"q": "没有的词"}).json()
    assert (answer["total"], answer["incomplete"]) == (0, True)
    assert (answer["unvisited"], answer["unindexed"]) == (21, 20)
    publish_changes(web.app)
    assert web.get("/api/v1/search", params={"q": "没有的词"}).json()["unindexed"] == 20
    index_all(web.app)
    assert web.get("/api/v1/search", params={"q": "没有的词"}).json()["unindexed"] == 0
    stored_snapshot(web.app, links.get(web.app, "https://example.com/3"))
    assert cli("--json", "search", "没有的词").json["unvisited"] == 20


def test_a_search_without_anybody_at_work_says_what_to_start(web: Client, cli: CommandLine) -> None:
    cli("rebuild")
    imported(web.app, 3)
    said = cli("search", "没有的词")
    assert said.code == 0
    assert said.err.splitlines() == [
        "nothing found yet",
        "Links not visited yet: 4. The words of their pages cannot be found before that.",
        "Changes not in the search index yet: 3.",
        "Nobody is at work on it: start `linkshot up`.",
    ]
    page = web.get("/", params={"q": "没有的词"}).text
    assert "还没有访问过：4 个链接。在此之前搜不到它们网页里的文字。" in page
    assert "还没有进入搜索索引：3 处改动。目前没有进程在处理，请启动“linkshot up”。" in page
    assert "暂时没有找到“没有的词”。" in page
    body = web.get("/api/v1/search", params={"q": "没有的词"}).json()
    assert body["not_running"] == ["dispatch", "crawl", "index"]


def test_while_somebody_is_at_work_nothing_is_to_be_started(web: Client, cli: CommandLine) -> None:
    cli("rebuild")
    imported(web.app, 3)
    with locks.hold_all(web.app.settings, locks.ROLES, 0.0):
        body = web.get("/api/v1/search", params={"q": "没有的词"}).json()
        assert (body["unvisited"], body["not_running"]) == (4, [])
        assert "Nobody is at work" not in cli("search", "没有的词").err


def test_older_versions_are_searched_with_the_same_honesty(cli: CommandLine) -> None:
    cli("rebuild")
    body = cli("--json", "search", "没有的词 at:2024").json
    assert (body["total"], body["incomplete"], body["unvisited"]) == (0, True, 1)


@pytest.mark.parametrize(
    ("query", "unvisited"),
    [("lang:zh", 1), ("status:200", 1), ("snapshot:<7d", 1), ("site:example.com", 0), ("", 0)],
)
def test_lists_by_what_only_a_visit_tells_say_what_was_not_visited(
    cli: CommandLine, query: str, unvisited: int
) -> None:
    body = cli("--json", "list", query).json
    assert (body["unvisited"], body["unindexed"], body["incomplete"]) == (
        unvisited, 0, unvisited > 0,
    )  # fmt: skip


def test_an_empty_library_says_that_nothing_is_kept_yet(tmp_path: Path) -> None:
    fresh = CommandLine(tmp_path / "fresh")
    said = fresh("search", "山茶")
    assert said.err.splitlines() == [
        "nothing found", "No link is kept yet: `linkshot add URL` keeps one.",
    ]  # fmt: skip
    assert fresh("--json", "search", "山茶").json["incomplete"] is False


def test_where_the_queue_does_not_answer_the_gap_is_not_known(app: App) -> None:
    links.add(app, NewLink(url="https://example.com/a"))
    app.queue.close()
    found = search.find(app, "山茶").completeness
    assert (found.unindexed, found.incomplete) == (None, True)


def test_counting_ends_somewhere(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_completeness, "COUNT_LIMIT", 5)
    imported(app, 9)
    found = search.find(app, "没有的词").completeness
    assert (found.unvisited, found.unindexed) == (6, 6)


def test_a_broken_index_that_was_put_aside_is_no_empty_library(cli: CommandLine) -> None:
    (cli.data / "index" / "gen-1").mkdir(parents=True)
    with cli.app() as app, pytest.raises(IndexUnavailable, match="linkshot rebuild"):
        search.find(app, "山茶")
