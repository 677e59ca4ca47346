"""Counts the found links by tag, site, year, language, status and state."""

from collections import Counter
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
    by_site = sa.select(c.host, sa.func.count()).where(where).group_by(c.host)
    counts["site"] = Counter({row[0]: row[1] for row in conn.execute(by_site)})
    all_links = conn.execute(sa.select(sa.func.count()).select_from(links)).scalar_one()
    # Every link has a state, so these counts add up to the hits.
    tagged = TagCounting(conn, where, most=counts["state"].total() * 2 > all_links)
    found = {"tag": tagged.tree.top(tagged.own(), tagged.distinct)}
    for name in ("site", "year", "language", "status", "state"):
        pairs = [(value, count) for value, count in counts[name].items() if value and count > 0]
        found[name] = dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:FACET_SIZE])
    return found


def _count_few_valued(conn: sa.Connection, where: Where) -> dict[str, Counter[str]]:
    """The facets with few values, in one pass."""
    # A day is one division in every database, the year of an instant is not, so years are made here.
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
        found["year"][str(datetime.fromtimestamp(on * 86_400, UTC).year)] += count
    return found
