"""Which commands are there, and how does any of them end?"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from linkshot.cli import care, find, keep, roles_alone, tagging, watching
from linkshot.cli.state import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE, SomeFailed, State
from linkshot.errors import InvalidInput, LinkshotError

app = typer.Typer(
    name="linkshot",
    help="Keep links and what was behind them. 链接快照平台。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (keep, find, tagging, watching, care, roles_alone):
    part.register(app)


UsageError = typer.BadParameter.__bases__[0]
"""typer brings its own copy of click; this is that copy's base of everything said wrongly."""


def _version(wanted: bool) -> None:
    if wanted:
        from linkshot import __version__

        typer.echo(f"linkshot {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    data: Annotated[Path | None, typer.Option(help="Folder of links, snapshots and index.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings in a TOML file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value.")] = False,
    quiet: Annotated[bool, typer.Option(help="No progress, only results and errors.")] = False,
    version: Annotated[  # noqa: ARG001  # acts while it is read
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of every command stand before it: linkshot --json list."""
    context.obj = State(data=data, config=config, json=as_json, quiet=quiet)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. Never a traceback, except with LINKSHOT_LOG_LEVEL=debug."""
    words = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in words
    try:
        code = app(args=words, standalone_mode=False, prog_name="linkshot")
    except SomeFailed as exc:
        return exc.code
    except typer.Abort:
        return EXIT_INTERRUPTED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except LinkshotError as exc:
        return _failed(exc, as_json=as_json)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as exc:
        if _debug():
            raise
        where = f" ({exc.filename})" if exc.filename else ""
        return _say("os", f"{exc.strerror or exc}{where}", None, as_json=as_json)
    except Exception as exc:
        if isinstance(exc, UsageError):
            return _usage(exc)
        raise
    return int(code or 0)


def _usage(exc: Exception) -> int:
    exc.show()  # type: ignore[attr-defined]  # click's own way to print it
    return EXIT_USAGE


def _failed(exc: LinkshotError, *, as_json: bool) -> int:
    if _debug():
        raise exc
    _say(exc.code, exc.message, exc.field, as_json=as_json)
    return EXIT_USAGE if isinstance(exc, InvalidInput) else EXIT_FAILED


def _say(code: str, message: str, field: str | None, *, as_json: bool) -> int:
    if as_json:
        body = {"error": {"code": code, "message": message, "field": field}}
        typer.echo(json.dumps(body, ensure_ascii=False), err=True)
    else:
        typer.echo(f"error: {message} [{code}]", err=True)
    return EXIT_FAILED


def _debug() -> bool:
    return os.environ.get("LINKSHOT_LOG_LEVEL", "").lower() == "debug"
