"""Counts the found links by tag, site, year, language, status and state."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

import sqlalchemy as sa

from linkshot.catalogue.links import links
from linkshot.catalogue.tag_counts import TagCounting

FACET_SIZE = 50
"""Values of one facet in an answer."""
DAY_US = 86_400_000_000

Where = sa.ColumnElement[bool]

c = links.c


def count_facets(conn: sa.Connection, where: Where) -> dict[str, dict[str, int]]:
    """Facet → value → exact count, as SearchIndex.search gives them: the top 50, most first."""
    counts = _count_few_valued(conn, where)
    counts["site"] = Counter(dict(_grouped(conn, c.host, where)))
    tagged = TagCounting(conn, where, most=_is_majority(conn, counts["state"].total()))
    found = {"tag": tagged.tree.top(tagged.own(), tagged.distinct)}
    order = ("site", "year", "language", "status", "state")
    return found | {name: _top(counts[name]) for name in order}


def _count_few_valued(conn: sa.Connection, where: Where) -> dict[str, Counter[str]]:
    """The facets with few values, in one pass: days become years here."""
    day = (c.by_added // DAY_US).label("day")
    columns = (c.state, c.language, c.http_status, day)
    statement = sa.select(*columns, sa.func.count()).where(where).group_by(*columns)
    found: dict[str, Counter[str]] = {
        name: Counter() for name in ("state", "language", "status", "year")
    }
    for state, language, status, on, count in conn.execute(statement):
        found["state"][state] += count
        found["language"][language] += count
        found["status"]["" if status is None else str(status)] += count
        found["year"][_year(on)] += count
    return found


def _year(day: int) -> str:
    return str(datetime.fromtimestamp(day * 86_400, UTC).year)


def _grouped(
    conn: sa.Connection, column: sa.ColumnElement[str], where: Where
) -> Iterable[tuple[str, int]]:
    statement = sa.select(column, sa.func.count()).where(where).group_by(column)
    return [(row[0], row[1]) for row in conn.execute(statement)]


def _is_majority(conn: sa.Connection, hits: int) -> bool:
    """Whether the hits are more than half of all links."""
    everything = conn.execute(sa.select(sa.func.count()).select_from(links)).scalar_one()
    return hits * 2 > int(everything)


def _top(counts: Counter[str]) -> dict[str, int]:
    pairs = [(value, count) for value, count in counts.items() if value and count > 0]
    return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:FACET_SIZE])
