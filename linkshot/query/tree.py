"""The syntax tree of a query: frozen nodes that adapters translate and match.py evaluates.

The text of Word, Phrase and Prefix is as typed; tokens.phrase() turns it into tokens. All instants
are µs since 1970 (UTC), ranges are half open: `start <= t < end`.
"""

from dataclasses import dataclass
from enum import StrEnum

TEXT_FIELDS = ("title", "url", "note", "text")
"""Where a word without a field is looked for; a phrase must lie within one of them."""

FOREVER = 2**62


class Sort(StrEnum):
    """Order of hits; ties by by_added, newest first."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class All:
    """Matches every link (the empty query)."""


@dataclass(frozen=True, slots=True)
class Text:
    """Words in a row, in one field or in any: a typed word, a "phrase" or a prefix*."""

    text: str
    field: str | None = None
    """One of TEXT_FIELDS, None = any of them."""
    prefix: bool = False
    """The last token may go on (`arch*`)."""


@dataclass(frozen=True, slots=True)
class TagName:
    """`#a/b`: the tag or a child of it; must be resolved to TagIds before a search."""

    name: str


@dataclass(frozen=True, slots=True)
class TagIds:
    """Carries one of these tags; an empty set matches nothing."""

    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Site:
    """`site:example.com`: the host itself or a host below it."""

    host: str


@dataclass(frozen=True, slots=True)
class Between:
    """A time of the link within [start, end)."""

    what: str
    """`added`, `snapshot` (current one taken) or `changed` (since the first snapshot)."""
    start: int = 0
    end: int = FOREVER


@dataclass(frozen=True, slots=True)
class At:
    """Search the versions whose time of being seen overlaps [start, end)."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Language:
    """`lang:zh`."""

    tag: str


@dataclass(frozen=True, slots=True)
class Status:
    """`status:404`: HTTP status of the current snapshot."""

    code: int


@dataclass(frozen=True, slots=True)
class Is:
    """`is:failing`, `is:partial`, `is:watched`, …: one of leaves.STATES."""

    what: str


@dataclass(frozen=True, slots=True)
class HasNote:
    """`has:note`."""


@dataclass(frozen=True, slots=True)
class Not:
    """Everything but."""

    child: "Query"


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    children: "tuple[Query, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them."""

    children: "tuple[Query, ...]"


Query = (
    All
    | Text
    | TagName
    | TagIds
    | Site
    | Between
    | At
    | Language
    | Status
    | Is
    | HasNote
    | Not
    | And
    | Or
)
