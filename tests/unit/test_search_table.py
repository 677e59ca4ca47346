"""The table of searches is true: the oracle finds what was written by hand."""

from datetime import UTC, datetime

from linkshot import query
from linkshot.domain.model import IndexDocument
from linkshot.query import Query
from tests.contract.search_cases import CASES, DOCUMENTS, NOW, TAGS, Case, generated
from tests.every_row import every_row

NEWEST = sorted(DOCUMENTS, key=lambda document: -document.by_added)
FACETS = {
    "tag": lambda link: link.tag_ids,
    "site": lambda link: (link.site,),
    "year": lambda link: (str(datetime.fromtimestamp(link.by_added / 1e6, UTC).year),),
    "language": lambda link: (link.language,),
    "status": lambda link: (str(link.http_status),),
    "state": lambda link: (link.state,),
}


def _read(text: str) -> Query:
    return query.resolve_tags(query.parse(text, NOW), lambda name: TAGS[name])


def _found(tree: Query) -> list[IndexDocument]:
    versions = query.at_range(tree) is not None
    return [doc for doc in NEWEST if doc.version is versions and query.matches(tree, doc)]


@every_row(CASES, lambda case: case.name)
def test_the_oracle_finds_what_the_table_says(case: Case) -> None:
    found = _found(_read(case.query))
    assert tuple(dict.fromkeys(doc.link_id for doc in found)) == case.expected
    for facet, values in case.facets.items():
        counted = [value for doc in found for value in FACETS[facet](doc)]
        assert {value: counted.count(value) for value in values} == values


def test_names_of_rows_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 80


def test_dates_of_links_are_unique() -> None:
    links = [doc for doc in DOCUMENTS if not doc.version]
    assert len({doc.by_added for doc in links}) == len(links)
    assert len({doc.by_changed for doc in links}) == len(links)


def test_the_short_way_of_the_generator_is_the_oracle() -> None:
    made = generated(seed=7, n=150, queries=40)
    for wanted in made.queries:
        found = {doc.id for doc in made.documents if query.matches(wanted, doc)}
        assert made.expected(wanted) == found
    assert sum(bool(made.expected(wanted)) for wanted in made.queries) > 20


def test_a_seed_makes_the_same_again() -> None:
    assert generated(seed=3, n=20) == generated(seed=3, n=20)
    assert generated(seed=3, n=20) != generated(seed=4, n=20)
