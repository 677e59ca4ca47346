"""Picks the links to visit next and publishes a request for each.

Two transactions enclose the publish: a short lease is committed first, a long one when the queue has
the message. Killed in between, the short lease expires and the same request id is published again.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
import uuid_utils

from linkshot.app import App
from linkshot.catalogue import site_cookies, uploads, visits
from linkshot.catalogue.clock import to_us
from linkshot.catalogue.engine import skip_locked
from linkshot.catalogue.leases import take_lease
from linkshot.catalogue.links import hosts, links
from linkshot.catalogue.schema import in_values
from linkshot.catalogue.site_rules import kept_from_visits, load_rules
from linkshot.catalogue.snapshots import (
    decode_column,
    newest_manifest,
    snapshots,
    with_newest_manifest,
)
from linkshot.catalogue.visits import LeasedLink
from linkshot.domain.messages import REQUESTS, SnapshotRequested
from linkshot.domain.model import LinkId, Previous, Quality, Reason, SealedCookies, SnapshotId
from linkshot.domain.site_rules import VisitOptions
from linkshot.domain.storage_layout import manifest_key
from linkshot.ports import Message
from linkshot.system.failpoints import failpoint

SENDING_LEASE_US = 15_000_000
"""How long a dispatch may need between leasing and the queue's acknowledgement, in µs."""
HOSTS_PER_BATCH = 200
PERSONS_AT_A_TIME = 50


def publish_due(app: App, holder: str) -> int:
    """Send what is due and fits the caps; how many requests were published.

    Of several dispatchers one sends at a time (the lease row `send`); QueueUnavailable leaves
    everything leased and due again after the short lease.
    """
    picked = _lease(app, holder)
    if not picked:
        return 0
    failpoint("dispatch-leased")
    requests = _requests(app, picked)
    app.queue.publish(
        REQUESTS,
        [Message(key=one.host, value=app.keyring.sign(REQUESTS, one.encode())) for one in requests],
    )
    failpoint("dispatch-published")
    now = to_us(app.now())  # again: the queue may have taken its time
    until = now + int(app.settings.lease_s * 1_000_000)
    with app.catalogue.write() as conn:
        visits.mark_sent(conn, [one.request_id for one in picked], now, until)
    failpoint("dispatch-sent")
    return len(requests)


def resend_unconfirmed(app: App) -> int:
    """At start: what was leased and never marked as sent goes out again at once; how many."""
    with app.catalogue.write() as conn:
        again = visits.expire_leases(conn, links.c.sent_at.is_(None))
        again += uploads.expire_leases(conn, uploads.uploads.c.sent_at.is_(None))
        visits.recount_hosts(conn)
        return again


def _lease(app: App, holder: str) -> list[LeasedLink]:
    now = to_us(app.now())
    due = sa.select(sa.literal(1)).select_from(hosts).where(hosts.c.next_due <= now).limit(1)
    expired = sa.select(sa.literal(1)).where(links.c.lease_until <= now).limit(1)
    with app.catalogue.read() as conn:  # a cheap look, before a writing transaction is begun
        if conn.execute(due).first() is None and conn.execute(expired).first() is None:
            return []
    with app.catalogue.write() as conn:
        if not take_lease(conn, "send", holder, now, now + SENDING_LEASE_US):
            return []
        picked = _expired(conn, now)
        outstanding = conn.execute(sa.select(sa.func.sum(hosts.c.outstanding))).scalar() or 0
        room = app.settings.outstanding - int(outstanding)
        cap = app.settings.outstanding_per_host
        for link_id, _host in _due(conn, now, room, cap):
            picked.append(
                LeasedLink(link_id=link_id, request_id=str(uuid_utils.uuid7()), fresh=True)
            )
        picked = _without_kept_out(conn, picked)
        visits.lease(conn, picked, now + SENDING_LEASE_US)
        return picked


def _without_kept_out(conn: sa.Connection, picked: Sequence[LeasedLink]) -> list[LeasedLink]:
    """Those that may be visited; of the others neither a due visit nor an open request is left.

    Who makes links due asks the rules as well, but a process of an older version does not.
    """
    kept_out = set(
        kept_from_visits(conn, in_values(conn, links.c.link_id, [one.link_id for one in picked]))
    )
    if kept_out:
        visits.drop(conn, kept_out)
    return [one for one in picked if one.link_id not in kept_out]


def _expired(conn: sa.Connection, now: int) -> list[LeasedLink]:
    found = skip_locked(
        sa.select(links.c.link_id, links.c.open_request_id)
        .where(links.c.lease_until <= now, links.c.open_request_id.is_not(None))
        .limit(HOSTS_PER_BATCH)
    )
    return [
        LeasedLink(link_id=row.link_id, request_id=row.open_request_id, fresh=False)
        for row in conn.execute(found)
    ]


def _due(conn: sa.Connection, now: int, room: int, cap: int) -> list[tuple[str, str]]:
    """(link_id, host) of the links to send now, people's first, at most `cap` open per host."""
    if room <= 0:
        return []
    ready = (
        sa.select(hosts.c.host, hosts.c.outstanding)
        .where(hosts.c.next_due <= now, hosts.c.blocked_until <= now, hosts.c.outstanding < cap)
        .order_by(hosts.c.next_priority, hosts.c.next_due)
        .limit(min(room, HOSTS_PER_BATCH))
    )
    chosen: list[tuple[str, str]] = []
    for host, outstanding in conn.execute(ready).all():
        here = skip_locked(
            sa.select(links.c.link_id)
            .where(links.c.host == host, links.c.due_at <= now, links.c.open_request_id.is_(None))
            .order_by(links.c.priority, links.c.due_at)
            .limit(min(cap - outstanding, room - len(chosen)))
        )
        chosen += [(row.link_id, host) for row in conn.execute(here)]
        if len(chosen) >= room:
            break
    # A host that said it had something to do and had not would be looked at each time.
    seen = {host for _, host in chosen}
    for host, _ in conn.execute(ready).all():
        if host not in seen and len(chosen) < room:
            visits.refresh_host(conn, host)
    return chosen


def _requests(app: App, picked: Sequence[LeasedLink]) -> list[SnapshotRequested]:
    ids = [one.link_id for one in picked]
    columns = (
        links.c.link_id, links.c.url, links.c.host, links.c.reason, links.c.retry_of, links.c.check_wanted,
        links.c.open_request_id,
        links.c.etag, links.c.last_modified, snapshots.c.snapshot_id, snapshots.c.manifest,
        snapshots.c.text_sha256, snapshots.c.source_text_sha256, snapshots.c.quality,
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .outerjoin_from(links, snapshots, snapshots.c.snapshot_id == links.c.current_snapshot_id)
        .where(links.c.link_id.in_(ids), links.c.open_request_id.is_not(None))
    )
    with app.catalogue.read() as conn:
        rules = load_rules(conn)
        rows = conn.execute(with_newest_manifest(query, links.c.link_id)).all()
        cookies = site_cookies.of_hosts(conn, [row.host for row in rows])
        found = {
            row.link_id: _request(row, rules.visit_options(row.url), cookies.get(row.host))
            for row in rows
        }
    return [found[link_id] for link_id in ids if link_id in found]


def _request(
    row: Any, site: VisitOptions | None, cookies: SealedCookies | None
) -> SnapshotRequested:
    return SnapshotRequested(
        request_id=SnapshotId(row.open_request_id),
        link_id=LinkId(row.link_id),
        url=row.url,
        host=row.host,
        reason=Reason.MANUAL if row.reason == visits.CHECK_BEFORE else Reason(row.reason),
        check=row.check_wanted or row.reason == visits.CHECK_BEFORE,
        previous=previous_of(row),
        previous_manifest=newest_manifest(row),
        site=site,
        retry_of=_repeated(row),
        cookies=cookies,
    )


def _repeated(row: Any) -> Reason | None:
    """Why the visit was asked for that a retry repeats; None when it is no retry, or not known."""
    if row.reason != Reason.RETRY.value or row.retry_of is None:
        return None
    return Reason(row.retry_of)


def previous_of(row: Any) -> Previous | None:
    """What a worker needs to know of the current snapshot; None without one."""
    if row.snapshot_id is None:
        return None
    return Previous(
        snapshot_id=SnapshotId(row.snapshot_id),
        manifest=row.manifest or manifest_key(row.link_id, row.snapshot_id),
        text_sha256=row.text_sha256,
        source_text_sha256=row.source_text_sha256,
        etag=row.etag,
        last_modified=row.last_modified,
        is_rendered=(decode_column(Quality, row.quality) or Quality()).is_rendered,
    )
