"""Tags with all below them are counted exactly by every SearchIndex, however the tree looks."""

import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkshot.domain.model import TagId
from linkshot.domain.tag_tree import TagTree
from linkshot.ports import SearchIndex
from linkshot.query import Query, TagIds
from tests.contract.test_index import DAY, NOW, at, link, search, version

TAGS = 24
LINKS = 60
FORESTS = 12

Tagged = dict[int, tuple[str, ...]]


def library(seed: int) -> Tagged:
    """Link number → the tags it carries: none, some, or many."""
    dice = random.Random(seed)
    weights = [1 / (n + 1) for n in range(TAGS)]
    return {
        number: tuple(sorted(set(dice.choices(TAG_IDS, weights, k=dice.choice((0, 1, 2, 3, 9))))))
        for number in range(LINKS)
    }


TAG_IDS = [f'018f-{n:02d} "tag\\' for n in range(TAGS)]


def forest(seed: int) -> TagTree:
    """A tree of these tags: flat, deep, or anything between."""
    dice = random.Random(seed)
    flat = dice.random()
    parents: dict[str, str | None] = {}
    for tag in dice.sample(TAG_IDS, TAGS):
        parents[tag] = None if not parents or dice.random() < flat else dice.choice([*parents])
    return TagTree(parents)


def true_counts(tagged: Tagged, tree: TagTree) -> dict[str, int]:
    """By looking at every link: each tag once for every link that carries it or one below it."""
    counts: Counter[str] = Counter()
    for tags in tagged.values():
        counts.update({above for tag in tags for above in tree.above(tag)})
    return dict(counts)


def counted(index: SearchIndex, query: Query | str, tree: TagTree) -> dict[str, int]:
    return search(index, query, limit=1, tags=tree).facets["tag"]


@pytest.mark.parametrize("seed", range(3))
def test_a_parent_counts_each_link_of_its_subtree_once(index: SearchIndex, seed: int) -> None:
    tagged = library(seed)
    words = {number: f"all {'odd' if number % 2 else 'even'}" for number in tagged}
    index.apply(
        [
            link(number, text=words[number], tag_ids=tuple(map(TagId, tags)))
            for number, tags in tagged.items()
        ]
    )
    for shape in range(FORESTS):
        tree = forest(seed * FORESTS + shape)
        assert counted(index, "all", tree) == true_counts(tagged, tree)
        odd = {number: tags for number, tags in tagged.items() if number % 2}
        assert counted(index, "odd", tree) == true_counts(odd, tree)
        inner = frozenset(map(TagId, next(iter(tree.members.values()), TAG_IDS[:1])))
        within = {n: tags for n, tags in tagged.items() if inner.intersection(tags)}
        assert counted(index, TagIds(inner), tree) == true_counts(within, tree)


def test_versions_count_the_tags_of_their_links(index: SearchIndex) -> None:
    tagged = library(5)
    for number, tags in tagged.items():
        ids = tuple(map(TagId, tags))
        index.apply(
            [
                link(number, tag_ids=ids),
                version(number, "aa", text="old", tag_ids=ids),
                version(number, "bb", text="old too", tag_ids=ids),
            ]
        )
    tree = forest(5)
    found = search(index, at(NOW, NOW + DAY, "old"), limit=1, tags=tree)
    assert (found.total, found.facets["tag"]) == (LINKS, true_counts(tagged, tree))


def test_every_tag_of_the_top_level_is_there(index: SearchIndex) -> None:
    """60 leaves of one tag have more links than 70 other tags of the top level."""
    parents: dict[str, str | None] = {"top": None} | {f"leaf{n:02d}": "top" for n in range(60)}
    parents |= {f"rare{n:02d}": None for n in range(70)}
    often = [link(n, text="w", tag_ids=(TagId(f"leaf{n % 60:02d}"),)) for n in range(120)]
    rarely = [link(n + 120, text="w", tag_ids=(TagId(f"rare{n:02d}"),)) for n in range(70)]
    index.apply([*often, *rarely])
    facet = counted(index, "w", TagTree(parents))
    assert facet["top"] == 120
    assert [tag for tag in facet if tag.startswith("rare")] == [f"rare{n:02d}" for n in range(70)]
    assert sum(tag.startswith("leaf") for tag in facet) == 49


def test_a_tag_with_thousands_below_it_is_counted(index: SearchIndex) -> None:
    parents: dict[str, str | None] = {"top": None} | {f"leaf{n:04d}": "top" for n in range(3000)}
    tags = [
        tuple(TagId(f"leaf{n:04d}") for n in range(start, start + 60))
        for start in range(0, 3000, 60)
    ]
    index.apply([link(n, text="w", tag_ids=ids) for n, ids in enumerate(tags)])
    assert counted(index, "w", TagTree(parents))["top"] == 50


def test_a_tag_that_is_not_in_the_tree_is_left_out(index: SearchIndex) -> None:
    index.apply([link(1, text="w", tag_ids=(TagId("gone"), TagId("here")))])
    assert counted(index, "w", TagTree({"here": None})) == {"here": 1}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6))
def test_the_tree_counts_as_one_who_looks_at_every_link(seed: int) -> None:
    tagged, tree = library(seed), forest(seed + 1)
    own = Counter(tag for tags in tagged.values() for tag in tags)
    asked: list[str] = []

    def distinct(several: dict[str, tuple[str, ...]]) -> dict[str, int]:
        asked.extend(several)
        return {
            tag: sum(not set(below).isdisjoint(tags) for tags in tagged.values())
            for tag, below in several.items()
        }

    assert tree.count(own, distinct) == true_counts(tagged, tree)
    assert tree.top(own, distinct) == true_counts(tagged, tree)
    assert set(asked) <= set(tree.members)
