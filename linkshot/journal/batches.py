"""The journal: links, tags and watches as batches in the store, which outlive the catalogue.

A batch is `journal/<uuid7>.jsonl.zst`: one JSON object a line,
`{"noun", "id", "rev", "value": {…} | null}` (`noun`: a name in NOUNS; null: removed for good). Reading all
batches and keeping the highest rev of each id gives the nouns as they were, at most
`journal_interval_s` behind.
"""

import json
import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from weakref import WeakKeyDictionary

import sqlalchemy as sa
import uuid_utils
import zstandard

from linkshot.app import App
from linkshot.catalogue.engine import Catalogue
from linkshot.domain.storage_layout import JOURNAL_PREFIX, ROOT_CONTENT, ROOT_MARKER, journal_key
from linkshot.errors import Damaged
from linkshot.journal.nouns import NOUNS, JournalRecord
from linkshot.system.failpoints import failpoint
from linkshot.use_cases.blobs import list_keys

logger = logging.getLogger(__name__)

BATCH_SIZE = 1000
MEDIA_TYPE = "application/zstd"

_last_written: "WeakKeyDictionary[Catalogue, float]" = WeakKeyDictionary()


def write_if_due(app: App) -> int:
    """Write a batch when there are enough edits or the oldest has waited long enough."""
    since = _last_written.setdefault(app.catalogue, time.monotonic())
    with app.catalogue.read() as conn:
        waiting = sum(noun.waiting(conn, BATCH_SIZE) for noun in NOUNS)
    if not waiting:
        _last_written[app.catalogue] = time.monotonic()
        return 0
    if waiting < BATCH_SIZE and time.monotonic() - since < app.settings.journal_interval_s:
        return 0
    return write(app)


def write(app: App) -> int:
    """Write all edits that the journal does not have yet; how many records."""
    total = 0
    while True:
        with app.catalogue.read() as conn:
            records = [one for noun in NOUNS for one in noun.records(conn, BATCH_SIZE)]
        if not records:
            break
        # Before they are marked: killed in between, they are written once more, which reads the same.
        _write_batch(app, records)
        failpoint("journal-written")
        _mark(app, records)
        total += len(records)
    _last_written[app.catalogue] = time.monotonic()
    return total


def read(app: App, damaged: list[str]) -> Iterator[JournalRecord]:
    """All records of all batches, in the order they were written; keys of batches that cannot be
    read are added to `damaged`."""
    for key in list_keys(app.store, JOURNAL_PREFIX, damaged):
        try:
            records = _read_batch(app, key)
        except Damaged:
            damaged.append(key)
        else:
            yield from records


def _read_batch(app: App, key: str) -> list[JournalRecord]:
    """The records of one batch; Damaged when not all of them can be read."""
    try:
        packed = zstandard.ZstdDecompressor().decompressobj()
        lines = packed.decompress(app.store.read(key))
        if not packed.eof:  # decompressobj() says nothing of a stream that breaks off
            raise Damaged(f"The journal batch {key} is shorter than what was stored.", fault="size")
        return [JournalRecord(**json.loads(line)) for line in lines.splitlines()]
    except (KeyError, ValueError, TypeError, zstandard.ZstdError) as exc:
        raise Damaged(f"The journal batch {key} cannot be read.") from exc


def redact_purged(app: App) -> int:
    """Write batches that still tell of what was purged again without it; how many.

    The tombstones themselves stay. What is read twice because of a kill in between is the same.
    """
    with app.catalogue.read() as conn:
        purged = {noun.name: noun.redacted(conn) for noun in NOUNS}
    rewritten = 0
    for key in list(list_keys(app.store, JOURNAL_PREFIX, [])) if any(purged.values()) else []:
        try:
            records = _read_batch(app, key)
        except Damaged:
            logger.warning("A journal batch cannot be read; it stays", extra={"key": key})
            continue
        kept = [r for r in records if r.value is None or r.id not in purged.get(r.noun, ())]
        if len(kept) == len(records):
            continue
        if kept:  # there before the old batch goes
            _write_batch(app, kept)
        failpoint("journal-redacted")
        app.store.delete([key])
        rewritten += 1
    return rewritten


def compact(records: Iterable[JournalRecord]) -> dict[tuple[str, str], JournalRecord]:
    """(noun, id) → the record with the highest rev."""
    found: dict[tuple[str, str], JournalRecord] = {}
    for record in records:
        key = (record.noun, record.id)
        if key not in found or found[key].rev <= record.rev:
            found[key] = record
    return found


def _write_batch(app: App, records: Sequence[JournalRecord]) -> None:
    app.store.create(ROOT_MARKER, ROOT_CONTENT)
    lines = "".join(
        json.dumps({"noun": r.noun, "id": r.id, "rev": r.rev, "value": r.value}, ensure_ascii=False)
        + "\n"
        for r in records
    )
    packed = zstandard.ZstdCompressor(level=3).compress(lines.encode())
    app.store.put(journal_key(str(uuid_utils.uuid7())), packed, MEDIA_TYPE)


def _mark(app: App, records: Sequence[JournalRecord]) -> None:
    """An edit that was made since the rows were read keeps its row unjournalled."""
    with app.catalogue.write() as conn:
        for noun in NOUNS:
            c = noun.table.c
            revs = [{"b_id": r.id, "b_rev": r.rev} for r in records if r.noun == noun.name]
            if revs:
                mine = noun.table.update().where(c[noun.key] == sa.bindparam("b_id"))
                newer = mine.where(c.journalled_rev < sa.bindparam("b_rev"))
                conn.execute(newer.values(journalled_rev=sa.bindparam("b_rev")), revs)
