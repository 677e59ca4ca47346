"""Counts and lists pending work: links not visited yet, visits due or sent, changes not announced.

Counting stops at a limit, because counting a million index entries costs a fifth of a second.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from linkshot.catalogue.link_rows import VISIBLE
from linkshot.catalogue.links import hosts, links
from linkshot.catalogue.schema import chunks
from linkshot.catalogue.site_rules import load_snapshot_rules
from linkshot.domain.model import LinkState

c = links.c


def unvisited(conn: sa.Connection, limit: int) -> int:
    """Links of which no visit has ended and one is to come, by ix_links_facets; no further than `limit`."""
    wanted = VISIBLE & (c.state == LinkState.NEW.value)
    if load_snapshot_rules(conn):  # then some are new for good; looking costs their rows
        wanted &= c.due_at.is_not(None) | c.open_request_id.is_not(None)
    return _count(conn, wanted, limit)


def unannounced(conn: sa.Connection, limit: int) -> int:
    """Links whose last change was not announced, by ix_links_announce; no further than `limit`."""
    return _count(conn, (c.announce_class >= 0) & (c.rev > c.announced_rev), limit)


def is_empty(conn: sa.Connection) -> bool:
    """Whether no link is kept."""
    return _count(conn, VISIBLE, 1) == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveVisit:
    """A link that is due or sent."""

    link_id: str
    host: str
    request_id: str | None
    """None: due, not sent."""
    blocked_until: int
    """µs since 1970 before which its host is not visited."""


def active_visits(conn: sa.Connection, link_ids: Sequence[str]) -> list[ActiveVisit]:
    """Those of these links that are due, now or later, or sent."""
    columns = (c.link_id, c.host, c.open_request_id, hosts.c.blocked_until)
    busy = c.due_at.is_not(None) | c.open_request_id.is_not(None)
    query = sa.select(*columns).outerjoin_from(links, hosts, hosts.c.host == c.host)
    return [
        ActiveVisit(
            link_id=row.link_id,
            host=row.host,
            request_id=row.open_request_id,
            blocked_until=row.blocked_until or 0,
        )
        for part in chunks(link_ids)
        for row in conn.execute(query.where(c.link_id.in_(part), busy))
    ]


def open_requests(
    conn: sa.Connection, of_hosts: Collection[str] | None = None
) -> dict[str, list[str]]:
    """Host → its requests that were sent and have not ended, of these hosts or of all; by
    ix_links_lease, which holds no more than may be outstanding."""
    leased = (c.lease_until >= 0) & c.open_request_id.is_not(None)
    found: dict[str, list[str]] = defaultdict(list)
    for host, request_id in conn.execute(sa.select(c.host, c.open_request_id).where(leased)):
        if of_hosts is None or host in of_hosts:
            found[host].append(request_id)
    return found


def _count(conn: sa.Connection, wanted: sa.ColumnElement[bool], limit: int) -> int:
    found = sa.select(c.link_no).where(wanted).limit(limit).subquery()
    return int(conn.execute(sa.select(sa.func.count()).select_from(found)).scalar_one())
