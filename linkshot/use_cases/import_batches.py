"""Commits the rows of one file in short transactions, each together with its part of the ledger."""

import time
from collections.abc import Container, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue.clock import to_us
from linkshot.catalogue.created_links import CreatedLinks
from linkshot.catalogue.imports import import_rows, imports
from linkshot.catalogue.links import links as links_table
from linkshot.catalogue.schema import in_values, insert_into, insert_many, storable
from linkshot.catalogue.site_rules import load_snapshot_rules
from linkshot.catalogue.upsert_links import (
    Candidate,
    Row,
    UpsertContext,
    UpsertResult,
    answer,
    upsert_links,
    words_of,
)
from linkshot.domain.link_merge import MAX_NOTE, MergedLink
from linkshot.domain.model import LinkId, NewLink, Reason
from linkshot.domain.tag_paths import MAX_TAGS, TagPath, tag_path
from linkshot.errors import InvalidInput
from linkshot.importers.row import RAW_CHARS, ImportRow
from linkshot.use_cases import links

LEDGER_COLUMNS = (
    "import_id", "row", "line", "raw", "url", "outcome", "code", "reason", "notices", "link_id",
)  # fmt: skip
FIRST_BATCH = 100
SMALLEST_BATCH = 20
LARGEST_BATCH = 3000
"""Rows of one transaction … """
BATCH_S = 0.25
"""… which aims at this many seconds, so that others get their turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRow:
    """A source row after every check that needs no catalogue."""

    source: ImportRow
    candidate: Candidate | None
    code: str | None = None
    reason: str | None = None
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """What became of one source row."""

    row: int
    line: int
    raw: str
    url: str
    outcome: str
    """`accepted`, `duplicate` or `rejected`."""
    code: str | None
    """Stable reason of a rejection."""
    reason: str | None
    notices: tuple[str, ...]
    link_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What is asked of every row of a file."""

    tags: Sequence[TagPath] = ()
    take_dates: bool = False
    """A link that was known before takes an earlier date."""
    skip_trashed: bool = False
    """A link in the trash stays there as it is."""


def commit_batches(
    app: App, import_id: str, rows: Iterable[ImportRow], options: ImportOptions
) -> Iterator[list[LedgerRow]]:
    """Bring all rows in; yields the ledger of each transaction after its commit.

    The next rows are read while a transaction commits, which is waiting for the disk.
    """
    waiting, extra = iter(rows), options.tags
    created = CreatedLinks()
    with app.catalogue.read() as conn:
        created.add_earlier(conn, import_id)
    size = FIRST_BATCH
    with ThreadPoolExecutor(1) as beside:
        batch = _next_batch(app, waiting, extra, size)
        while batch:
            began = time.monotonic()
            with app.catalogue.write() as conn:
                context = _upsert_context(app, options, created)
                ledger = _upsert_batch(conn, import_id, batch, context, created)
                # Last, so that it runs while the commit waits for the disk.
                following = beside.submit(_next_batch, app, waiting, extra, size)
            spent_s = max(time.monotonic() - began, 1e-4)
            # as many rows as a transaction of about BATCH_S takes
            fitting = int(len(batch) * BATCH_S / spent_s)
            size = min(max(fitting, SMALLEST_BATCH), LARGEST_BATCH)
            yield ledger
            batch = following.result()


def preview_batches(
    app: App, rows: Iterable[ImportRow], options: ImportOptions
) -> Iterator[list[LedgerRow]]:
    """What commit_batches() would do; changes nothing."""
    words: dict[str, MergedLink] = {}
    waiting, context = iter(rows), _upsert_context(app, options)
    with app.catalogue.read() as conn:
        context = replace(context, rules=load_snapshot_rules(conn))
    while batch := _next_batch(app, waiting, options.tags, LARGEST_BATCH):
        found = [item.candidate for item in batch if item.candidate]
        with app.catalogue.read() as conn:
            hashes = {item.key_hash for item in found}
            same = in_values(conn, links_table.c.key_hash, hashes)
            rows_there = conn.execute(sa.select(links_table).where(same))
            known = {row.key_hash: row for row in rows_there}
        for digest, row in known.items():
            words.setdefault(digest, words_of(row))
        yield [
            _ledger_row(item, _predicted_result(item.candidate, known, words, context))
            for item in batch
        ]


def _predicted_result(
    item: Candidate | None,
    known: dict[str, Row],
    words: dict[str, MergedLink],
    context: UpsertContext,
) -> UpsertResult | None:
    """What upsert_links() would answer."""
    if item is None:
        return None
    existing, notices = answer(item, known.get(item.key_hash), words, context)
    return UpsertResult(link_id=LinkId(""), existing=existing, notices=notices)


def _upsert_context(
    app: App, options: ImportOptions, created: Container[int] = ()
) -> UpsertContext:
    """How the rows of an import come in at this moment."""
    return UpsertContext(
        now=to_us(app.now()),
        reason=Reason.IMPORT,
        take_dates=options.take_dates,
        skip_trashed=options.skip_trashed,
        created=created,
    )


def _next_batch(
    app: App, rows: Iterator[ImportRow], extra: Sequence[TagPath], size: int
) -> list[CheckedRow]:
    found = []
    for row in rows:
        found.append(_check(app, row, extra))
        if len(found) == size:
            break
    return found


def _check(app: App, row: ImportRow, extra: Sequence[TagPath]) -> CheckedRow:
    if row.new is None:
        return CheckedRow(source=row, candidate=None, code=row.code, reason=row.reason)
    new, cut = _truncated(row.new)
    try:
        item, warnings = links.make_candidate(
            app, new, scheme_default=row.scheme_default, order=row.row
        )
    except InvalidInput as error:
        return CheckedRow(source=row, candidate=None, code=error.code, reason=error.message)
    if extra:
        item = replace(item, tags=(*item.tags, *extra))
    return CheckedRow(source=row, candidate=item, notices=(*row.notices, *cut, *warnings))


def _truncated(new: NewLink) -> tuple[NewLink, tuple[str, ...]]:
    """What is too long is cut, and NUL taken out of words, with a notice: the link is kept."""
    changed: dict[str, Any] = {}
    notices = []
    if "\0" in new.title or "\0" in new.note:
        changed |= {"title": new.title.replace("\0", ""), "note": new.note.replace("\0", "")}
        notices.append("nul.removed")
    if len(new.title) > links.MAX_TITLE:
        changed["title"] = changed.get("title", new.title)[: links.MAX_TITLE]
        notices.append("title.cut")
    if len(new.note) > MAX_NOTE:
        changed["note"] = changed.get("note", new.note)[:MAX_NOTE]
        notices.append("note.cut")
    if len(new.tags) > MAX_TAGS:
        changed["tags"] = new.tags[:MAX_TAGS]
        notices.append("tags.cut")
    return (replace(new, **changed) if changed else new), tuple(notices)


def _upsert_batch(
    conn: sa.Connection,
    import_id: str,
    batch: Sequence[CheckedRow],
    context: UpsertContext,
    created: CreatedLinks,
) -> list[LedgerRow]:
    answers = upsert_links(conn, [item.candidate for item in batch if item.candidate], context)
    created.add_last(conn, sum(1 for answer in answers if not answer.existing))
    kept = iter(answers)
    ledger = [_ledger_row(item, next(kept) if item.candidate else None) for item in batch]
    if fresh := _not_counted(conn, import_id, ledger):
        _write_ledger(conn, import_id, fresh)
    return fresh


def _not_counted(
    conn: sa.Connection, import_id: str, ledger: Sequence[LedgerRow]
) -> list[LedgerRow]:
    """Without the rows that another run of the same import has brought in meanwhile."""
    # The row stays locked until the commit, so that of two runs one counts each source row.
    here = sa.select(imports.c.last_row).where(imports.c.import_id == import_id).with_for_update()
    done = conn.execute(here).scalar_one()
    return [item for item in ledger if item.row > done]


def _write_ledger(conn: sa.Connection, import_id: str, ledger: Sequence[LedgerRow]) -> None:
    rows = [
        (
            import_id,
            item.row,
            item.line,
            item.raw,
            item.url,
            item.outcome,
            item.code,
            item.reason,
            " ".join(item.notices) or None,
            item.link_id,
        )
        for item in ledger
    ]
    insert_many(conn, _ledger_rows, LEDGER_COLUMNS, rows)
    more = {
        name: imports.c[name] + sum(1 for item in ledger if item.outcome == name)
        for name in ("accepted", "duplicate", "rejected")
    }
    noticed = imports.c.notices + sum(1 for item in ledger if item.notices)
    here = imports.update().where(imports.c.import_id == import_id)
    conn.execute(here.values(last_row=ledger[-1].row, notices=noticed, **more))


def _ledger_rows(conn: sa.Connection) -> sa.Insert:
    return insert_into(conn, import_rows).on_conflict_do_nothing()


def _ledger_row(item: CheckedRow, kept: UpsertResult | None) -> LedgerRow:
    outcome = "rejected"
    if item.candidate and kept:
        outcome = "duplicate" if kept.existing else "accepted"
    given = item.source.new.url if item.source.new else ""
    return LedgerRow(
        row=item.source.row,
        line=item.source.line,
        raw=storable(item.source.raw),
        url=item.candidate.url if item.candidate else storable(given[:RAW_CHARS]),
        outcome=outcome,
        code=item.code,
        reason=None if item.reason is None else storable(item.reason),
        notices=(*item.notices, *kept.notices) if kept else item.notices,
        link_id=kept.link_id if item.candidate and kept else None,
    )


def extra_tags(names: Sequence[str]) -> tuple[TagPath, ...]:
    """Tags for every row of a file; InvalidTag."""
    return tuple({path.key: path for path in map(tag_path, names)}.values())
