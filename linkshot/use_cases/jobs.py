"""The state of the work: due, in flight, failed and dead; reads dead letters and sends them again."""

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue import pending_work
from linkshot.catalogue.clock import from_us, from_us_or_none, to_us
from linkshot.catalogue.dead_letters import dead_letters as dead_table
from linkshot.catalogue.link_rows import activity
from linkshot.catalogue.links import hosts, links
from linkshot.catalogue.meta import get_meta
from linkshot.catalogue.site_rules import load_snapshot_rules
from linkshot.catalogue.snapshots import decode_column, snapshots
from linkshot.catalogue.watches import watches
from linkshot.domain.messages import TOPICS
from linkshot.domain.model import Failure, Hop
from linkshot.domain.storage_layout import dead_message_key
from linkshot.domain.visit_stage import RunningRoles
from linkshot.errors import Conflict, NotFound
from linkshot.ports import Message
from linkshot.use_cases import visit_status

INDEXED_UNTIL = "indexed_until"
"""Key in the catalogue's meta: RFC 3339 time up to which the index knows every change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostWork:
    """A host with work."""

    host: str
    due: int
    sent: int
    visiting: int | None
    """Of those sent; None: not known."""
    blocked_until: datetime | None

    @property
    def waiting(self) -> int:
        """Due or sent, and not being visited as far as is known."""
        return self.due + self.sent - (self.visiting or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedLink:
    """A link whose last visit failed."""

    link_id: str
    url: str
    title: str
    state: str
    kind: str
    detail: str
    attempts: int
    activity: str
    """Progress in a word: `` (nothing going on), `due`, `sent`."""
    due_at: datetime | None
    """When it is tried again; None: not as a retry."""
    watch_at: datetime | None
    """When its watch visits it; None without a watch."""
    hops: tuple[Hop, ...]
    """Redirects that were followed until it failed."""
    no_snapshot_rule: str | None = None
    """The site whose rule keeps it from being visited again; None: it may be."""

    @property
    def next_visit_at(self) -> datetime | None:
        """When it is visited next, as a retry or by its watch; None: not by itself, or under way."""
        if self.no_snapshot_rule:
            return None
        return min((at for at in (self.due_at, self.watch_at) if at is not None), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The state of the work."""

    due: int
    """Links whose time has come and that wait for their turn."""
    later: int
    """Links that become due later."""
    sent: int
    """Requests on the queue or being visited."""
    visiting: int | None
    """Of those sent; None: not known, the queue or the store does not answer."""
    roles: RunningRoles
    """Who is at work."""
    dead: int
    unannounced: int
    """Edits the index has not been told of."""
    unindexed: int | None
    """Edits that the index does not know yet, told of or not; None: not known, the queue does not answer."""
    indexer: bool | None
    """Whether somebody writes the index; None: not known."""
    indexed_until: datetime | None
    hosts: tuple[HostWork, ...]
    failed: tuple[FailedLink, ...]

    @property
    def waiting(self) -> int:
        """Due or sent, and not being visited as far as is known."""
        return self.due + self.sent - (self.visiting or 0)

    @property
    def workers(self) -> int | None:
        """Workers that read the queue; None: not known."""
        return self.roles.workers

    @property
    def not_running(self) -> tuple[str, ...]:
        """Roles that nobody does while links or edits wait for them."""
        visits = bool(self.due + self.sent)
        waited_for = {
            "dispatch": (visits or bool(self.unannounced), self.roles.dispatch),
            "crawl": (visits, self.roles.crawl),
            "index": (bool(self.unindexed), self.indexer),
        }
        return tuple(name for name, (some, runs) in waited_for.items() if some and runs is False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterSummary:
    """A dead letter as listed."""

    dead_id: str
    topic: str
    where: str
    reason: str
    detail: str
    attempts: int
    at: datetime
    requeued_at: datetime | None
    bytes: int | None
    """Of the whole message; None in a letter of an older linkshot."""
    cut: bool
    """Whether the letter holds only the beginning of the message."""
    original: str | None
    """Key in the store of the whole message when it was cut."""

    @property
    def complete(self) -> bool:
        """Whether the message can be sent again as it was."""
        return not self.cut or self.original is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterContent:
    """A dead letter with its message."""

    line: DeadLetterSummary
    key: str
    sha256: str | None
    value: bytes
    """The beginning only when `line.cut`."""


def overview(app: App, limit: int = 20) -> Overview:
    """What waits, what is under way, and the newest failures with their next try."""
    now = to_us(app.now())
    live = links.c.deleted_at.is_(None)
    roles = visit_status.roles(app)
    announced, indexer = app.liveness.unindexed(), app.liveness.runs("index")
    with app.catalogue.read() as conn:
        unannounced = _count(conn, links.c.rev > links.c.announced_rev)
        under_way = _active_visits_by_host(app, conn, roles)
        not_sent_again = dead_table.c.requeued_at.is_(None)
        dead = conn.execute(sa.select(sa.func.count()).where(not_sent_again)).scalar_one()
        return Overview(
            due=_count(conn, links.c.due_at <= now, live),
            later=_count(conn, links.c.due_at > now, live),
            sent=_count(conn, links.c.open_request_id.is_not(None)),
            visiting=None if under_way is None else under_way.total(),
            roles=roles,
            dead=dead,
            unannounced=unannounced,
            unindexed=None if announced is None else unannounced + announced,
            indexer=indexer,
            indexed_until=indexed_until(conn),
            hosts=_hosts(conn, now, limit, under_way),
            failed=_failed(conn, limit),
        )


def indexed_until(conn: sa.Connection) -> datetime | None:
    """Up to when the index knows every change; None when that was never the case."""
    raw = get_meta(conn, INDEXED_UNTIL)
    return datetime.fromisoformat(raw) if raw else None


def dead_letters(app: App, limit: int = 100) -> list[DeadLetterSummary]:
    """Messages nobody could work on, newest first; their contents are not read."""
    columns = [column for column in dead_table.c if column is not dead_table.c.value_base64]
    query = sa.select(*columns).order_by(dead_table.c.at.desc()).limit(limit)
    with app.catalogue.read() as conn:
        return [_to_summary(row) for row in conn.execute(query)]


def dead_letter(app: App, dead_id: str) -> DeadLetterContent:
    """One dead letter with its message; NotFound."""
    row = _dead_rows(app, [dead_id])[dead_id]
    return DeadLetterContent(
        line=_to_summary(row),
        key=row.key,
        sha256=row.sha256,
        value=base64.b64decode(row.value_base64),
    )


def requeue(app: App, ids: Sequence[str]) -> int:
    """Publish these dead letters on their topics again; how many. NotFound names the first unknown,
    Conflict one that cannot be sent as it was; then nothing is sent.

    Published first, marked second: killed in between, the message is sent twice at most.
    """
    found = _dead_rows(app, ids)
    # All are read before the first is sent, so that one that cannot be leaves none half done.
    values = {dead_id: _full_message(app, row) for dead_id, row in found.items()}
    for dead_id, row in found.items():
        app.queue.publish(row.topic, [Message(key=row.key, value=values[dead_id])])
    with app.catalogue.write() as conn:
        conn.execute(
            dead_table.update()
            .where(dead_table.c.dead_id.in_(list(found)))
            .values(requeued_at=to_us(app.now()))
        )
    return len(found)


def _dead_rows(app: App, ids: Sequence[str]) -> dict[str, sa.Row[Any]]:
    query = sa.select(dead_table).where(dead_table.c.dead_id.in_(ids))
    with app.catalogue.read() as conn:
        found = {row.dead_id: row for row in conn.execute(query)}
    for dead_id in ids:
        if dead_id not in found:
            raise NotFound(f"there is no dead letter {dead_id}; `linkshot dead ls` lists them")
    return found


def _full_message(app: App, row: sa.Row[Any]) -> bytes:
    """The message as it was, from the store when the letter was cut."""
    if row.topic not in TOPICS:
        raise Conflict(
            f"the dead letter {row.dead_id} names the topic {row.topic[:100]!r}, which is none of "
            "linkshot's; it stays",
            code="dead.topic",
        )
    if not row.cut:
        return base64.b64decode(row.value_base64)
    if (value := _original(app, row)) is not None:
        return value
    raise Conflict(
        f"only the beginning of the dead letter {row.dead_id} was kept; send the message again from "
        "where it came",
        code="dead.cut",
    )


def _original(app: App, row: sa.Row[Any]) -> bytes | None:
    """The whole message of a cut letter. Anyone writes letters, so no other key is opened for one."""
    if row.original is None or row.original != dead_message_key(row.sha256 or ""):
        return None
    try:
        value = app.store.read(row.original)
    except (KeyError, ValueError):
        return None
    # Something else may lie under the key by now: only what the letter is about is sent again.
    return value if hashlib.sha256(value).hexdigest() == row.sha256 else None


def _count(conn: sa.Connection, *conditions: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(links).where(*conditions)
    return int(conn.execute(query).scalar_one())


def _active_visits_by_host(
    app: App, conn: sa.Connection, roles: RunningRoles
) -> Counter[str] | None:
    """Host → how many of its links are being visited; None: not known. Marks that a killed worker
    left count only while there is a worker that may have made them."""
    if roles.crawl is False:
        return Counter()
    sent = pending_work.open_requests(conn)
    visited = None if roles.crawl is None else visit_status.visits(app, sent)
    if visited is None:
        return None
    return Counter({host: sum(one in visited for one in ids) for host, ids in sent.items()})


def _hosts(
    conn: sa.Connection, now: int, limit: int, under_way: Counter[str] | None
) -> tuple[HostWork, ...]:
    due = sa.func.count().filter(links.c.due_at <= now)
    sent = sa.func.count().filter(links.c.open_request_id.is_not(None))
    busy = (links.c.due_at <= now) | links.c.open_request_id.is_not(None)
    query = (
        sa.select(links.c.host, due.label("due"), sent.label("sent"), hosts.c.blocked_until)
        .join_from(links, hosts, hosts.c.host == links.c.host)
        .where(busy)
        .group_by(links.c.host, hosts.c.blocked_until)
        .order_by(sa.desc("due"), links.c.host)
        .limit(limit)
    )
    return tuple(
        HostWork(
            host=row.host,
            due=row.due,
            sent=row.sent,
            visiting=None if under_way is None else under_way[row.host],
            blocked_until=from_us(row.blocked_until) if row.blocked_until > now else None,
        )
        for row in conn.execute(query)
    )


def _failed(conn: sa.Connection, limit: int) -> tuple[FailedLink, ...]:
    query = (
        sa.select(links, snapshots.c.failure, watches.c.next_at)
        .outerjoin_from(links, snapshots, snapshots.c.snapshot_id == links.c.last_snapshot_id)
        .outerjoin(watches, watches.c.link_id == links.c.link_id)
        .where(links.c.failure_kind.is_not(None), links.c.deleted_at.is_(None))
        .order_by(links.c.last_snapshot_id.desc())
        .limit(limit)
    )
    rules = load_snapshot_rules(conn)
    return tuple(
        FailedLink(
            link_id=row.link_id,
            url=row.url,
            title=row.title_given or row.title,
            state=row.state,
            kind=row.failure_kind,
            detail=row.failure_detail or "",
            attempts=row.attempts,
            activity=activity(row),
            due_at=from_us_or_none(row.due_at),
            watch_at=from_us_or_none(row.next_at),
            hops=last.hops if (last := decode_column(Failure, row.failure)) else (),
            no_snapshot_rule=rules.without_snapshot(row.url),
        )
        for row in conn.execute(query)
    )


def _to_summary(row: sa.Row[Any]) -> DeadLetterSummary:
    return DeadLetterSummary(
        dead_id=row.dead_id,
        topic=row.topic,
        where=row.origin,
        reason=row.reason,
        detail=row.detail,
        attempts=row.attempts,
        at=from_us(row.at),
        requeued_at=from_us_or_none(row.requeued_at),
        bytes=row.bytes,
        cut=row.cut,
        original=row.original,
    )
