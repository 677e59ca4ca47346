"""How do results get onto a terminal, into a pipe, or into a program?"""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import typer

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 120
HEADLINE = 100
"""Characters of a title on one line."""


def print_json(value: object) -> None:
    """The result as one JSON value on stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def print_json_lines(values: Iterable[dict[str, Any]]) -> None:
    """One JSON object a line."""
    for value in values:
        typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def printable(text: str) -> str:
    """What a page or a person wrote, without characters that act on a terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def headline(title: str, url: str) -> str:
    """What a link is called on one line: the beginning of its title, else of its address."""
    called = printable(title or url)
    return called if len(called) <= HEADLINE else called[: HEADLINE - 1] + "…"


def styled(text: str, *, on: TextIO | None = None, **style: Any) -> str:
    """Coloured or bold on a terminal, plain in a pipe and with NO_COLOR."""
    return typer.style(text, **style) if _colours(on or sys.stdout) else text


def print_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns under their names on a terminal; without names and tab-separated in a pipe."""
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
    """Where moving things go; wide enough for pipes and for terminals that know no width."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if is_terminal(stream) and _columns(stream) else PIPE_WIDTH
    return Console(stderr=stderr, width=width, highlight=False)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody looks at it; a closed stream is none."""
    return stream is not None and not stream.closed and stream.isatty()


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except OSError:
        return 0


def _colours(stream: TextIO | None) -> bool:
    return is_terminal(stream) and not os.environ.get("NO_COLOR")
