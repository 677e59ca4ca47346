"""What a real Elasticsearch adds: several processes, indices that vanish, documents it refuses."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from elasticsearch import Elasticsearch

from linkshot.adapters import index_elasticsearch_generations as generations
from linkshot.adapters.index_elasticsearch import ElasticsearchIndex
from linkshot.domain.model import IndexDocument, LinkId
from linkshot.errors import ConfigError, IndexUnavailable, InvalidInput, QuerySyntax
from linkshot.ports import PageRequest, Removal, Upsert
from linkshot.query import Sort, Text, parse
from tests.cluster.conftest import CLOSED_PORT

pytestmark = pytest.mark.cluster
Opener = Callable[[], ElasticsearchIndex]


@pytest.fixture
def open_index(index_url) -> Iterator[Opener]:
    opened: list[ElasticsearchIndex] = []

    def another() -> ElasticsearchIndex:
        opened.append(ElasticsearchIndex.from_url(index_url, text_bytes=100_000))
        return opened[-1]

    yield another
    client = opened[0]._client
    for index in client.indices.get_alias(index=f"{opened[0]._name}*").body:
        client.indices.delete(index=index, ignore_unavailable=True)
    for one in opened:
        one.close()


@pytest.fixture
def index(open_index) -> ElasticsearchIndex:
    return open_index()


def link(number: int, rev: int = 1, **given: object) -> Upsert:
    name = LinkId(f"{number:032x}")
    given = {"by_added": number + 1, "by_changed": number + 1} | given
    return Upsert(document=IndexDocument(id=name, link_id=name, rev=rev, **given))


def found(index: ElasticsearchIndex, text: str, prefix: bool = False) -> list[int]:
    hits = index.search(Text(text, prefix=prefix), PageRequest(limit=100, sort=Sort.OLDEST)).hits
    return [int(hit.link_id, 16) for hit in hits]


def server(index: ElasticsearchIndex) -> Elasticsearch:
    return index._client


def numbered(index: ElasticsearchIndex) -> set[str]:
    return set(server(index).indices.get_alias(index=f"{index._name}*").body)


def test_a_removal_and_an_older_upsert_by_two_processes_at_once_leave_nothing(open_index):
    one, two = open_index(), open_index()
    for number in range(25):
        barrier = threading.Barrier(2)

        def run(index: ElasticsearchIndex, change: Removal | Upsert, start=barrier) -> None:
            start.wait()
            index.apply([change])

        gone = Removal(link_id=f"{number:032x}", rev=5)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(run, (one, two), (gone, link(number, rev=4, text="word"))))
    assert found(one, "word") == []
    assert one.count() == 0


def test_another_process_writes_to_the_index_being_built_too(open_index):
    builder, other = open_index(), open_index()
    other.apply([link(1, text="word")])

    def changes():
        yield link(1, text="word")
        other.apply([link(2, text="word"), Removal(link_id=f"{1:032x}", rev=9)])
        yield link(1, text="word")

    builder.replace(changes())
    assert found(other, "word") == [2]


def test_an_index_that_is_switched_while_another_process_writes_loses_nothing(open_index):
    builder, other = open_index(), open_index()
    stop = threading.Event()
    written: list[int] = []

    def write() -> None:
        while not stop.is_set():
            written.append(len(written))  # in the catalogue before it is announced
            other.apply([link(written[-1], text="word")])

    thread = threading.Thread(target=write)
    thread.start()

    def changes() -> Iterator[Upsert]:
        yield from [link(number, text="word") for number in written]

    for _ in range(3):
        builder.replace(changes())
    stop.set()
    thread.join()
    assert builder.count() == len(written)


def test_only_one_process_builds_at_a_time(open_index):
    builder, other = open_index(), open_index()

    def changes():
        with pytest.raises(IndexUnavailable):
            other.replace([])
        yield link(1, text="word")

    builder.replace(changes())
    assert found(other, "word") == [1]


def test_what_a_builder_left_that_died_is_put_away(open_index, monkeypatch):
    index = open_index()
    index.apply([link(1, text="old")])
    left = index._generations.begin()
    monkeypatch.setattr(generations, "SILENT_S", 0.0)
    index.replace([link(2, text="new")])
    assert left not in numbered(index)
    assert len(numbered(index)) == 1
    assert found(index, "new") == [2]


def test_an_index_of_another_version_serves_until_it_is_replaced(open_index, monkeypatch):
    open_index().apply([link(1, text="word")])
    monkeypatch.setattr(generations, "SCHEMA_VERSION", 999)
    index = open_index()
    assert index.needs_rebuild
    assert found(index, "word") == [1]
    monkeypatch.setattr(generations, "SCHEMA_VERSION", 1)
    index.replace([link(1, text="word")])
    assert not index.needs_rebuild


def test_an_index_without_its_mark_asks_to_be_filled_again(index, open_index):
    index.apply([link(1, text="word")])
    (name,) = numbered(index)
    server(index).indices.put_mapping(index=name, meta={})
    again = open_index()
    assert again.needs_rebuild
    again.replace([link(1, text="word")])
    assert not again.needs_rebuild


def test_an_index_that_lost_its_name_is_empty_until_it_is_replaced(index, open_index):
    index.apply([link(1, text="word")])
    (name,) = numbered(index)
    server(index).indices.delete_alias(index=name, name=index._name)
    again = open_index()
    assert again.count() == 0
    again.replace([link(1, text="word")])
    assert (again.count(), again.needs_rebuild) == (1, False)
    assert name not in numbered(again)


def test_an_index_that_vanished_is_never_made_without_its_mapping(index):
    index.apply([link(1, text="word")])
    (name,) = numbered(index)
    server(index).indices.delete(index=name)
    index.apply([link(2, text="word")])
    assert index.needs_rebuild
    assert found(index, "word") == [2]
    (made,) = numbered(index)
    mapping = server(index).indices.get_mapping(index=made).body[made]["mappings"]
    assert mapping["dynamic"] == "strict"


def test_a_document_the_server_refuses_is_named_and_stops_no_other(index):
    wrong = link(3, text="word", taken_at=2**70)
    with pytest.raises(InvalidInput, match=f"{3:032x}"):
        index.apply([link(1, text="word"), wrong, link(2, text="word")])
    assert found(index, "word") == [1, 2]


def test_a_rebuild_goes_on_without_a_document_the_server_refuses(index):
    index.replace([link(1, text="word"), link(2, taken_at=2**70), link(3, text="word")])
    assert found(index, "word") == [1, 3]


def test_a_beginning_that_thousands_of_words_have_is_still_exact(index):
    words = [f"ab{n:05d}" for n in range(20_000)]
    index.apply([link(n, text=" ".join(words[n * 400 : n * 400 + 400])) for n in range(50)])
    index.apply([link(77, text="many abzzz"), link(78, text="many acz")])
    assert found(index, "many ab", prefix=True) == [77]
    assert found(index, "many a", prefix=True) == [77, 78]
    assert len(found(index, "ab", prefix=True)) == 51


def test_a_longer_beginning_of_too_many_words_is_refused_not_answered_wrongly(index):
    words = [f"abcdef{n:05d}" for n in range(20_000)]
    index.apply([link(n, text=" ".join(words[n * 400 : n * 400 + 400])) for n in range(50)])
    index.apply([link(77, text="many abcdefz")])
    assert found(index, "many abcdefz", prefix=True) == [77]
    assert len(found(index, "abcdef", prefix=True)) == 51
    assert answer(index, "many abcdef") in ([77], "query.too_broad")


def answer(index: ElasticsearchIndex, text: str) -> list[int] | str:
    """How many words are tried one by one is a matter of the server's memory."""
    try:
        return found(index, text, prefix=True)
    except QuerySyntax as refused:
        return refused.code


def test_an_index_that_vanished_while_searching_is_told_and_made_again(index):
    index.apply([link(1, text="word")])
    assert found(index, "word") == [1]
    server(index).indices.delete(index=next(iter(numbered(index))))
    with pytest.raises(IndexUnavailable):
        found(index, "word")
    assert found(index, "word") == []
    assert index.needs_rebuild


def test_the_deepest_and_longest_query_that_can_be_read_is_answered(index):
    index.apply([link(1, text="快照7 w7 a x")])
    negated = "-(word OR " * 8 + "x" + ")" * 8
    grouped = "(a OR b (" * 8 + "x" + "))" * 8
    long = " OR ".join(f'"快照{n} w{n}"' for n in range(60))
    found = [index.search(parse(text), PageRequest()).total for text in (negated, grouped, long)]
    assert found == [1, 1, 1]


def test_more_links_than_one_request_counts_are_counted(index, monkeypatch):
    monkeypatch.setattr("linkshot.adapters.elasticsearch_dsl.LINKS_PER_REQUEST", 3)
    monkeypatch.setattr("linkshot.adapters.index_elasticsearch.LINKS_PER_REQUEST", 3)
    names = [LinkId(f"{n:032x}") for n in range(8)]
    index.apply([link(n, site=f"s{n % 2}.example") for n in range(8)])
    index.apply(
        [
            Upsert(
                document=IndexDocument(
                    id=f"{name}:{sha}", link_id=name, rev=1, version=True, text="word",
                    by_added=n + 1, seen_from=1, seen_to=9,
                )
            )
            for n, name in enumerate(names)
            for sha in "ab"
        ]
    )  # fmt: skip
    hits = index.search(parse("at:1970 word"), PageRequest(limit=2))
    assert (hits.total, len(hits.hits)) == (8, 2)
    assert hits.facets["site"] == {"s0.example": 4, "s1.example": 4}


def test_a_server_that_is_away_is_told():
    index = ElasticsearchIndex.from_url(
        f"elasticsearch+http://127.0.0.1:{CLOSED_PORT}", text_bytes=1000
    )
    for call in (lambda: index.apply([link(1)]), lambda: found(index, "a"), index.count):
        with pytest.raises(IndexUnavailable):
            call()
    index.close()


def test_a_key_file_that_is_not_there_is_told():
    with pytest.raises(ConfigError, match="api_key_file"):
        ElasticsearchIndex.from_url(
            "elasticsearch+https://h?api_key_file=/nowhere/key", text_bytes=1000
        )
