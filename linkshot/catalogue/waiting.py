"""What is still to come: links not visited yet, changes not announced to the index.

Counting ends at a limit, because counting a million entries of an index costs a fifth of a second.
"""

import sqlalchemy as sa

from linkshot.catalogue.link_rows import VISIBLE
from linkshot.catalogue.links import links
from linkshot.model import LinkState

c = links.c


def unvisited(conn: sa.Connection, limit: int) -> int:
    """Links of which no visit has ended, by ix_links_facets; no further than `limit`."""
    return _count(conn, VISIBLE & (c.state == LinkState.NEW.value), limit)


def unannounced(conn: sa.Connection, limit: int) -> int:
    """Links whose last change was not announced, by ix_links_announce; no further than `limit`."""
    return _count(conn, (c.announce_class >= 0) & (c.rev > c.announced_rev), limit)


def is_empty(conn: sa.Connection) -> bool:
    """Whether no link is kept."""
    return _count(conn, VISIBLE, 1) == 0


def _count(conn: sa.Connection, wanted: sa.ColumnElement[bool], limit: int) -> int:
    found = sa.select(c.link_no).where(wanted).limit(limit).subquery()
    return int(conn.execute(sa.select(sa.func.count()).select_from(found)).scalar_one())
