"""Garbage collection: deletes blobs that nothing names, old letters, and purged links in the journal."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from linkshot.app import App
from linkshot.catalogue.clock import to_us
from linkshot.domain.manifest import Manifest
from linkshot.domain.storage_layout import BLOBS_PREFIX, DEAD_PREFIX, SNAPSHOTS_PREFIX, blob_key
from linkshot.errors import Damaged
from linkshot.journal import batches
from linkshot.use_cases import archive_views
from linkshot.use_cases.purge import (
    delete_old,
    is_past_grace,
    purge_snapshots,
    referenced_by_catalogue,
    unrecorded_manifests,
)

PROGRESS_STEP = 500
LETTER_RETENTION = timedelta(days=90)
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class GcReport:
    """What went, or would go."""

    blobs: int = 0
    bytes: int = 0
    journal_batches: int = 0
    """Rewritten without the addresses and notes of purged links."""
    unknown: tuple[str, ...] = ()
    """Manifests older than 24 hours of which the catalogue knows nothing. They stay: a catalogue that
    was restored from an older copy does not know all of them, and `rebuild` takes them in."""


def collect(app: App, *, dry_run: bool = False, on_progress: Progress | None = None) -> GcReport:
    """Remove blobs older than 24 hours that no manifest names, and purged links from the journal.

    Safe beside visits (see purge.BLOB_GRACE): blobs are listed before the manifests are read,
    and looked at again before they go. What the catalogue says that a snapshot names stays, also
    when its manifest is damaged or not even listed. Damaged when a manifest cannot be read that the
    catalogue does not know: what it names nobody knows, so nothing is removed.
    """
    tell = on_progress or (lambda _what, _count: None)
    rewritten = 0
    if not dry_run:
        purge_snapshots(app)
        _delete_old_letters(app)
        batches.write(app)  # first, so that the journal knows what was purged just now
        rewritten = batches.redact_purged(app)
    loose = _old_blobs(app)
    unknown = _exclude_referenced(app, loose, tell)
    gone = list(loose) if dry_run else delete_old(app, loose)
    size = sum(loose[key] for key in gone)
    return GcReport(blobs=len(gone), bytes=size, journal_batches=rewritten, unknown=unknown)


def _delete_old_letters(app: App) -> None:
    """What lies below `dead/`, as long as the queue keeps dead letters."""
    oldest_us = to_us(app.now() - LETTER_RETENTION)
    with suppress(Damaged):
        app.store.delete(
            [stat.key for stat in app.store.list(DEAD_PREFIX) if stat.modified_us < oldest_us]
        )


def _old_blobs(app: App) -> dict[str, int]:
    """Key and bytes of those that are listed and old enough."""
    found: dict[str, int] = {}
    with suppress(Damaged):  # a folder that cannot be read: what lies there stays
        for stat in app.store.list(BLOBS_PREFIX):
            if is_past_grace(app, stat.modified_us):
                found[stat.key] = stat.bytes
    return found


def _exclude_referenced(app: App, loose: dict[str, int], tell: Progress) -> tuple[str, ...]:
    """Take out what manifests and the catalogue name; old manifests that the catalogue does not
    know."""
    for named in referenced_by_catalogue(app):
        for sha256 in named:
            loose.pop(blob_key(sha256), None)
    damaged: list[str] = []
    for key in archive_views.blobs_of(archive_views.records(app, damaged)):
        loose.pop(key, None)
    unknown = set(unrecorded_manifests(app))
    old: list[str] = []
    for count, stat in enumerate(app.store.list(SNAPSHOTS_PREFIX), 1):
        for key in _blobs_of_manifest(app, stat.key, is_known=stat.key not in unknown):
            loose.pop(key, None)
        if stat.key in unknown and is_past_grace(app, stat.modified_us):
            old.append(stat.key)
        if count % PROGRESS_STEP == 0:
            tell("manifests", count)
    return tuple(old)


def _blobs_of_manifest(app: App, manifest: str, *, is_known: bool) -> list[str]:
    """Keys of the blobs that a manifest names; none of one that was purged meanwhile, or is
    damaged while the catalogue knows its snapshot."""
    try:
        finished = Manifest.decode(app.store.read(manifest)).finished
    except KeyError:
        return []
    except Damaged as exc:
        if is_known:
            return []
        raise Damaged(
            f"The manifest {manifest} cannot be read and the catalogue does not know its snapshot, so "
            "nothing was removed. Bring it back from a backup, or delete that object."
        ) from exc
    return [artifact.key for artifact in finished.artifacts]
