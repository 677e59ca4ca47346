"""The command that imports files of links: import."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from linkshot.cli.adding import Tags
from linkshot.cli.context import CliContext, ItemsFailed, cli_context
from linkshot.cli.printing import print_json_lines
from linkshot.errors import InvalidInput, LinkshotError
from linkshot.use_cases.running_roles import SUBSCRIPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from linkshot.app import App
    from linkshot.use_cases.imports import ImportReport

Context = typer.Context
Files = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="Bookmark files or lists; - is stdin.")
]
Format = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="auto, netscape, csv or plain.")
]
Charset = Annotated[
    str | None, typer.Option(metavar="NAME", help="Encoding, when it is not found out.")
]
TakeDates = Annotated[
    bool, typer.Option("--take-dates", help="Known links take an earlier date of the file.")
]
SkipTrashed = Annotated[bool, typer.Option("--skip-trashed", help="Links in the trash stay there.")]
ReportFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE.csv", help="Write what became of each row to a CSV."),
]


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command("import")(import_)


def import_(
    context: Context,
    files: Files,
    format_: Format = "auto",
    tag: Tags = None,
    charset: Charset = None,
    take_dates: TakeDates = False,
    skip_trashed: SkipTrashed = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    report: ReportFile = None,
    as_lines: Annotated[bool, typer.Option("--jsonl", help="Print every row as JSON.")] = False,
) -> None:
    """Bring in links from files; each row ends accepted, duplicate or rejected with a reason."""
    from functools import partial

    from linkshot.use_cases import imports

    cli = cli_context(context)
    run = partial(
        imports.run,
        format=format_,
        tags=tuple(tag or ()),
        charset=charset,
        take_dates=take_dates,
        skip_trashed=skip_trashed,
        dry_run=dry_run,
    )
    with cli.open_app() as app:
        ends = [_import_file(cli, app, file, run, alone=len(files) == 1) for file in files]
        batch = ImportBatch(
            done=[one for one in ends if not isinstance(one, FailedFile)],
            refused=[one for one in ends if isinstance(one, FailedFile)],
        )
        _print_result(cli, app, batch, report, as_lines=as_lines)
    batch.raise_for_failures()


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A file that failed while others were imported."""

    name: str
    code: str
    reason: str
    begun: bool
    """The import may have failed in the middle; rows until then are kept."""


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """What became of the files of one command."""

    done: "Sequence[ImportReport]"
    refused: Sequence[FailedFile]

    def raise_for_failures(self) -> None:
        """ItemsFailed for files that failed, else for rows that were rejected."""
        if self.refused:
            raise ItemsFailed(len(self.refused), len(self.refused) + len(self.done))
        if rejected := sum(one.rejected for one in self.done):
            # the total stays above it: the files were imported, so the exit status says "some"
            raise ItemsFailed(rejected, max(sum(one.rows for one in self.done), rejected + 1))


def _import_file(
    cli: CliContext, app: "App", file: Path, run: "Callable[..., ImportReport]", *, alone: bool
) -> "ImportReport | FailedFile":
    """Imports one file. Raises its error only when it is the only file."""
    from linkshot.cli import import_report

    try:
        with _open_source(file) as source, import_report.progress(cli, file.name) as told:
            return run(app, source, file.name, on_progress=told)
    except (LinkshotError, OSError) as exc:
        if alone:
            raise
        if isinstance(exc, LinkshotError):
            return FailedFile(
                str(file), exc.code, exc.message, begun=not isinstance(exc, InvalidInput)
            )
        unopened = isinstance(exc, FileNotFoundError | PermissionError | IsADirectoryError)
        return FailedFile(str(file), "os", exc.strerror or str(exc), begun=not unopened)


def _print_result(
    cli: CliContext,
    app: "App",
    batch: ImportBatch,
    report: Path | None,
    *,
    as_lines: bool,
) -> None:
    from linkshot.cli import import_report
    from linkshot.cli.exit_status import print_error

    for one in batch.refused:
        what = "broken off; rows until then are kept" if one.begun else "nothing was brought in"
        print_error(one.code, f"{one.name}: {what}. {one.reason}", as_json=cli.json)

    if report is not None:
        import_report.write_csv(app, batch.done, report)
    if as_lines:
        print_json_lines(row for one in batch.done for row in import_report.rows(app, one))
    else:
        import_report.show(cli, app, batch.done, alone=not batch.refused and len(batch.done) == 1)
    if any(one.import_id and one.accepted for one in batch.done):
        _warn_if_idle(cli, app)


def _warn_if_idle(cli: CliContext, app: "App") -> None:
    """Tells what to start when no running role visits the imported links."""
    from linkshot.cli import stage_text

    idle = tuple(role for role in SUBSCRIPTIONS if app.liveness.runs(role) is False)
    if idle:
        cli.notify(stage_text.not_running(idle, app.settings))


@contextmanager
def _open_source(file: Path) -> Iterator[BinaryIO]:
    """Opens the file, or stdin, which is left open."""
    if str(file) != "-":
        with file.open("rb") as source:
            yield source
    elif sys.stdin is not None:
        yield sys.stdin.buffer
    else:
        raise typer.BadParameter("stdin is closed")
