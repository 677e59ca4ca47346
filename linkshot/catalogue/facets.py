"""How many of the found links are there per tag, site, year, language, status, state?"""

from typing import Any

import sqlalchemy as sa

from linkshot.catalogue.links import links
from linkshot.catalogue.tags import link_tags
from linkshot.ports import FACETS

TOP = 50
"""Values of one facet in an answer."""

c = links.c


def count_facets(conn: sa.Connection, where: sa.ColumnElement[bool]) -> dict[str, dict[str, int]]:
    """Facet → value → exact count, as SearchIndex.search gives them: the top 50, most first."""
    return {name: _counts(conn, name, where) for name in FACETS}


def _counts(conn: sa.Connection, name: str, where: sa.ColumnElement[bool]) -> dict[str, int]:
    value = _value(conn, name)
    count = sa.func.count()
    statement = sa.select(value, count).select_from(_source(name)).where(where, value.is_not(None))
    top = statement.group_by(value).order_by(count.desc(), value).limit(TOP)
    return {str(row[0]): row[1] for row in conn.execute(top) if row[0] != ""}


def _source(name: str) -> sa.FromClause:
    if name == "tag":
        return links.join(link_tags, link_tags.c.link_id == c.link_id)
    return links


def _value(conn: sa.Connection, name: str) -> sa.ColumnElement[Any]:
    columns: dict[str, sa.ColumnElement[Any]] = {
        "tag": link_tags.c.tag_id,
        "site": c.host,
        "language": c.language,
        "status": c.http_status,
        "state": c.state,
    }
    return columns[name] if name in columns else _year(conn)


def _year(conn: sa.Connection) -> sa.ColumnElement[Any]:
    seconds = c.by_added // 1_000_000
    if conn.dialect.name == "postgresql":
        return sa.func.to_char(sa.func.to_timestamp(seconds), "YYYY")
    return sa.func.strftime("%Y", seconds, "unixepoch")
