"""Inspects and rewrites query trees: phrases, tag names, the range of `at:` (pure)."""

from collections.abc import Callable, Iterator

from linkshot.query.tree import (
    And,
    At,
    Between,
    Language,
    Not,
    Or,
    Query,
    Status,
    TagIds,
    TagName,
    Text,
)
from linkshot.text.tokens import TokenPhrase, phrase_variants


def has_words(query: Query) -> bool:
    """Whether the index must answer: words or `at:`."""
    return any(isinstance(leaf, Text | At) for leaf, _ in leaves(query))


def needs_visit(query: Query) -> bool:
    """Whether it filters by something known only after a visit of the page."""
    return any(
        isinstance(leaf, Language | Status)
        or (isinstance(leaf, Between) and leaf.what in ("snapshot", "changed"))
        for leaf, _ in leaves(query)
    )


def phrases(query: Query) -> list[TokenPhrase]:
    """The phrases to mark in hits; excluded words are left out."""
    return [
        one
        for leaf, wanted in leaves(query)
        if wanted and isinstance(leaf, Text)
        for one in phrase_variants(leaf.text, leaf.prefix)
    ]


def tag_names(query: Query) -> list[str]:
    """Names of tags in the query, each once."""
    names = (leaf.name for leaf, _ in leaves(query) if isinstance(leaf, TagName))
    return list(dict.fromkeys(names))


def at_range(query: Query) -> At | None:
    """The time of `at:`, None without one."""
    return next((leaf for leaf, _ in leaves(query) if isinstance(leaf, At)), None)


def resolve_tags(query: Query, lookup: Callable[[str], frozenset[str]]) -> Query:
    """The same tree with every TagName replaced by the ids of the tag and its children."""
    if isinstance(query, TagName):
        return TagIds(lookup(query.name))
    if isinstance(query, Not):
        return Not(resolve_tags(query.child, lookup))
    if isinstance(query, And):
        return And(tuple(resolve_tags(child, lookup) for child in query.children))
    if isinstance(query, Or):
        return Or(tuple(resolve_tags(child, lookup) for child in query.children))
    return query


def leaves(query: Query, wanted: bool = True) -> Iterator[tuple[Query, bool]]:
    """Every leaf with whether it is asked for (True) or excluded (False)."""
    if isinstance(query, Not):
        yield from leaves(query.child, not wanted)
    elif isinstance(query, And | Or):
        for child in query.children:
            yield from leaves(child, wanted)
    else:
        yield query, wanted
