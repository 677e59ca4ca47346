"""How does a click on a facet change the query? (pure)"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from linkshot.paging import FacetValue

PIECES = re.compile(r'[^\s"]*"[^"]*"|\S+')
FILTERS = {
    "tag": "#{}",
    "site": "site:{}",
    "year": "added:{}",
    "language": "lang:{}",
    "status": "status:{}",
    "state": "is:{}",
}
"""Facet → how a query filters by one of its values."""
PLAIN = re.compile(r'[^\s"()*|]+')


def filter_of(facet: str, value: str) -> str:
    """The piece of a query that means this value of a facet; empty where none can."""
    if '"' in value:
        return ""
    return FILTERS[facet].format(value if PLAIN.fullmatch(value) else f'"{value}"')


def pieces(query: str) -> list[str]:
    """A query cut at its spaces, quotes kept whole."""
    return PIECES.findall(query)


def has(query: str, piece: str) -> bool:
    """Whether the query is filtered by this piece already."""
    return piece.casefold() in (part.casefold() for part in pieces(query))


def toggled(query: str, piece: str) -> str:
    """The query with the piece, or without it when it was there."""
    parts = pieces(query)
    rest = [part for part in parts if part.casefold() != piece.casefold()]
    return " ".join(rest if len(rest) < len(parts) else [*rest, piece])


@dataclass(slots=True)
class Branch:
    """A tag in the tree of a facet."""

    name: str
    """Full name."""
    label: str
    count: int = 0
    """Links that carry the tag itself."""
    children: list["Branch"] = field(default_factory=list)

    @property
    def total(self) -> int:
        """For the length of its bar: itself and below (a link with both counts twice)."""
        return self.count + sum(child.total for child in self.children)


def tree(values: Sequence[FacetValue]) -> list[Branch]:
    """Tags by their paths, most used first; missing parents are filled in."""
    roots: list[Branch] = []
    known: dict[str, Branch] = {}
    for value in values:
        _branch(value.value, known, roots).count = value.count
    return _sorted(roots)


def _branch(name: str, known: dict[str, Branch], roots: list[Branch]) -> Branch:
    if name not in known:
        parent, _, label = name.rpartition("/")
        known[name] = Branch(name, label)
        siblings = _branch(parent, known, roots).children if parent else roots
        siblings.append(known[name])
    return known[name]


def _sorted(branches: Iterable[Branch]) -> list[Branch]:
    found = sorted(branches, key=lambda branch: (-branch.total, branch.name))
    for branch in found:
        branch.children = _sorted(branch.children)
    return found
