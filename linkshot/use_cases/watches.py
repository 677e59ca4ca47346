"""Schedules: which links are visited again by themselves, and how often."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue.clock import from_us, to_us
from linkshot.catalogue.link_rows import VISIBLE, links_by_id
from linkshot.catalogue.links import links
from linkshot.catalogue.revisions import bump_revision
from linkshot.catalogue.schema import insert_into
from linkshot.catalogue.watches import watches
from linkshot.domain.model import Link
from linkshot.domain.schedules import parse_every
from linkshot.use_cases import link_resolver

w = watches.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A link that is visited again and again."""

    link: Link
    every: str
    """As typed, e.g. `1d`."""
    next_at: datetime


def set_schedule(app: App, ref: str, every: str) -> Watch:
    """Visit the link every so often, first one interval from now; replaces an earlier watch.

    InvalidSchedule, NotFound.
    """
    interval = parse_every(every)
    every_s = int(interval.total_seconds())
    with app.catalogue.edit() as conn:
        link_id = link_resolver.link_id(app, conn, ref)
        now = to_us(app.now())
        bump_revision(conn, [link_id], now)
        typed, next_at = every.strip()[:40], now + every_s * 1_000_000
        values = {"every": typed, "every_s": every_s, "next_at": next_at}
        fresh = insert_into(conn, watches).values(link_id=link_id, created_at=now, **values)
        conn.execute(fresh.on_conflict_do_update(index_elements=["link_id"], set_=values))
        (link,) = links_by_id(conn, [link_id])
    return Watch(link=link, every=typed, next_at=from_us(next_at))


def remove(app: App, ref: str) -> Link:
    """No more visits by themselves; nothing happens when there was no watch."""
    with app.catalogue.edit() as conn:
        link_id = link_resolver.link_id(app, conn, ref)
        gone = conn.execute(watches.delete().where(w.link_id == link_id))
        if gone.rowcount:  # `watched` belongs to the document and the journal's record of the link
            bump_revision(conn, [link_id], to_us(app.now()))
        return links_by_id(conn, [link_id])[0]


def of(app: App, link: Link) -> Watch | None:
    """The watch of this link; None without one."""
    query = sa.select(w.every, w.next_at).where(w.link_id == link.link_id)
    with app.catalogue.read() as conn:
        row = conn.execute(query).one_or_none()
    if row is None:
        return None
    return Watch(link=link, every=row.every, next_at=from_us(row.next_at))


def list_watches(app: App) -> list[Watch]:
    """All watches of links that are not in the trash, the next one first."""
    source = watches.join(links, links.c.link_id == w.link_id)
    statement = sa.select(watches).select_from(source).where(VISIBLE)
    with app.catalogue.read() as conn:
        rows = conn.execute(statement.order_by(w.next_at, w.link_id)).all()
        found = {link.link_id: link for link in links_by_id(conn, [row.link_id for row in rows])}
    return [
        Watch(link=found[row.link_id], every=row.every, next_at=from_us(row.next_at))
        for row in rows
    ]
