"""Prints the progress and report of an import, and writes its ledger as CSV."""

import csv
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from linkshot import json_shapes
from linkshot.app import App
from linkshot.cli import import_notices
from linkshot.cli.context import CliContext
from linkshot.cli.printing import console, printable
from linkshot.use_cases import imports
from linkshot.use_cases.imports import ImportReport

Json = dict[str, Any]
MAX_SHOWN = 10
BATCH = 500
COLUMNS = ("row", "line", "outcome", "reason", "url", "link_id", "detail", "notices", "raw")
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r")
"""First characters of cells that spreadsheets evaluate (OWASP, CSV injection)."""


def rows(app: App, report: ImportReport, outcome: str | None = None) -> Iterator[Json]:
    """Every row of the ledger; of a dry run its first ones."""
    if not report.import_id:
        yield from (
            json_shapes.import_row(one) for one in report.preview if outcome in (None, one.outcome)
        )
        return
    after = 0
    while part := imports.rows(app, report.import_id, outcome, after, BATCH):
        yield from map(json_shapes.import_row, part)
        after = part[-1].row


def show(cli: CliContext, app: App, reports: Sequence[ImportReport], *, alone: bool) -> None:
    """Prints reports: as JSON with all rows, or the counts and the first rejected rows.

    `alone`: one file was asked for; its JSON is not a list.
    """
    if not cli.json:
        for one in reports:
            _print_report(app, one)
        return
    bodies = [json_shapes.import_report(one, list(rows(app, one))) for one in reports]
    cli.print_json(bodies[0] if alone else {"items": bodies})


def _print_report(app: App, report: ImportReport) -> None:
    back = report.noticed.get("restored", 0)
    restored = f", of them {back} brought back from the trash," if back else ","
    would = "" if report.import_id else " (dry run, nothing was changed)"
    typer.echo(
        f"{printable(report.name)}: {report.accepted} accepted, {report.duplicate} duplicate{restored} "
        f"{report.rejected} rejected{would}"
    )
    for row in itertools.islice(rows(app, report, "rejected"), MAX_SHOWN):
        typer.echo(
            f"  line {row['line']}: {row['code']} ({printable(row['reason'] or '')}) "
            f"{printable(row['url'] or row['raw'])[:80]}"
        )
    if report.rejected > MAX_SHOWN:
        typer.echo(f"  … and {report.rejected - MAX_SHOWN} more; --report FILE.csv has them all")
    for code, count in sorted(report.noticed.items()):
        typer.echo(
            f"  {count} {'row' if count == 1 else 'rows'}: {import_notices.notice_message(code)} [{code}]"
        )


def write_csv(app: App, reports: Sequence[ImportReport], file: Path) -> None:
    """Writes the ledgers as CSV; cells that a spreadsheet would evaluate are quoted."""
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        for report in reports:
            for row in rows(app, report):
                cells = row | {
                    "reason": row["code"],
                    "detail": row["reason"],
                    "notices": " ".join(row["notices"]),
                }
                writer.writerow({key: _cell(value) for key, value in cells.items()})


@contextmanager
def progress(cli: CliContext, name: str) -> Iterator[Callable[[ImportReport], None] | None]:
    """A bar on a terminal, nothing when quiet, a line every 10,000 rows elsewhere."""
    err = console(stderr=True)
    if cli.quiet:
        yield None
    elif not err.is_terminal:
        yield _LineProgress(cli)
    else:
        from rich.progress import Progress

        with Progress(console=err, transient=True) as bar:
            task = bar.add_task(printable(name), total=None)

            def told(report: ImportReport) -> None:
                bar.update(
                    task,
                    total=report.bytes_total or None,
                    completed=report.bytes_read,
                    description=f"{printable(name)}: {report.rows} rows",
                )

            yield told


class _LineProgress:
    EVERY = 10_000

    def __init__(self, cli: CliContext) -> None:
        self._cli = cli
        self._next = self.EVERY

    def __call__(self, report: ImportReport) -> None:
        if report.rows >= self._next:
            self._next += self.EVERY
            self._cli.notify(f"{report.rows} rows so far")


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(FORMULA_PREFIXES):
        return f"'{value}"
    return value
