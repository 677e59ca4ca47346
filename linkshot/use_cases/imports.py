"""Imports of files full of links: running one, and what became of each row."""

import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import IO, BinaryIO

import sqlalchemy as sa
from uuid_utils import uuid7

from linkshot.app import App
from linkshot.catalogue.clock import from_us, from_us_or_none, to_us
from linkshot.catalogue.imports import import_rows, imports
from linkshot.errors import NotFound
from linkshot.importers import charset as charsets
from linkshot.importers import formats
from linkshot.importers.field_text import DecodedText
from linkshot.importers.file_scan import FileScan, empty_file_error, make_rewindable, scan_file
from linkshot.importers.row import ImportRow
from linkshot.use_cases.import_batches import (
    ImportOptions,
    LedgerRow,
    commit_batches,
    extra_tags,
    preview_batches,
)

i = imports.c
r = import_rows.c

PREVIEW_ROWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """How an import went, or how far it is."""

    import_id: str
    """Empty for a dry run."""
    name: str
    format: str
    charset: str
    started_at: datetime
    finished_at: datetime | None
    """None while it runs, or when it was interrupted: the same file again goes on."""
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    notices: int = 0
    """Rows of which something was cut, clamped or dropped."""
    noticed: Mapping[str, int] = field(default_factory=dict)
    """Code of a notice → rows; not in list_imports()."""
    bytes_read: int = 0
    bytes_total: int = 0
    preview: tuple[LedgerRow, ...] = ()
    """Dry run only: the first rows."""

    @property
    def rows(self) -> int:
        """Source rows so far."""
        return self.accepted + self.duplicate + self.rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class _OpenFile:
    """What is read, and how."""

    name: str
    seen: FileScan
    charset: str
    format: str
    text: DecodedText
    rows: Iterator[ImportRow]


def run(
    app: App,
    source: BinaryIO,
    name: str,
    *,
    format: str = "auto",
    tags: Sequence[str] = (),
    charset: str | None = None,
    take_dates: bool = False,
    skip_trashed: bool = False,
    dry_run: bool = False,
    on_progress: Callable[[ImportReport], None] | None = None,
) -> ImportReport:
    """Bring in every link of a file; each row ends accepted, duplicate or rejected.

    The same file with the same options goes on where it was interrupted; a finished one comes out
    as duplicates. Of equal rows of a file the earliest date counts; a link that was known before keeps
    its own, unless `take_dates`. One in the trash comes back, unless `skip_trashed`. InvalidImport when nothing in it can be read, InvalidTag for `tags`.
    Rows are in rows(); `on_progress` is told after each transaction.
    """
    options = ImportOptions(tags=extra_tags(tags), take_dates=take_dates, skip_trashed=skip_trashed)
    data = make_rewindable(source)
    try:
        file = _open(app, data, name, format, charset)
        if dry_run:
            return _preview(app, file, options, on_progress)
        report, last_row = _begin(app, file, options)
        rest = itertools.dropwhile(lambda row: row.row <= last_row, file.rows)
        for ledger in commit_batches(app, report.import_id, rest, options):
            report = _with_ledger(report, ledger, file.text)
            if on_progress:
                on_progress(report)
        return _finish(app, report)
    finally:
        if data is not source:
            data.close()


def _open(
    app: App, data: IO[bytes], name: str, given_format: str, given_charset: str | None
) -> _OpenFile:
    wide = (given_charset or "").lower().startswith(("utf-16", "utf16", "utf-32"))
    seen = scan_file(data, wide=wide)
    charset = charsets.detect_charset(seen, given_charset)
    kind = formats.detect_format(given_format, seen.head, charset)
    data.seek(0)
    text = DecodedText(data, charset)
    rows = formats.read_rows(kind, text, app.now())
    first = next(rows, None)  # an empty file is refused before it is an import
    if first is None:
        raise empty_file_error()
    whole = itertools.chain([first], rows)
    return _OpenFile(
        name=name[:500], seen=seen, charset=charset, format=kind, text=text, rows=whole
    )


def _preview(
    app: App,
    file: _OpenFile,
    options: ImportOptions,
    on_progress: Callable[[ImportReport], None] | None,
) -> ImportReport:
    report = ImportReport(
        import_id="",
        name=file.name,
        format=file.format,
        charset=file.charset,
        started_at=app.now(),
        finished_at=None,
        bytes_total=file.seen.size,
    )
    noticed: Counter[str] = Counter()
    for ledger in preview_batches(app, file.rows, options):
        report = _with_ledger(report, ledger, file.text)
        noticed.update(code for item in ledger for code in item.notices)
        kept = (*report.preview, *ledger)[:PREVIEW_ROWS]
        report = replace(report, preview=kept)
        if on_progress:
            on_progress(report)
    return replace(report, finished_at=app.now(), noticed=noticed)


def _begin(app: App, file: _OpenFile, options: ImportOptions) -> tuple[ImportReport, int]:
    """The unfinished import of the same file and options, or a new one; and its last row."""
    keys = sorted(path.key for path in options.tags)
    # Only what is asked for: so an import that was begun before an option existed is still the same.
    more = [{"take_dates": True}] if options.take_dates else []
    more += [{"skip_trashed": True}] if options.skip_trashed else []
    identity = json.dumps([file.format, file.charset, *keys, *more]).encode()
    values = {
        "name": file.name,
        "format": file.format,
        "charset": file.charset,
        "file_sha256": file.seen.sha256,
        "options_sha256": hashlib.sha256(identity).hexdigest(),
    }
    same = (i.file_sha256 == values["file_sha256"]) & (i.options_sha256 == values["options_sha256"])
    with app.catalogue.write() as conn:
        found = (
            sa.select(imports).where(same, i.finished_at.is_(None)).order_by(i.started_at.desc())
        )
        row = conn.execute(found.limit(1)).first()
        if row is None:
            new = imports.insert().values(
                import_id=str(uuid7()), started_at=to_us(app.now()), **values
            )
            row = conn.execute(new.returning(*i)).one()
    return replace(_report(row), bytes_total=file.seen.size), row.last_row


def _finish(app: App, report: ImportReport) -> ImportReport:
    with app.catalogue.write() as conn:
        here = imports.update().where(i.import_id == report.import_id)
        row = conn.execute(here.values(finished_at=to_us(app.now())).returning(*i)).one()
        noticed = _noticed(conn, report.import_id)
    total = report.bytes_total
    return replace(_report(row), noticed=noticed, bytes_read=total, bytes_total=total)


def _noticed(conn: sa.Connection, import_id: str) -> Counter[str]:
    """Code → rows of the ledger."""
    wanted = (r.import_id == import_id) & r.notices.is_not(None)
    statement = sa.select(r.notices, sa.func.count().label("rows")).where(wanted)
    found: Counter[str] = Counter()
    for row in conn.execute(statement.group_by(r.notices)):
        found.update(dict.fromkeys(row.notices.split(), row.rows))
    return found


def _with_ledger(
    report: ImportReport, ledger: Sequence[LedgerRow], text: DecodedText
) -> ImportReport:
    outcomes = [item.outcome for item in ledger]
    return replace(
        report,
        accepted=report.accepted + outcomes.count("accepted"),
        duplicate=report.duplicate + outcomes.count("duplicate"),
        rejected=report.rejected + outcomes.count("rejected"),
        notices=report.notices + sum(1 for item in ledger if item.notices),
        bytes_read=text.bytes_read,
    )


def list_imports(app: App, limit: int = 100, after: str | None = None) -> list[ImportReport]:
    """Imports, newest first; with `after`, those that are older than this one. NotFound."""
    newest = (i.started_at.desc(), i.import_id.desc())
    statement = sa.select(imports).order_by(*newest).limit(max(limit, 0))
    with app.catalogue.read() as conn:
        if after is not None:
            known = sa.select(i.started_at).where(i.import_id == after)
            began = conn.execute(known).scalar()
            if began is None:
                raise _not_found(after)
            older = sa.and_(i.started_at == began, i.import_id < after)
            statement = statement.where(sa.or_(i.started_at < began, older))
        return [_report(row) for row in conn.execute(statement).all()]


def get(app: App, import_id: str) -> ImportReport:
    """The import with this id; NotFound."""
    with app.catalogue.read() as conn:
        row = conn.execute(sa.select(imports).where(i.import_id == import_id)).first()
        noticed = _noticed(conn, import_id)
    if row is None:
        raise _not_found(import_id)
    return replace(_report(row), noticed=noticed)


def _not_found(import_id: str) -> NotFound:
    return NotFound(f"There is no import {import_id[:40]!r}.", code="import.not_found")


def rows(
    app: App,
    import_id: str,
    outcome: str | None = None,
    after: int = 0,
    limit: int = 200,
    *,
    noticed: bool = False,
) -> list[LedgerRow]:
    """The ledger in order of the file: rows after this one, of one outcome or of all.

    `noticed`: only those with a notice.
    """
    wanted = (r.import_id == import_id) & (r.row > after)
    if noticed:
        wanted &= r.notices.is_not(None)
    if outcome is not None:
        wanted &= r.outcome == outcome
    statement = sa.select(import_rows).where(wanted).order_by(r.row).limit(max(limit, 0))
    with app.catalogue.read() as conn:
        return [_ledger_row(row) for row in conn.execute(statement).all()]


def _ledger_row(row: sa.Row[tuple[object, ...]]) -> LedgerRow:
    return LedgerRow(
        row=row.row,
        line=row.line,
        raw=row.raw,
        url=row.url,
        outcome=row.outcome,
        code=row.code,
        reason=row.reason,
        notices=tuple((row.notices or "").split()),
        link_id=row.link_id,
    )


def _report(row: sa.Row[tuple[object, ...]]) -> ImportReport:
    return ImportReport(
        import_id=row.import_id,
        name=row.name,
        format=row.format,
        charset=row.charset,
        started_at=from_us(row.started_at),
        finished_at=from_us_or_none(row.finished_at),
        accepted=row.accepted,
        duplicate=row.duplicate,
        rejected=row.rejected,
        notices=row.notices,
    )
