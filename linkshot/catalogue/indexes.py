"""Partial indexes, which hold only some rows of a table.

Only making and comparing the schema needs them, so they stand apart: naming a dialect loads it, and
PostgreSQL's would cost every command on SQLite 25 ms.
"""

import sqlalchemy as sa

from linkshot.catalogue.links import links
from linkshot.catalogue.tags import tags


def _part(name: str, *columns: sa.Column[object], of: sa.ColumnElement[bool]) -> sa.Index:
    return sa.Index(name, *columns, sqlite_where=of, postgresql_where=of)


c = links.c

_part("ix_links_due", c.host, c.priority, c.due_at, of=c.due_at.is_not(None))
_part(
    "ix_links_facets",
    c.state,
    c.language,
    c.http_status,
    c.by_added,
    c.host,
    c.purged,
    c.deleted_at,
    c.link_no,
    of=c.deleted_at.is_(None),
)
"""All that counting needs, so that it does not read the rows."""
_part("ix_links_lease", c.lease_until, of=c.lease_until.is_not(None))
_part("ix_links_announce", c.announce_class, c.rev, of=c.rev > c.announced_rev)
_part("ix_links_journal", c.rev, of=c.rev > c.journalled_rev)
_part("ix_links_deleted_at", c.deleted_at, of=c.deleted_at.is_not(None))
_part("ix_links_icon", c.icon, of=c.icon.is_not(None))
_part("ix_tags_journal", tags.c.rev, of=tags.c.rev > tags.c.journalled_rev)
