"""What can be done with the snapshots of a link: ask for one, list them, read what they kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue import visits
from linkshot.catalogue.clock import to_us
from linkshot.catalogue.link_rows import NOT_PURGED, VISIBLE, links_by_id
from linkshot.catalogue.links import PEOPLE, links
from linkshot.catalogue.schema import chunks
from linkshot.catalogue.site_rules import kept_from_visits
from linkshot.catalogue.snapshots import snapshots, to_snapshot
from linkshot.domain import urls
from linkshot.domain.model import Artifact, Fault, Link, Outcome, Reason, Role, Snapshot
from linkshot.domain.storage_layout import blob_key
from linkshot.errors import Conflict, Damaged, NotFound
from linkshot.use_cases import blobs, link_resolver

c = links.c
s = snapshots.c
STORED_BATCH = 100


def request(app: App, link_refs: Sequence[str], *, check: bool = False) -> list[Link]:
    """Visit these links now, before schedules and imports; one under way is not asked twice.

    `check`: their snapshots are shown again and compared, whatever the settings of the worker say.
    Conflict `site.no_snapshot` when a rule keeps one of them from being visited; then none is asked for.
    """
    with app.catalogue.edit() as conn:
        ids = link_resolver.link_ids(app, conn, link_refs)
        _refuse_kept_out(conn, ids)
        now = to_us(app.now())
        for part in chunks(ids):
            which = c.link_id.in_(part)
            visits.make_due(conn, which, now, priority=PEOPLE, reason=Reason.MANUAL, check=check)
        return links_by_id(conn, ids)


def _refuse_kept_out(conn: sa.Connection, ids: Sequence[str]) -> None:
    for part in chunks(ids):
        for one in links_by_id(conn, kept_from_visits(conn, c.link_id.in_(part))):
            raise Conflict(
                f"{one.url[:300]} is not visited, because a rule for {one.no_snapshot_rule} says so; "
                f"`linkshot site show {one.no_snapshot_rule}` shows it.",
                code="site.no_snapshot",
            )


def history(app: App, ref: str) -> list[Snapshot]:
    """All visits of the link, newest first."""
    with app.catalogue.read() as conn:
        link_id = link_resolver.link_id(app, conn, ref)
        order = (s.finished_at.desc(), s.snapshot_id.desc())
        statement = sa.select(snapshots).where(s.link_id == link_id).order_by(*order)
        return [to_snapshot(row) for row in conn.execute(statement).all()]


def count_stored(app: App, refs: Sequence[str] = ()) -> int:
    """How many snapshots stored() gives."""
    return len(_stored_ids(app, refs))


def stored(app: App, refs: Sequence[str] = ()) -> Iterator[Snapshot]:
    """The stored snapshots of these links, or of all that are kept, newest first.

    They are read a few at a time; one that is purged meanwhile is left out.
    """
    for part in chunks(_stored_ids(app, refs), STORED_BATCH):
        with app.catalogue.read() as conn:
            found = conn.execute(sa.select(snapshots).where(s.snapshot_id.in_(part))).all()
        yield from sorted(map(to_snapshot, found), key=lambda one: one.snapshot_id, reverse=True)


def _stored_ids(app: App, refs: Sequence[str]) -> list[str]:
    wanted = (s.outcome == Outcome.STORED.value) & ~s.dropped & VISIBLE
    with app.catalogue.read() as conn:
        if refs:
            wanted &= s.link_id.in_(link_resolver.link_ids(app, conn, refs))
        source = snapshots.join(links, c.link_id == s.link_id)
        query = sa.select(s.snapshot_id).select_from(source).where(wanted)
        return list(conn.scalars(query.order_by(s.snapshot_id.desc())))


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What is kept of an address."""

    url: str
    """As the link has it."""
    snapshots: tuple[Snapshot, ...]
    """Stored ones, newest first."""


def versions_of_url(app: App, url: str) -> Versions:
    """The stored snapshots of the link with this address; NotFound, InvalidURL."""
    normal = urls.normalize(url, scheme_default=True)
    with app.catalogue.read() as conn:
        ids = link_resolver.ids_of_url(conn, normal.key)
    if not ids:
        raise NotFound("There is no such link here.", code="link.not_found")
    kept = [one for one in history(app, ids[0]) if one.outcome is Outcome.STORED]
    return Versions(url=normal.url, snapshots=tuple(kept))


def get(app: App, ref: str | None, snapshot_id: str) -> Snapshot:
    """The snapshot, of this link when one is given; NotFound, alike for deleted and unknown."""
    with app.catalogue.read() as conn:
        source = snapshots.join(links, c.link_id == s.link_id)
        wanted = (s.snapshot_id == snapshot_id) & VISIBLE
        if ref is not None:
            wanted &= s.link_id == link_resolver.link_id(app, conn, ref)
        row = conn.execute(sa.select(snapshots).select_from(source).where(wanted)).first()
    if row is None:
        raise NotFound(f"There is no snapshot {snapshot_id[:40]!r}.", code="snapshot.not_found")
    return to_snapshot(row)


def artifact(app: App, snapshot_id: str, role: Role) -> Artifact:
    """The kept form with this role; NotFound `artifact.not_found`."""
    found = get(app, None, snapshot_id).artifact(role)
    if found is None:
        raise NotFound(f"This snapshot has no {role.value}.", code="artifact.not_found")
    return found


def read(app: App, wanted: Artifact) -> bytes:
    """All of its bytes; Damaged when they cannot be read or are not what the manifest says."""
    return blobs.read(app.store, wanted.sha256, wanted.bytes)


def open_reader(app: App, wanted: Artifact) -> BinaryIO:
    """A reader for what may be large; Damaged when it is missing. Its bytes are not verified:
    check() comes first."""
    try:
        return app.store.open(blob_key(wanted.sha256))
    except KeyError:
        said = f"The bytes of {wanted.name} are missing from the store."
        raise Damaged(said, fault=Fault.MISSING) from None


def check(app: App, wanted: Artifact) -> None:
    """Damaged unless all of its bytes are there and those that the manifest says."""
    blobs.check(app.store, wanted.sha256, wanted.bytes)


def icon(app: App, digest: str) -> bytes:
    """The icon with this sha256, if some kept link shows it; NotFound `artifact.not_found`."""
    with app.catalogue.read() as conn:
        shown = conn.execute(
            sa.select(c.link_id).where(c.icon == digest, NOT_PURGED).limit(1)
        ).first()
    if shown is None:
        raise NotFound("There is no such icon.", code="artifact.not_found")
    return blobs.read(app.store, digest)
