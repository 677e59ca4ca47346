"""Completes `metadata` for the migrations: imports every module that defines a table, and adds the
partial indexes, which hold only some rows of a table.

Only making and comparing the schema needs these indexes, so they do not stand beside their tables: naming
a dialect loads it, and PostgreSQL's would cost every command on SQLite 25 ms.
"""

import sqlalchemy as sa

from linkshot.catalogue.clock import clocks
from linkshot.catalogue.damaged_objects import damages
from linkshot.catalogue.dead_letters import dead_letters
from linkshot.catalogue.idempotency import idempotency
from linkshot.catalogue.imports import import_rows, imports
from linkshot.catalogue.leases import leases
from linkshot.catalogue.links import hosts, links
from linkshot.catalogue.meta import meta
from linkshot.catalogue.schema import metadata
from linkshot.catalogue.sessions import login_tries, logins
from linkshot.catalogue.site_cookies import site_cookies
from linkshot.catalogue.site_rules import site_rules
from linkshot.catalogue.snapshots import snapshots, versions
from linkshot.catalogue.tags import link_tags, tags
from linkshot.catalogue.uploads import uploads
from linkshot.catalogue.watches import watches

__all__ = [
    "clocks",
    "damages",
    "dead_letters",
    "hosts",
    "idempotency",
    "import_rows",
    "imports",
    "leases",
    "link_tags",
    "links",
    "login_tries",
    "logins",
    "meta",
    "metadata",
    "site_cookies",
    "site_rules",
    "snapshots",
    "tags",
    "uploads",
    "versions",
    "watches",
]


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
