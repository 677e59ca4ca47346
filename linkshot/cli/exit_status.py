"""Runs a command and turns exceptions into exit codes and one-line error messages.

Tracebacks are printed with LINKSHOT_LOG_LEVEL=debug only.
"""

import io
import json
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TextIO

import typer

from linkshot.cli.context import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE, ItemsFailed
from linkshot.cli.language import with_backquotes
from linkshot.cli.printing import printable
from linkshot.domain.backend_urls import redact
from linkshot.errors import ConfigError, InvalidInput, LinkshotError
from linkshot.system.log_config import known_secrets

EXIT_CODES = {
    "0": "all is well",
    "1": "it failed; one line on stderr says what and why. With `--wait`: no page was kept, the line of "
    "the link says why; an error page of the site is not the page",
    "2": "the command was not understood, or what it was given cannot be used",
    "3": "some of several things failed, the others are done",
    "130": "interrupted; what was done until then is kept",
}
"""Exit code → what it means."""
ROLE_EXIT_CODES = {
    "0": "told to end: SIGTERM, SIGINT (Ctrl-C) or SIGHUP, at any moment of its work or its start",
    "1": "it failed; one line on stderr says what and why",
    "2": "the command was not understood",
    "3": "`crawl` below `up`: its parent is gone",
    "70": "`crawl` was stuck, and the log says where it stood (1 when it could not even say so)",
    "75": "`crawl`: store or queue did not answer for `unreachable_after_s`",
    "78": "a setting cannot work; starting it again changes nothing",
    "129, 130, 143": "the signal came before linkshot had begun, while Python itself was loading",
}
"""Exit code of a role → what it means."""
EXIT_CONFIG = 78
"""EX_CONFIG of sysexits.h."""


def read_arguments() -> list[str]:
    """The arguments of this process; makes its streams tolerate undecodable bytes."""
    for stream, errors in (
        (sys.stdin, "surrogateescape"),
        (sys.stdout, "replace"),
        (sys.stderr, "replace"),
    ):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)
    return sys.argv[1:]


def run_command(command: Callable[[], Any], *, as_json: bool, role: bool = False) -> int:
    """Runs the command and returns its exit code: ROLE_EXIT_CODES for roles, EXIT_CODES for others."""
    try:
        code = command()
        if sys.stdout is not None:
            sys.stdout.flush()
    except ItemsFailed as exc:
        return exc.code
    except (KeyboardInterrupt, typer.Abort):
        return EXIT_INTERRUPTED
    except (BrokenPipeError, SystemExit):  # typer makes the one into the other
        _discard_output(sys.stdout)
        return 0
    except Exception as exc:  # noqa: BLE001  # top of the process: every exception becomes one line
        code = _handle_exception(exc, as_json=as_json)
        return EXIT_CONFIG if role and isinstance(exc, ConfigError) else code
    return int(code or 0)


def _handle_exception(exc: Exception, *, as_json: bool) -> int:
    if isinstance(exc, typer.TyperException):
        return _handle_usage_error(exc, as_json=as_json)
    if os.environ.get("LINKSHOT_LOG_LEVEL", "").lower() == "debug":
        told = "".join(traceback.format_exception(exc))
        with suppress(OSError, ValueError):
            # libraries put passwords into the messages of their exceptions
            typer.echo(redact(told, known_secrets()), err=True, nl=False)
        return EXIT_FAILED
    if isinstance(exc, LinkshotError):
        print_error(exc.code, exc.message, exc.field, as_json=as_json)
        return EXIT_USAGE if isinstance(exc, InvalidInput) else EXIT_FAILED
    if isinstance(exc, OSError):
        where = f": {exc.filename}" if exc.filename else ""
        print_error("os", f"{exc.strerror or exc}{where}", None, as_json=as_json)
        _discard_output(sys.stdout)
        return EXIT_FAILED
    more = "LINKSHOT_LOG_LEVEL=debug shows the traceback"
    print_error("internal", f"internal error: {exc!r}; {more}", None, as_json=as_json)
    return EXIT_FAILED


def _handle_usage_error(exc: typer.TyperException, *, as_json: bool) -> int:
    """Prints a usage error; the help for a bare `linkshot` or `linkshot tag`."""
    if type(exc).__name__ == "NoArgsIsHelpError":
        typer.echo(exc.format_message())
        return EXIT_USAGE
    param = getattr(exc, "param", None)
    sentence = exc.format_message().rstrip(".")
    context = getattr(exc, "ctx", None)
    hint = f"; {context.command_path} --help says more" if context is not None else ""
    print_error("usage", f"{sentence}{hint}", getattr(param, "name", None), as_json=as_json)
    return EXIT_USAGE


def print_error(
    code: str, message: str, field: str | None = None, *, as_json: bool = False
) -> None:
    """Prints an error on stderr: one line with message and code, or a JSON object."""
    message = with_backquotes(redact(message, known_secrets()))
    if as_json:
        body = {"error": {"code": code, "message": message, "field": field}}
        line = json.dumps(body, ensure_ascii=False)
    else:
        line = f"error: {printable(message)} [{code}]"
    with suppress(OSError, ValueError):
        typer.echo(line, err=True)


def _discard_output(stream: TextIO | None) -> None:
    """Redirects a broken or full stream to /dev/null, so that flushing it at exit raises nothing."""
    with suppress(AttributeError, OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[union-attr]  # None: AttributeError
