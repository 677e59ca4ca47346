"""Records damaged stored objects where one is met, and removes the record when the object is whole.

The indexer, `verify` and `rebuild` report what they read with record_checked(); the index role checks
again once a minute with recheck(). A link whose text comes back is announced, so that it is indexed.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue.clock import from_us, to_us
from linkshot.catalogue.damaged_objects import damages
from linkshot.catalogue.links import links
from linkshot.catalogue.revisions import bump_revision
from linkshot.catalogue.schema import chunks, insert_into
from linkshot.catalogue.snapshots import KNOWN_ROLES
from linkshot.domain.model import Fault, LinkId, Role
from linkshot.domain.storage_layout import BLOBS_PREFIX
from linkshot.errors import Damaged
from linkshot.use_cases import blobs

logger = logging.getLogger(__name__)

d = damages.c
BLOB_KEY = re.compile(f"{BLOBS_PREFIX}sha256/[0-9a-f]{{2}}/[0-9a-f]{{2}}/[0-9a-f]{{64}}")
RECHECK_BATCH = 50
"""Objects that recheck() reads at once: one that is damaged takes an S3 server seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedObject:
    """An object of a link that was read, whole or not."""

    link_id: str
    key: str
    role: str
    fault: str | None
    """None: it is whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedObject:
    """An object of a link that is damaged."""

    link_id: LinkId
    key: str
    role: Role
    fault: Fault
    found_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DamageCounts:
    """How much is damaged, of links that are kept."""

    objects: int = 0
    links: int = 0
    texts: int = 0
    """Links of which the index lacks a text."""


class TextReader:
    """Gives the texts of one link, "" for one that is damaged, and remembers what it saw."""

    def __init__(self, link_id: str, text_of: Callable[[str], str]) -> None:
        self.seen: list[CheckedObject] = []
        self._link_id = link_id
        self._text_of = text_of

    def __call__(self, key: str) -> str:
        """The text under this store key."""
        fault: str | None = None
        try:
            text = self._text_of(key)
        except Damaged as exc:
            text, fault = "", exc.fault
        if BLOB_KEY.fullmatch(key):
            role = Role.TEXT.value
            self.seen.append(CheckedObject(link_id=self._link_id, key=key, role=role, fault=fault))
        return text


def record_checked(app: App, seen: Iterable[CheckedObject], *, indexed: bool = False) -> int:
    """Note what is damaged and forget what is whole; how many objects are new among the damaged.

    Links whose text is whole again are announced, unless it was `indexed` just now. Nothing is
    written where nothing changed.
    """
    now_seen = {(one.link_id, one.key): one for one in seen}
    if not now_seen:
        return 0
    known = _recorded_faults(app, sorted({link_id for link_id, _ in now_seen}))
    new = [
        one for at, one in now_seen.items() if one.fault is not None and known.get(at) != one.fault
    ]
    healed = [one for at, one in now_seen.items() if one.fault is None and at in known]
    if not new and not healed:
        return 0
    now = to_us(app.now())
    with app.catalogue.edit() as conn:
        new = _of_known_links(conn, new)
        texts = sorted({one.link_id for one in healed if one.role == Role.TEXT})
        if texts and not indexed:
            bump_revision(conn, texts, now)
        for one in healed:
            conn.execute(damages.delete().where(d.link_id == one.link_id, d.key == one.key))
        _insert_damages(conn, new, now)
    for one in new:
        facts = {"action": "damaged", "link_id": one.link_id, "key": one.key, "fault": one.fault}
        logger.error("A stored object is damaged", extra=facts)
    return len(new)


def recheck(app: App) -> int:
    """Read again what was found damaged, the longest unseen first; how much of it is whole."""
    query = sa.select(damages).order_by(d.checked_at, d.link_id, d.key).limit(RECHECK_BATCH)
    with app.catalogue.read() as conn:
        rows = conn.execute(query).all()
    faults = {key: fault_of(app, key) for key in dict.fromkeys(row.key for row in rows)}
    looked = [
        CheckedObject(link_id=row.link_id, key=row.key, role=row.role, fault=faults[row.key])
        for row in rows
    ]
    record_checked(app, looked)
    still = {key for key, fault in faults.items() if fault is not None}
    if still:
        with app.catalogue.write() as conn:
            again = damages.update().where(d.key.in_(still))
            conn.execute(again.values(checked_at=to_us(app.now())))
    return len(faults) - len(still)


def fault_of(app: App, key: str) -> str | None:
    """What is wrong with the blob under this key, None when it is whole."""
    try:
        blobs.check(app.store, key.rpartition("/")[2])
    except Damaged as exc:
        return exc.fault
    return None


def of_link(app: App, link_id: str) -> list[DamagedObject]:
    """What of this link is damaged, in order of key."""
    with app.catalogue.read() as conn:
        rows = conn.execute(sa.select(damages).where(d.link_id == link_id).order_by(d.key))
        return _to_damaged_objects(rows)


def list_damaged(app: App) -> list[DamagedObject]:
    """Everything that is known to be damaged, of links that are kept."""
    with app.catalogue.read() as conn:
        rows = conn.execute(_of_kept(damages).order_by(d.key, d.link_id))
        return _to_damaged_objects(rows)


def counts(app: App) -> DamageCounts:
    """How much is known to be damaged."""
    texts = sa.func.count(sa.distinct(sa.case((d.role == Role.TEXT.value, d.link_id))))
    query = _of_kept(
        sa.func.count(sa.distinct(d.key)), sa.func.count(sa.distinct(d.link_id)), texts
    )
    with app.catalogue.read() as conn:
        objects, of_links, of_texts = conn.execute(query).one()
    return DamageCounts(objects=objects, links=of_links, texts=of_texts)


def _of_kept(*columns: Any) -> sa.Select[Any]:
    kept = links.c.deleted_at.is_(None)
    return sa.select(*columns).join_from(damages, links, links.c.link_id == d.link_id).where(kept)


def _recorded_faults(app: App, link_ids: Sequence[str]) -> Mapping[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    with app.catalogue.read() as conn:
        for part in chunks(link_ids):
            for row in conn.execute(sa.select(damages).where(d.link_id.in_(part))):
                found[row.link_id, row.key] = row.fault
    return found


def _of_known_links(conn: sa.Connection, new: Sequence[CheckedObject]) -> list[CheckedObject]:
    """A message may name a link that the catalogue does not know."""
    known: set[str] = set()
    for part in chunks({one.link_id for one in new}):
        known |= set(conn.scalars(sa.select(links.c.link_id).where(links.c.link_id.in_(part))))
    return [one for one in new if one.link_id in known]


def _insert_damages(conn: sa.Connection, new: Sequence[CheckedObject], now: int) -> None:
    for one in new:
        row = {"link_id": one.link_id, "key": one.key, "role": one.role, "fault": one.fault}
        fresh = insert_into(conn, damages).values(**row, found_at=now, checked_at=now)
        conn.execute(
            fresh.on_conflict_do_update(
                index_elements=["link_id", "key"], set_={"fault": one.fault, "checked_at": now}
            )
        )


def _to_damaged_objects(rows: Iterable[sa.Row[Any]]) -> list[DamagedObject]:
    """Without those in a role that this version does not know."""
    return [
        DamagedObject(
            link_id=LinkId(row.link_id),
            key=row.key,
            role=Role(row.role),
            fault=Fault(row.fault),
            found_at=from_us(row.found_at),
        )
        for row in rows
        if row.role in KNOWN_ROLES
    ]
