"""Translates a query without words into a condition on `links`; the SQL twin of query.matches()."""

from functools import reduce
from operator import and_, or_

import sqlalchemy as sa

from linkshot.catalogue.links import links
from linkshot.catalogue.schema import chunks
from linkshot.catalogue.tags import link_tags, tags
from linkshot.catalogue.watches import watches
from linkshot.domain.model import WITHOUT_DOUBT, LinkState, Verdict
from linkshot.query import (
    All,
    And,
    Between,
    HasNote,
    Is,
    Language,
    Not,
    Or,
    Query,
    Site,
    Status,
    TagIds,
)

Where = sa.ColumnElement[bool]

c = links.c

TIMES = {"added": c.by_added, "snapshot": c.taken_at, "changed": c.by_changed}
STATES = {state.value for state in LinkState}


def where(query: Query) -> Where:
    """The condition on `links`; the same rows as query.matches().

    Tag names must have been resolved; words and At are ValueError: the index answers those.
    """
    match query:
        case All():
            return sa.true()
        case And(children):
            return reduce(and_, map(where, children), sa.true())
        case Or(children):
            return reduce(or_, map(where, children), sa.false())
        case Not(child):
            return sa.not_(where(child))
        case _:
            return _leaf(query)


def _leaf(query: Query) -> Where:
    match query:
        case TagIds(ids):
            return tagged(ids)
        case Site(host):
            names = (host, f"{host}.")  # a final dot does not matter
            below = [c.host.endswith(f".{name}", autoescape=True) for name in names]
            return reduce(or_, below, c.host.in_(names))
        case Between(what, start, end):
            # A link without a snapshot has NULL, an unchanged one a negative key: no range holds them.
            column = sa.func.coalesce(TIMES[what], 0)
            known = sa.true() if what == "added" else column > 0
            return known & (column >= start) & (column < end)
        case Language(tag):
            language = sa.func.lower(c.language)
            return (language == tag) | language.startswith(f"{tag}-", autoescape=True)
        case Status(code):
            return sa.func.coalesce(c.http_status, -1) == code
        case HasNote():
            return c.note != ""
        case Is(what):
            return _is(what)
        case _:
            raise ValueError(f"{type(query).__name__} is not answered by the catalogue")


def _is(what: str) -> Where:
    if what in STATES:
        return c.state == what
    match what:
        case "partial":
            return c.verdict == Verdict.PARTIAL.value
        case "doubtful":
            return c.verdict.not_in(WITHOUT_DOUBT)
        case "unread":
            return c.unread.is_(sa.true())
        case "untagged":
            return ~_exists_for(link_tags, "link_no")
        case "watched":
            return _exists_for(watches, "link_id")
        case _:
            raise ValueError(f"is:{what} is not answered by the catalogue")


def _exists_for(table: sa.Table, key: str) -> sa.ColumnElement[bool]:
    """A row of this table belongs to the link; apart from the table in an outer query."""
    own = table.alias()
    return sa.select(1).where(own.c[key] == c[key]).correlate(links).exists()


def tagged(ids: frozenset[str]) -> Where:
    """Carries one of these tags."""
    found: Where = sa.false()
    for part in chunks(sorted(ids)):
        # Aliases keep these tables apart from the same ones in an outer query.
        own, named = link_tags.alias(), tags.alias()
        meant = sa.select(named.c.tag_no).where(named.c.tag_id.in_(part))
        found |= c.link_no.in_(sa.select(own.c.link_no).where(own.c.tag_no.in_(meant)))
    return found
