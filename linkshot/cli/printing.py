"""Output for terminals, pipes and programs: styled text, tables, JSON."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

import typer

from linkshot.domain.rfc3339 import rfc3339

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 120
HEADLINE = 100
"""Characters of a title on one line."""


def print_json(value: object) -> None:
    """Prints one JSON value on stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=_json_value))


def print_json_lines(values: Iterable[dict[str, Any]]) -> None:
    """Prints JSON Lines: one object a line."""
    for value in values:
        typer.echo(json.dumps(value, ensure_ascii=False, default=_json_value))


def _json_value(value: object) -> str:
    """Times as RFC 3339 in UTC; everything else as text."""
    if isinstance(value, datetime):
        return rfc3339(value)
    return str(value)


def printable(text: str) -> str:
    """Replaces control characters in untrusted text, so that it cannot drive the terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def headline(title: str, url: str) -> str:
    """The title of a link, else its URL, cut to one line."""
    called = printable(title or url)
    return called if len(called) <= HEADLINE else called[: HEADLINE - 1] + "…"


def styled(text: str, *, on: TextIO | None = None, **style: Any) -> str:
    """Styles text on a terminal; plain in a pipe and with NO_COLOR."""
    # NO_COLOR counts when it is not empty (no-color.org)
    colours = is_terminal(on or sys.stdout) and not os.environ.get("NO_COLOR")
    return typer.style(text, **style) if colours else text


def print_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints columns with a heading on a terminal; tab-separated without heading in a pipe."""
    if not is_terminal(sys.stdout):
        for row in rows:
            typer.echo("\t".join(printable(cell) for cell in row))
        return
    from rich.table import Table
    from rich.text import Text

    made = Table(*heads, box=None, pad_edge=False, header_style="dim")
    for row in rows:
        made.add_row(*(Text(printable(cell)) for cell in row))
    if made.row_count:
        console().print(made)


def console(*, stderr: bool = False) -> "Console":
    """A rich console; PIPE_WIDTH columns where the width is unknown."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    # a terminal may say that it has no columns, as a serial line does
    try:
        known = is_terminal(stream) and os.get_terminal_size(stream.fileno()).columns > 0
    except OSError:
        known = False
    return Console(stderr=stderr, width=None if known else PIPE_WIDTH, highlight=False)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether the stream is an open terminal."""
    return stream is not None and not stream.closed and stream.isatty()
