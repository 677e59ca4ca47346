"""Adds and removes the filter of a facet in a query, and nests tag facets as a tree."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from linkshot.domain.tag_tree import MAX_ROOT_TAGS
from linkshot.query import tag_term
from linkshot.use_cases.paging import FacetValue

__all__ = ["MAX_ROOT_TAGS", "TagNode", "filter_term", "has", "split_terms", "toggled", "tree"]

TERMS = re.compile(
    r"""-?(?:\#|tag:)"(?:\\.|[^"\\])*"  # a tag in quotes, which may hold quotes after a backslash
    | -?\#[^\s"()|][^\s()|]*         # a tag without, which may hold some
    | [^\s"]*"[^"]*" | \S+""",
    re.VERBOSE,
)
FILTERS = {
    "site": "site:{}",
    "year": "added:{}",
    "language": "lang:{}",
    "status": "status:{}",
    "state": "is:{}",
}
"""Facet → how a query filters by one of its values."""
PLAIN = re.compile(r'[^\s"()*|]+')


def filter_term(facet: str, value: str) -> str:
    """The piece of a query that means this value of a facet; empty where none can."""
    if facet == "tag":
        return tag_term(value)
    if '"' in value:
        return ""
    return FILTERS[facet].format(value if PLAIN.fullmatch(value) else f'"{value}"')


def split_terms(query: str) -> list[str]:
    """A query cut at its spaces, quotes kept whole."""
    return TERMS.findall(query)


def has(query: str, piece: str) -> bool:
    """Whether the query is filtered by this piece already."""
    return piece.casefold() in (part.casefold() for part in split_terms(query))


def toggled(query: str, piece: str) -> str:
    """The query with the piece, or without it when it was there."""
    parts = split_terms(query)
    rest = [part for part in parts if part.casefold() != piece.casefold()]
    return " ".join(rest if len(rest) < len(parts) else [*rest, piece])


@dataclass(slots=True)
class TagNode:
    """A tag in the tree of a facet."""

    name: str
    """Full name."""
    label: str
    count: int
    """Links that carry the tag or one below it."""
    children: list["TagNode"] = field(default_factory=list)


def tree(values: Sequence[FacetValue]) -> list[TagNode]:
    """Tags below their parents, most used first; one whose parent is not among them stands at the top."""
    roots: list[TagNode] = []
    known: dict[str, TagNode] = {}
    for value in sorted(values, key=lambda value: value.value.count("/")):
        parent, _, label = value.value.rpartition("/")
        above = known.get(parent)
        branch = TagNode(value.value, label if above else value.value, value.count)
        known[value.value] = branch
        (above.children if above else roots).append(branch)
    return _sorted(roots)


def _sorted(branches: Iterable[TagNode]) -> list[TagNode]:
    found = sorted(branches, key=lambda branch: (-branch.count, branch.name))
    for branch in found:
        branch.children = _sorted(branch.children)
    return found
