"""The root command: registers all commands and their global options, and runs one."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from linkshot.cli import (
    adding,
    admin,
    cookies,
    edit,
    exit_status,
    importing,
    jobs,
    queries,
    role_commands,
    sites,
    tagging,
    uploading,
    verifying,
    views,
    watching,
)
from linkshot.cli.context import CliContext
from linkshot.system.command_line import hoist_options, is_role, options_before

app = typer.Typer(
    name="linkshot",
    help="Keep links and what was behind them. 链接快照平台。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (
    adding,
    uploading,
    importing,
    queries,
    edit,
    tagging,
    watching,
    sites,
    cookies,
    admin,
    verifying,
    views,
    jobs,
    role_commands,
):
    part.register(app)

READ_ONLY = {"list", "search", "show", "open", "snapshots", "jobs", "tag"}
"""Short commands that run without garbage collection, which would take a tenth of their time."""


def _version(wanted: bool) -> None:
    if wanted:
        from linkshot import __version__

        typer.echo(f"linkshot {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of links, snapshots and index.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Settings in a TOML file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="No progress, only results and errors.")
    ] = False,
    version: Annotated[  # noqa: ARG001  # acts while it is read
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """These options may stand before or after the command."""
    context.obj = CliContext(data=data, config=config, json=as_json, quiet=quiet)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    words = hoist_options(exit_status.read_arguments() if argv is None else argv)
    first = options_before(words)
    with _garbage_collection(garbage=READ_ONLY.isdisjoint(words[first : first + 1])):
        return exit_status.run_command(
            lambda: app(args=words, standalone_mode=False, prog_name="linkshot"),
            as_json="--json" in words[:first],
            role=is_role(words),
        )


@contextmanager
def _garbage_collection(*, garbage: bool) -> Iterator[None]:
    """Disables garbage collection while the block runs, unless `garbage`."""
    if garbage or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
