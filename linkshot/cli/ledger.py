"""How is an import shown: its progress, its result, its rejected rows?"""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from linkshot import imports
from linkshot.app import App
from linkshot.cli.state import State, console, safe
from linkshot.imports import ImportReport

SHOWN = 10
COLUMNS = ("row", "line", "outcome", "reason", "url", "link_id", "detail")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First characters that spreadsheets act on."""


def rows(app: App, import_id: str, outcome: str | None = None) -> Iterator[dict[str, Any]]:
    """Every row of the ledger."""
    after = 0
    while import_id and (part := imports.rows(app, import_id, outcome, after, 500)):
        for one in part:
            yield {
                "row": one.row,
                "line": one.line,
                "outcome": one.outcome,
                "reason": one.code,
                "url": one.url,
                "link_id": one.link_id,
                "detail": one.reason,
            }
        after = part[-1].row


def show(app: App, report: ImportReport) -> None:
    """The counts and the first rejected rows."""
    would = "" if report.import_id else " (dry run, nothing was changed)"
    typer.echo(
        f"{report.name}: {report.accepted} accepted, {report.duplicate} duplicate, "
        f"{report.rejected} rejected{would}"
    )
    for number, row in enumerate(rows(app, report.import_id, "rejected")):
        if number == SHOWN:
            typer.echo(f"  … and {report.rejected - SHOWN} more; --report FILE.csv has them all")
            break
        typer.echo(f"  line {row['line']}: {row['reason']} {safe(row['url'] or '')[:80]}")


def write_csv(app: App, import_id: str, file: Path) -> None:
    """The ledger for a spreadsheet; cells that would act there are quoted."""
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        for row in rows(app, import_id):
            writer.writerow({key: _cell(value) for key, value in row.items()})


@contextmanager
def progress(state: State, name: str) -> Iterator[Callable[[ImportReport], None] | None]:
    """A bar on a terminal, nothing when quiet, a line every 10,000 rows elsewhere."""
    err = console(stderr=True)
    if state.quiet:
        yield None
    elif not err.is_terminal:
        yield _Lines(state)
    else:
        from rich.progress import Progress

        with Progress(console=err, transient=True) as bar:
            task = bar.add_task(safe(name), total=None)

            def told(report: ImportReport) -> None:
                bar.update(
                    task,
                    total=report.bytes_total or None,
                    completed=report.bytes_read,
                    description=f"{safe(name)}: {report.rows} rows",
                )

            yield told


class _Lines:
    EVERY = 10_000

    def __init__(self, state: State) -> None:
        self._state = state
        self._next = self.EVERY

    def __call__(self, report: ImportReport) -> None:
        if report.rows >= self._next:
            self._next += self.EVERY
            self._state.tell(f"{report.rows} rows so far")


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value
