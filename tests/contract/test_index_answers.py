"""Every SearchIndex answers like the oracle: the table of searches, and texts made at random."""

from collections.abc import Iterator, Sequence

import pytest

from linkshot.domain.model import IndexDocument
from linkshot.ports import Hits, PageRequest, SearchIndex, Upsert
from linkshot.query import Query, Sort, parse, resolve_tags
from tests.contract.adapters import INDEXES, closing, params
from tests.contract.search_cases import BATCHES, CASES, NOW, TAGS, Case, generated

SEED = 20_261_124
MOST = 10_000


@pytest.fixture(scope="module", params=params(INDEXES))
def own_index(request, tmp_path_factory, cluster_urls) -> Iterator[SearchIndex]:
    """An index for all tests of this module; its documents have names of their own."""
    for opener in closing(INDEXES[request.param](tmp_path_factory.mktemp("index"), cluster_urls)):
        yield opener()


@pytest.fixture(scope="module")
def table(own_index) -> SearchIndex:
    """The documents of the table, in several segments."""
    return fill(own_index, BATCHES)


def fill(index: SearchIndex, batches: Sequence[Sequence[IndexDocument]]) -> SearchIndex:
    index.replace([])
    for batch in batches:
        index.apply([Upsert(document=document) for document in batch])
    return index


def tree(text: str) -> Query:
    return resolve_tags(parse(text, NOW), lambda name: TAGS.get(name, frozenset()))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_table_is_answered(table, case: Case):
    hits = table.search(tree(case.query), PageRequest(limit=100, sort=Sort.NEWEST))
    assert tuple(hit.link_id for hit in hits.hits) == case.expected
    assert hits.total == len(case.expected)
    for facet, counts in case.facets.items():
        assert counts.items() <= hits.facets[facet].items()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_same_links_are_found_by_relevance(table, case: Case):
    hits = table.search(tree(case.query), PageRequest(limit=100, facets=False))
    assert sorted(hit.link_id for hit in hits.hits) == sorted(case.expected)


@pytest.mark.parametrize("sort", [Sort.RELEVANCE, Sort.NEWEST])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_page_is_the_same_when_nothing_is_counted(table, case: Case, sort: Sort):
    counted = table.search(tree(case.query), PageRequest(limit=3, sort=sort))
    page = PageRequest(limit=3, sort=sort, facets=False, total=False)
    assert table.search(tree(case.query), page) == Hits(total=0, hits=counted.hits)


def test_ten_thousand_texts_of_many_scripts_are_found_like_the_oracle_finds_them(own_index):
    made = generated(SEED)
    quarter = len(made.documents) // 4
    fill(own_index, [made.documents[start::4] for start in range(4)])
    assert own_index.count() == 4 * quarter
    wrong = []
    for query in made.queries:
        hits = own_index.search(query, PageRequest(limit=MOST, sort=Sort.NEWEST, facets=False))
        if {hit.id for hit in hits.hits} != made.expected(query) or hits.total != len(hits.hits):
            wrong.append(query)
    assert wrong == [], f"seed {SEED}"
