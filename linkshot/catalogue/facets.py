"""How many of the found links are there per tag, site, year, language, status, state?"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

import sqlalchemy as sa

from linkshot.catalogue.links import links
from linkshot.catalogue.tags import link_tags, tags

TOP = 50
"""Values of one facet in an answer."""
DAY_US = 86_400_000_000

Where = sa.ColumnElement[bool]

c = links.c


def count_facets(conn: sa.Connection, where: Where) -> dict[str, dict[str, int]]:
    """Facet → value → exact count, as SearchIndex.search gives them: the top 50, most first."""
    counts = _small(conn, where)
    counts["site"] = Counter(dict(_grouped(conn, c.host, where)))
    counts["tag"] = _tags(conn, where, counts["state"].total())
    order = ("tag", "site", "year", "language", "status", "state")
    return {name: _top(counts[name]) for name in order}


def count_tags(conn: sa.Connection, where: Where) -> Counter[str]:
    """Tag id → how many of these links carry it; where most links are meant, by the others."""
    counts = _tag_totals(conn)
    counts.subtract(_tags_of(conn, sa.not_(where)))
    return counts


def _small(conn: sa.Connection, where: Where) -> dict[str, Counter[str]]:
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


def _tags(conn: sa.Connection, where: Where, hits: int) -> Counter[str]:
    """Counted over the hits or over all others, whichever are fewer."""
    everything = conn.execute(sa.select(sa.func.count()).select_from(links)).scalar_one()
    return _tags_of(conn, where) if hits * 2 <= everything else count_tags(conn, where)


def _tags_of(conn: sa.Connection, where: Where) -> Counter[str]:
    return _named(conn, link_tags.c.link_no.in_(sa.select(c.link_no).where(where)))


def _tag_totals(conn: sa.Connection) -> Counter[str]:
    return _named(conn, sa.true())


def _named(conn: sa.Connection, where: Where) -> Counter[str]:
    """Tag id → how many pairs: counted by number, named afterwards."""
    counted = (
        sa.select(link_tags.c.tag_no, sa.func.count().label("pairs"))
        .where(where)
        .group_by(link_tags.c.tag_no)
        .subquery()
    )
    named = sa.select(tags.c.tag_id, counted.c.pairs).join(
        counted, counted.c.tag_no == tags.c.tag_no
    )
    return Counter({row[0]: row[1] for row in conn.execute(named)})


def _top(counts: Counter[str]) -> dict[str, int]:
    pairs = [(value, count) for value, count in counts.items() if value and count > 0]
    return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:TOP])
