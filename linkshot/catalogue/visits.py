"""Visit state of links and hosts: due, leased, sent, closed.

The owner of these columns of `links` (due_at, priority, reason, check_wanted, open_request_id, sent_at,
lease_until) and of `hosts`; upsert_links writes them for links that come in. A link is due (due_at) or has an open request, and
`hosts.outstanding` counts the open requests, so both tables change in one transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from linkshot.catalogue.links import hosts, links
from linkshot.catalogue.schema import Condition, chunks, in_values, insert_into, insert_many
from linkshot.catalogue.site_rules import kept_from_visits
from linkshot.domain.model import Reason

c = links.c

CHECK_BEFORE = "check"
"""A value of `reason` that a web server of before writes during a rolling restart: `manual` with `check_wanted`."""
IDLE = c.open_request_id.is_(None)
OPEN = c.open_request_id.is_not(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedLink:
    """A link about to be sent."""

    link_id: str
    request_id: str
    fresh: bool
    """False: an expired lease, the same id goes again."""


def make_due(
    conn: sa.Connection,
    which: Condition,
    due_at: int,
    *,
    priority: int,
    reason: Reason,
    retry_of: Reason | None = None,
    check: bool = False,
) -> None:
    """These links are visited at that time (µs); one with an open request is left alone, and so is one that
    a rule for its site keeps from being visited. `retry_of`: the reason of the visit that a retry repeats.
    With `check` their snapshots are checked, whatever the worker's settings say."""
    if kept_out := kept_from_visits(conn, IDLE & which):
        which &= ~in_values(conn, c.link_id, kept_out)
    due = links.update().where(IDLE, which)
    due = due.values(
        due_at=due_at,
        priority=priority,
        reason=reason.value,
        retry_of=retry_of.value if retry_of else None,
        check_wanted=check,
    )
    make_hosts_due(conn, set(conn.scalars(due.returning(c.host))), due_at, priority)


def make_first_visits_due(conn: sa.Connection, link_ids: Sequence[str], now: int) -> None:
    """These links, of which no visit has ended, are visited for the reason for which they were added."""
    for part in chunks(link_ids):
        due = links.update().where(IDLE, c.link_id.in_(part)).values(due_at=now)
        urgency: dict[int, set[str]] = {}
        for host, priority in conn.execute(due.returning(c.host, c.priority)):
            urgency.setdefault(priority, set()).add(host)
        for priority, names in urgency.items():
            make_hosts_due(conn, names, now, priority)


def cancel_due(conn: sa.Connection, link_ids: Sequence[str]) -> None:
    """These links are not due any more; an open request goes on."""
    for part in chunks(link_ids):
        conn.execute(links.update().where(c.link_id.in_(part)).values(due_at=None))


def drop(conn: sa.Connection, link_ids: Iterable[str]) -> None:
    """These links are neither due nor sent; a result that comes all the same is recorded."""
    which = in_values(conn, c.link_id, set(link_ids))
    columns = sa.select(c.link_id, c.host, c.open_request_id)
    for link_id, host, request_id in conn.execute(columns.where(which)).all():
        if request_id is not None:
            close(conn, link_id, host)
        cancel_due(conn, [link_id])
        refresh_host(conn, host)


def make_hosts_due(conn: sa.Connection, names: Iterable[str], due_at: int, priority: int) -> None:
    """These hosts have something to do at that time (µs), or earlier as before."""
    # In one order, so that transactions that lock the rows of several hosts do not wait in a circle.
    rows = [(name, due_at, priority) for name in sorted(names)]
    insert_many(conn, _due_hosts, ("host", "next_due", "next_priority"), rows)


def _due_hosts(conn: sa.Connection) -> sa.Insert:
    fresh = insert_into(conn, hosts)
    new, old = fresh.excluded, hosts.c
    earlier = old.next_due.is_(None) | (old.next_due > new.next_due)
    more_urgent = old.next_due.is_(None) | (old.next_priority > new.next_priority)
    update = {
        "next_due": sa.case((earlier, new.next_due), else_=old.next_due),
        "next_priority": sa.case((more_urgent, new.next_priority), else_=old.next_priority),
    }
    return fresh.on_conflict_do_update(index_elements=["host"], set_=update)


def lease(conn: sa.Connection, leased: Sequence[LeasedLink], until: int) -> None:
    """A short lease (µs) before the publish: fresh ones get their open request."""
    for one in leased:
        # A due link becomes an open request: one that is sent again keeps its id and its place in the caps.
        values: dict[str, object] = {"lease_until": until, "sent_at": None}
        if one.fresh:
            values |= {"open_request_id": one.request_id, "due_at": None}
        conn.execute(links.update().where(c.link_id == one.link_id).values(**values))
    fresh = [one.link_id for one in leased if one.fresh]
    opened = sa.select(c.host, sa.func.count()).where(in_values(conn, c.link_id, fresh))
    for host, count in conn.execute(opened.group_by(c.host)).all():
        more = hosts.update().where(hosts.c.host == host)
        conn.execute(more.values(outstanding=hosts.c.outstanding + count))
        refresh_host(conn, host)


def mark_sent(conn: sa.Connection, request_ids: Sequence[str], now: int, until: int) -> None:
    """The queue has these requests; their leases become long ones."""
    sent = links.update().where(c.open_request_id.in_(request_ids))
    conn.execute(sent.values(sent_at=now, lease_until=until))


def expire_leases(conn: sa.Connection, which: Condition) -> int:
    """The open requests of these links are sent again at once, under their ids; how many."""
    return conn.execute(links.update().where(OPEN, which).values(lease_until=0)).rowcount


def close(conn: sa.Connection, link_id: str, host: str) -> None:
    """The open request of the link has ended: its place among its host's requests is free."""
    ended = links.update().where(c.link_id == link_id)
    free = {"open_request_id": None, "sent_at": None, "lease_until": None, "check_wanted": False}
    conn.execute(ended.values(**free))
    busy = hosts.update().where(hosts.c.host == host, hosts.c.outstanding > 0)
    conn.execute(busy.values(outstanding=hosts.c.outstanding - 1))


def block_host(conn: sa.Connection, host: str, until: int) -> None:
    """Nothing of this host is sent before then (µs), or before a later time that was set before."""
    earlier = hosts.update().where(hosts.c.host == host, hosts.c.blocked_until < until)
    conn.execute(earlier.values(blocked_until=until))


def refresh_host(conn: sa.Connection, host: str) -> None:
    """Make next_due and next_priority what the host's due links say."""
    waiting = sa.select(sa.func.min(c.due_at).label("due"), sa.func.min(c.priority).label("first"))
    row = conn.execute(waiting.where(c.host == host, c.due_at.is_not(None), IDLE)).one()
    values = {"next_due": row.due, "next_priority": row.first or 0}
    conn.execute(hosts.update().where(hosts.c.host == host).values(**values))


def recount_hosts(conn: sa.Connection) -> None:
    """Make `outstanding` what the links say, after a crash or a restore."""
    mine = sa.select(sa.func.count()).where(c.host == hosts.c.host, OPEN).scalar_subquery()
    conn.execute(hosts.update().where(hosts.c.outstanding != mine).values(outstanding=mine))
