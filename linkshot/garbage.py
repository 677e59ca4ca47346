"""Removes what in the store belongs to nothing any more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from linkshot.app import App
from linkshot.catalogue.clock import to_us
from linkshot.dispatch import journal
from linkshot.errors import Damaged
from linkshot.forgetting import delete_old, forget, old_enough, unheard_of
from linkshot.layout import BLOBS_PREFIX, DEAD_PREFIX, SNAPSHOTS_PREFIX
from linkshot.manifest import Manifest

AT_A_TIME = 500
LETTERS_KEPT = timedelta(days=90)
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What went, or would go."""

    blobs: int = 0
    bytes: int = 0
    journal_batches: int = 0
    """Rewritten without the addresses and notes of purged links."""
    unknown: tuple[str, ...] = ()
    """Manifests older than 24 hours of which the catalogue knows nothing. They stay: a catalogue that
    was restored from an older copy does not know all of them, and `rebuild` takes them in."""


def collect(app: App, *, dry_run: bool = False, on_progress: Progress | None = None) -> Collected:
    """Remove blobs older than 24 hours that no manifest names, and purged links from the journal.

    Safe beside visits (see forgetting.BLOB_GRACE): blobs are listed before the manifests are read,
    and looked at again before they go. Damaged when a manifest cannot be read: what it names is not
    known, so nothing is removed.
    """
    tell = on_progress or (lambda _what, _count: None)
    if not dry_run:
        forget(app)
        _delete_old_letters(app)
    struck = 0 if dry_run else _strike(app)
    loose = {
        stat.key: stat.bytes
        for stat in app.store.list(BLOBS_PREFIX)
        if old_enough(app, stat.modified_us)
    }
    unknown = _keep_named(app, loose, tell)
    gone = list(loose) if dry_run else delete_old(app, loose)
    size = sum(loose[key] for key in gone)
    return Collected(blobs=len(gone), bytes=size, journal_batches=struck, unknown=unknown)


def _delete_old_letters(app: App) -> None:
    """What lies below `dead/`, as long as the queue keeps dead letters."""
    oldest_us = to_us(app.now() - LETTERS_KEPT)
    app.store.delete(
        [stat.key for stat in app.store.list(DEAD_PREFIX) if stat.modified_us < oldest_us]
    )


def _strike(app: App) -> int:
    journal.write(app)
    return journal.strike(app)


def _keep_named(app: App, loose: dict[str, int], tell: Progress) -> tuple[str, ...]:
    """Take out what manifests name; the old ones among them that the catalogue does not know."""
    unknown = set(unheard_of(app))
    old: list[str] = []
    for count, stat in enumerate(app.store.list(SNAPSHOTS_PREFIX), 1):
        try:
            manifest = Manifest.decode(app.store.open(stat.key))
        except KeyError:  # purged meanwhile
            continue
        except Damaged as exc:
            raise Damaged(f"{stat.key} cannot be read; nothing was removed") from exc
        for artifact in manifest.finished.artifacts:
            loose.pop(artifact.key, None)
        if stat.key in unknown and old_enough(app, stat.modified_us):
            old.append(stat.key)
        if count % AT_A_TIME == 0:
            tell("manifests", count)
    return tuple(old)
