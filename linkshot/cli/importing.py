"""The command that imports files of links: import."""

import sys
from collections.abc import Iterator
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
    from collections.abc import Callable, Sequence

    from linkshot.app import App
    from linkshot.use_cases.imports import ImportReport

Context = typer.Context


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command("import")(import_)


def import_(
    context: Context,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Bookmark files or lists; - is stdin."),
    ],
    format_: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="auto, netscape, csv or plain.")
    ] = "auto",
    tag: Tags = None,
    charset: Annotated[
        str | None, typer.Option(metavar="NAME", help="Encoding, when it is not found out.")
    ] = None,
    take_dates: Annotated[
        bool,
        typer.Option("--take-dates", help="Known links take an earlier date of the file."),
    ] = False,
    skip_trashed: Annotated[
        bool, typer.Option("--skip-trashed", help="Links in the trash stay there.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Write what became of each row to a CSV."),
    ] = None,
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
        done = [one for one in ends if not isinstance(one, FailedFile)]
        refused = [one for one in ends if isinstance(one, FailedFile)]
        _print_result(cli, app, done, report, refused, as_lines=as_lines)
    if refused:
        raise ItemsFailed(len(refused), len(ends))
    if rejected := sum(one.rejected for one in done):
        raise ItemsFailed(rejected, max(sum(one.rows for one in done), rejected + 1))


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A file that failed while others were imported."""

    name: str
    code: str
    reason: str
    begun: bool
    """The import may have failed in the middle; rows until then are kept."""


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
    done: "Sequence[ImportReport]",
    report: Path | None,
    refused: "Sequence[FailedFile]",
    *,
    as_lines: bool,
) -> None:
    from linkshot.cli import import_report
    from linkshot.cli.exit_status import print_error

    for one in refused:
        what = "broken off; rows until then are kept" if one.begun else "nothing was brought in"
        print_error(one.code, f"{one.name}: {what}. {one.reason}", as_json=cli.json)

    if report is not None:
        import_report.write_csv(app, done, report)
    if as_lines:
        print_json_lines(row for one in done for row in import_report.rows(app, one))
    else:
        import_report.show(cli, app, done, alone=not refused and len(done) == 1)
    if any(one.import_id and one.accepted for one in done):
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
