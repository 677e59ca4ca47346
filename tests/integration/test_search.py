"""Queries answered by the catalogue and by the index, through one door."""

import random
from collections.abc import Sequence
from datetime import timedelta

import pytest
from catalogue_app import Clock, counted

from linkshot import query
from linkshot.app import App
from linkshot.catalogue.links import links as table
from linkshot.catalogue.meta import set_meta
from linkshot.domain.model import IndexDocument, Link, LinkId, NewLink
from linkshot.errors import IndexUnavailable, InvalidInput, QuerySyntax
from linkshot.ports import Hit, Hits, PageRequest
from linkshot.query import Query
from linkshot.use_cases import links, search, tags, trash, watches
from linkshot.use_cases.index_completeness import COMPLETE
from linkshot.use_cases.jobs import INDEXED_UNTIL
from linkshot.use_cases.paging import page_request


class OracleIndex:
    """Answers by query.matches() over documents made from the catalogue, without ranking."""

    needs_rebuild = False

    def __init__(self) -> None:
        self.documents: list[IndexDocument] = []
        self.asked: list[Query] = []

    def search(self, wanted: Query, page: PageRequest) -> Hits:
        self.asked.append(wanted)
        found = [doc for doc in self.documents if query.matches(wanted, doc)]
        found.sort(key=lambda doc: -doc.by_added)
        if page.before is not None:
            shown = [doc for doc in found if doc.by_added < page.before]
        else:
            shown = found[page.offset :]
        hits = [
            Hit(id=d.id, link_id=d.link_id, score=1.0, key=d.by_added, text=d.text)
            for d in shown[: page.limit]
        ]
        counts: dict[str, int] = {}
        for doc in found:
            for tag_id in doc.tag_ids:
                counts[tag_id] = counts.get(tag_id, 0) + 1
        return Hits(total=len(found), hits=tuple(hits), facets={"tag": counts})

    def close(self) -> None:
        pass


class DownIndex(OracleIndex):
    def search(self, wanted: Query, page: PageRequest) -> Hits:
        raise IndexUnavailable


def use(app: App, index: OracleIndex) -> OracleIndex:
    app.openers = type(app.openers)(
        catalogue=app.openers.catalogue,
        queue=app.openers.queue,
        store=app.openers.store,
        index=lambda: index,
    )
    return index


def document(link: Link, text: str = "") -> IndexDocument:
    return IndexDocument(
        id=link.link_id,
        link_id=link.link_id,
        rev=link.rev,
        url=link.url,
        title=link.title,
        note=link.note,
        text=text,
        site=link.host,
        tag_ids=tuple(tag.tag_id for tag in link.tags),
        state=link.state.value,
        unread=link.unread,
        watched=link.watched,
        by_added=link.by_added,
        by_changed=link.by_changed,
    )


def add(app: App, url: str, *names: str, **more: object) -> Link:
    return links.add(app, NewLink(url=url, tags=names, **more)).link


def urls(page: search.SearchPage) -> list[str]:
    return [found.link.url for found in page.items]


SITES = ("example.com", "www.example.com", "notexample.com", "example.com.", "例え.テスト")
TAGS = ("ai", "ai/编译器", "ai/编译器/llvm", "读书", "a_b", "a%b")


def library(app: App, clock: Clock, seed: int = 7) -> list[IndexDocument]:
    """40 links of every kind, the same for the same seed."""
    dice = random.Random(seed)
    for number in range(40):
        clock.move(days=dice.randint(0, 40))
        names = dice.sample(TAGS, dice.randint(0, 3))
        url = f"https://{dice.choice(SITES)}/{number}"
        link = add(app, url, *names, note=dice.choice(["", "笔记"]), unread=dice.random() < 0.3)
        _settle(app, link.link_id, dice, clock)
        if dice.random() < 0.2:
            watches.set_schedule(app, link.link_id, "1d")
    return _documents(app)


def _settle(app: App, link_id: str, dice: random.Random, clock: Clock) -> None:
    values = {
        "state": dice.choice(["new", "ok", "failing", "blocked", "gone"]),
        "language": dice.choice(["", "zh", "zh-TW", "en"]),
        "http_status": dice.choice([None, 200, 404]),
        "verdict": dice.choice(["", "good", "partial", "doubtful", "empty"]),
        "taken_at": dice.choice([None, int(clock.now.timestamp()) * 1_000_000]),
    }
    with app.catalogue.write() as conn:
        conn.execute(table.update().where(table.c.link_id == link_id).values(**values))


def _documents(app: App) -> list[IndexDocument]:
    from dataclasses import replace

    with app.catalogue.read() as conn:
        rows = {row.link_id: row for row in conn.execute(table.select())}
    return [
        replace(
            document(link),
            language=rows[link.link_id].language,
            http_status=rows[link.link_id].http_status,
            verdict=rows[link.link_id].verdict,
            taken_at=rows[link.link_id].taken_at or 0,
        )
        for link in links.by_ids(app, [LinkId(link_id) for link_id in rows])
    ]


WORDLESS = (
    "", "*", "#ai", "#ai/编译器", "#AI/编译器/LLVM", "-#ai", "#nowhere", "#a_b", "#a%b", "site:example.com",
    "site:www.example.com", "-site:example.com", "site:com", "site:xample.com", "site:例え.テスト", "lang:zh",
    "lang:zh-tw", "lang:en", "-lang:zh", "status:404", "-status:404", "is:failing", "is:blocked", "is:gone",
    "is:new", "is:ok", "is:partial", "is:doubtful", "-is:doubtful", "is:untagged", "is:unread", "is:watched", "-is:watched", "has:note", "-has:note",
    "added:2027", "added:<90d", "added:>2027-06-01", "-added:<90d", "snapshot:<90d", "-snapshot:<90d",
    "changed:>2027-06-01", "#ai OR is:unread", "(#ai OR #读书) -is:ok site:example.com", "is:ok is:failing",
    "-(#ai OR #读书)", "added:2027-03..2027-05",
)  # fmt: skip


def test_the_catalogue_answers_exactly_what_the_oracle_answers(kept: App, clock: Clock) -> None:
    documents = library(kept, clock)
    answers = [(text, _ids(kept, text), _oracle(kept, text, documents)) for text in WORDLESS]
    assert [text for text, got, wanted in answers if got != wanted] == []
    assert sum(1 for _, got, _ in answers if 0 < len(got) < 40) > 30


def _ids(app: App, text: str) -> set[str]:
    page = search.find(app, text, page_request(limit=200))
    assert page.total == len(page.items)
    return {found.link.link_id for found in page.items}


def _oracle(app: App, text: str, documents: Sequence[IndexDocument]) -> set[str]:
    parsed = query.parse(text, app.now())
    lookup = tags.resolve(app, query.tag_names(parsed))
    wanted = query.resolve_tags(parsed, lambda name: lookup[name])
    return {doc.id for doc in documents if query.matches(wanted, doc)}


def test_without_words_the_index_is_not_asked(kept: App) -> None:
    use(kept, DownIndex())
    link = add(kept, "https://example.com/", "x")
    page = search.find(kept, "#x")
    assert (urls(page), page.indexed_until) == ([link.url], None)


def test_words_are_unavailable_when_the_index_is_down(kept: App) -> None:
    use(kept, DownIndex())
    with pytest.raises(IndexUnavailable) as failure:
        search.find(kept, "链接")
    assert failure.value.code == "search.unavailable"


def test_a_hit_shows_the_link_as_it_is_now_with_a_snippet(kept: App) -> None:
    index = use(kept, OracleIndex())
    link = add(kept, "https://example.com/", "x")
    index.documents = [document(link, "一个链接快照平台")]
    links.edit(kept, link.link_id, title="new title")
    (found,) = search.find(kept, "快照").items
    assert found.link.title == "new title"
    assert ("快照", True) in found.snippet
    assert search.find(kept, "快照", highlight=False).items[0].snippet == ()


def test_a_removed_link_drops_out_before_the_index_knows(kept: App) -> None:
    index = use(kept, OracleIndex())
    link = add(kept, "https://example.com/")
    index.documents = [document(link, "快照")]
    trash.remove(kept, [link.link_id])
    assert search.find(kept, "快照").items == ()


def test_tags_reach_the_index_as_ids_and_come_back_as_names(kept: App) -> None:
    index = use(kept, OracleIndex())
    link = add(kept, "https://example.com/", "ai/编译器")
    index.documents = [document(link, "快照")]
    page = search.find(kept, "快照 #AI")
    assert urls(page) == [link.url]
    (facet,) = page.facets["tag"]
    assert (facet.value, facet.label, facet.count) == ("ai/编译器", "ai/编译器", 1)


def test_the_answer_says_up_to_when_the_index_knows(kept: App) -> None:
    use(kept, OracleIndex())
    assert search.find(kept, "x").indexed_until is None
    with kept.catalogue.write() as conn:
        set_meta(conn, INDEXED_UNTIL, kept.now().isoformat())
    assert search.find(kept, "x").indexed_until == kept.now()
    assert search.indexed_until(kept) == kept.now()


@pytest.mark.parametrize("sort", ["relevance", "newest"])
@pytest.mark.parametrize("text", ["word", ""], ids=["index", "catalogue"])
def test_pages_follow_each_other_by_cursor(kept: App, sort: str, text: str) -> None:
    index = use(kept, OracleIndex())
    made = [add(kept, f"https://example.com/{number}") for number in range(7)]
    index.documents = [document(link, "word") for link in made]
    page = search.find(kept, text, page_request(limit=3, sort=sort))
    seen = urls(page)
    while page.next_cursor:
        page = search.find(kept, text, page_request(limit=3), cursor=page.next_cursor)
        seen += urls(page)
    assert sorted(seen) == sorted(link.url for link in made)


def test_a_cursor_may_stand_in_place_of_a_page(kept: App) -> None:
    for number in range(30):
        add(kept, f"https://example.com/{number}")
    first = search.find(kept, "", page_request(limit=20))
    assert len(search.find(kept, "", first.next_cursor).items) == 10


def test_a_cursor_of_a_query_with_a_moving_time_still_fits(kept: App, clock: Clock) -> None:
    for number in range(3):
        add(kept, f"https://example.com/{number}")
    first = search.find(kept, "added:<7d", page_request(limit=2))
    clock.move(seconds=5)
    assert len(search.find(kept, " added:<7d ", cursor=first.next_cursor).items) == 1


def test_by_relevance_only_a_window_can_be_paged(kept: App) -> None:
    use(kept, OracleIndex())
    with pytest.raises(InvalidInput) as failure:
        search.find(kept, "x", PageRequest(limit=20, offset=990))
    assert failure.value.code == "page.too_deep"


@pytest.mark.parametrize(
    "text", ["?", "%", "_", "\\", "*", "  ", "'", "';--", "{a b}:c", "a^", "/(a+)+$/"]
)
def test_signs_are_answered_and_never_an_error(kept: App, text: str) -> None:
    use(kept, OracleIndex())
    assert search.find(kept, text).total >= 0


def test_what_cannot_be_read_says_where(kept: App) -> None:
    with pytest.raises(QuerySyntax):
        search.find(kept, "added:2026-02-30")


@pytest.mark.parametrize(("check", "most"), [(False, 5), (True, 11)])
def test_a_search_takes_the_same_number_of_queries_for_few_and_many_hits(
    kept: App, check: bool, most: int
) -> None:
    index = use(kept, OracleIndex())
    made = [add(kept, f"https://example.com/{number}", f"t{number}") for number in range(40)]

    def statements(count: int) -> int:
        index.documents = [document(link, "word") for link in made[:count]]
        with counted(kept) as seen:
            page = search.find(kept, "word", page_request(limit=200), check_completeness=check)
        assert page.total == count
        return len(seen)

    statements(1)  # reads the tree of tags, once for all
    assert statements(1) == statements(40) <= most


def test_an_answer_tells_what_it_may_lack_unless_it_is_not_asked(kept: App) -> None:
    use(kept, OracleIndex())
    add(kept, "https://example.com/")
    assert search.find(kept, "word").completeness.unvisited == 1
    assert search.find(kept, "word", check_completeness=False).completeness == COMPLETE
    assert search.find(kept, "site:example.com").completeness == COMPLETE


def test_years_are_those_of_utc(kept: App, clock: Clock) -> None:
    add(kept, "https://example.com/1", added_at=clock.now.replace(2025, 12, 31, 23, 59, 59))
    add(kept, "https://example.com/2", added_at=clock.now.replace(2026, 1, 1, 0, 0, 0))
    add(kept, "https://example.com/3", added_at=clock.now - timedelta(days=9000))
    years = {value.value: value.count for value in search.find(kept, "").facets["year"]}
    assert years == {"2025": 1, "2026": 1, "2002": 1}
