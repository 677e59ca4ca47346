"""Deletes the snapshots of purged links from the store, safely beside visits of other links.

A blob may be shared: a visit under way may be about to name one that was there before. So blobs that
no manifest names are deleted at once only while nothing is going on, and otherwise after BLOB_GRACE.
"""

import json
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue.clock import clocks, to_us
from linkshot.catalogue.damaged_objects import damages
from linkshot.catalogue.links import links
from linkshot.catalogue.schema import chunks
from linkshot.catalogue.site_cookies import site_cookies
from linkshot.catalogue.snapshots import snapshots, versions
from linkshot.catalogue.uploads import uploads
from linkshot.domain.manifest import Manifest
from linkshot.domain.messages import RESULTS
from linkshot.domain.storage_layout import (
    ATTEMPTS_PREFIX,
    SNAPSHOTS_PREFIX,
    VIEWS_PREFIX,
    blob_key,
    manifest_key,
)
from linkshot.errors import Damaged, Unavailable
from linkshot.system.failpoints import failpoint
from linkshot.use_cases.blobs import list_keys

logger = logging.getLogger(__name__)

BLOB_GRACE = timedelta(hours=24)
"""A blob that nothing names may be this young: a visit puts a blob again unless it is younger than
12 hours, and no visit lasts as long as the difference. So what is older and named by nothing cannot
be relied upon by a visit under way."""
HASH = re.compile("[0-9a-f]{64}")
BATCH_SIZE = 500
IDLE_CHECKS = 3
"""Looks for a moment in which nothing is going on."""


@dataclass(frozen=True, slots=True)
class _PurgedSnapshot:
    """What the catalogue still knows of a snapshot that must go."""

    snapshot_id: str
    link_id: str
    blobs: frozenset[str]
    """sha256 of what it named."""


def purge_snapshots(app: App) -> int:
    """Remove manifests, then blobs that no other snapshot names, then the rows; how many blobs.

    Repeatable: killed anywhere, the next call goes on, because the rows go last. While visits are
    under way, blobs younger than BLOB_GRACE are left to collect().
    """
    rows = _purged_snapshots(app)
    if not rows:
        return 0
    for link_id in dict.fromkeys(row.link_id for row in rows):
        prefix = f"{SNAPSHOTS_PREFIX}{link_id[:2]}/{link_id}/"
        # What is listed may lack what the catalogue knows, when a folder is damaged, and the other way
        # round, when a result is still on its way.
        told = {manifest_key(link_id, r.snapshot_id) for r in rows if r.link_id == link_id}
        views = f"{VIEWS_PREFIX}{link_id[:2]}/{link_id}/"
        found = [*list_keys(app.store, prefix, []), *list_keys(app.store, views, [])]
        app.store.delete(sorted(told.union(found)))
    failpoint("purge-manifests-gone")
    gone = _remove(app, frozenset().union(*(row.blobs for row in rows)))
    failpoint("purge-blobs-gone")
    _forget_rows(app, rows)
    return gone


def try_purge_snapshots(app: App) -> None:
    """purge_snapshots(), with a line in the log instead of an error while store or queue are away."""
    try:
        purge_snapshots(app)
    except Unavailable as exc:
        logger.warning(
            "What was purged leaves the store later",
            extra={"action": "purge_waits", "why": exc.message},
        )


def pending_blobs(app: App) -> set[str]:
    """Keys of blobs that a purge has not come to yet, or not got rid of before it was killed."""
    return {blob_key(one) for row in _purged_snapshots(app) for one in row.blobs}


def is_past_grace(app: App, modified_us: int) -> bool:
    """Whether a blob that nothing names may go whatever is under way."""
    return modified_us < to_us(app.now() - BLOB_GRACE)


def delete_old(app: App, keys: Iterable[str]) -> list[str]:
    """Remove those of these blobs that may go whatever is under way; which.

    Each is looked at again just before: somebody may have put it again.
    """
    gone: list[str] = []
    for key in keys:
        if _is_deletable(app, key):
            app.store.delete([key])
            gone.append(key)
    return gone


def _is_deletable(app: App, key: str) -> bool:
    """One that cannot even be looked at may: a visit does not trust it and puts it again."""
    try:
        stat = app.store.stat(key)
    except Damaged:
        return True
    return stat is not None and is_past_grace(app, stat.modified_us)


def _purged_snapshots(app: App) -> list[_PurgedSnapshot]:
    query = (
        sa.select(snapshots.c.snapshot_id, snapshots.c.link_id, snapshots.c.artifacts)
        .join(links, links.c.link_id == snapshots.c.link_id)
        .where(links.c.deleted_at.is_not(None), links.c.purged.is_(sa.true()))
    )
    with app.catalogue.read() as conn:
        return [
            _PurgedSnapshot(
                row.snapshot_id,
                row.link_id,
                frozenset(one["sha256"] for one in json.loads(row.artifacts)),
            )
            for row in conn.execute(query)
        ]


def _remove(app: App, blobs: frozenset[str]) -> int:
    """Those that no snapshot names, as far as no visit can be about to name them; how many."""
    for _ in range(IDLE_CHECKS):
        rest = _idle_revision(app)
        loose = _unreferenced(app, blobs)
        if rest is None or _idle_revision(app) == rest:
            break
    gone = 0
    for part in chunks(sorted(loose), BATCH_SIZE):
        keys = [blob_key(one) for one in part]
        # Looked at before each batch: once a visit may be about to name one of them, only old ones go.
        if rest is None or _idle_revision(app) != rest:
            keys = delete_old(app, keys)
        else:
            app.store.delete(keys)
        gone += len(keys)
    return gone


def _unreferenced(app: App, blobs: frozenset[str]) -> set[str]:
    """Those that no snapshot names any more, neither in a manifest that the catalogue has not heard
    of yet nor in the catalogue (looked at last: what is heard of meanwhile is there)."""
    loose = set(blobs)
    try:
        for key in unrecorded_manifests(app):
            with suppress(KeyError):
                manifest = Manifest.decode(app.store.read(key))
                loose -= {artifact.sha256 for artifact in manifest.finished.artifacts}
    except Damaged as exc:
        logger.warning("A manifest cannot be read; blobs stay", extra={"why": exc.message})
        return set()
    for named in referenced_by_catalogue(app):
        loose -= named
    return loose


def referenced_by_catalogue(app: App) -> Iterator[set[str]]:
    """sha256 of uploads that wait, of sealed cookies, and of what the snapshots of links that are not purged
    name, whatever the store still has of their manifests."""
    kept = (
        sa.select(snapshots.c.artifacts)
        .join(links, links.c.link_id == snapshots.c.link_id)
        .where(links.c.purged.is_(sa.false()), snapshots.c.artifacts != "[]")
        .execution_options(yield_per=BATCH_SIZE)
    )
    with app.catalogue.read() as conn:
        # first: the row of an upload goes when that of its snapshot comes
        yield set(conn.scalars(sa.select(uploads.c.sha256)))
        yield set(conn.scalars(sa.select(site_cookies.c.sha256)))
        for artifacts in conn.scalars(kept):
            yield set(HASH.findall(artifacts))


def unrecorded_manifests(app: App) -> Iterator[str]:
    """Keys of manifests of which the catalogue has no row: their results are still on their way, or it
    is an older copy."""
    for part in chunks((stat.key for stat in app.store.list(SNAPSHOTS_PREFIX)), BATCH_SIZE):
        ids = {key.rpartition("/")[2].removesuffix(".json"): key for key in part}
        query = sa.select(snapshots.c.snapshot_id).where(snapshots.c.snapshot_id.in_(ids))
        with app.catalogue.read() as conn:
            known = set(conn.scalars(query))
        yield from (key for snapshot_id, key in ids.items() if snapshot_id not in known)


def _idle_revision(app: App) -> int | None:
    """The newest revision when nothing is going on: no visit asked for or under way, every result
    taken in. None when something is; twice the same: nothing happened in between."""
    before = _revision(app)
    return before if _is_idle(app) and _revision(app) == before else None


def _revision(app: App) -> int:
    newest = sa.select(clocks.c.value).where(clocks.c.kind == "rev")
    with app.catalogue.read() as conn:
        return conn.execute(newest).scalar() or 0


def _is_idle(app: App) -> bool:
    asked = sa.select(links.c.link_id).where(links.c.open_request_id.is_not(None)).limit(1)
    with app.catalogue.read() as conn:
        if conn.execute(asked).first() is not None:
            return False
    if next(iter(app.store.list(ATTEMPTS_PREFIX)), None) is not None:
        return False
    try:
        return app.queue.backlog(RESULTS, "catalogue") == 0
    except Unavailable:
        return False


def _forget_rows(app: App, rows: Iterable[_PurgedSnapshot]) -> None:
    for part in chunks(rows, BATCH_SIZE):
        with app.catalogue.edit() as conn:
            ids, of = [row.snapshot_id for row in part], {row.link_id for row in part}
            conn.execute(snapshots.delete().where(snapshots.c.snapshot_id.in_(ids)))
            conn.execute(versions.delete().where(versions.c.link_id.in_(of)))
            conn.execute(damages.delete().where(damages.c.link_id.in_(of)))
