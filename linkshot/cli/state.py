"""What do all commands share: settings, an open App, how to print?"""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from linkshot.app import App
    from linkshot.config import Settings

EXIT_FAILED, EXIT_USAGE, EXIT_SOME, EXIT_INTERRUPTED = 1, 2, 3, 130


class SomeFailed(Exception):
    """Everything was tried and printed; some or all of it failed."""

    def __init__(self, failed: int, total: int) -> None:
        super().__init__(f"{failed} of {total} failed")
        self.code = EXIT_FAILED if failed == total else EXIT_SOME


@dataclass(slots=True, kw_only=True)
class State:
    """The options before the command."""

    data: Path | None = None
    config: Path | None = None
    json: bool = False
    quiet: bool = False

    def settings(self, **flags: object) -> "Settings":
        """Flags over environment over config file."""
        from linkshot.config import load_settings

        return load_settings(self.config, data=self.data, **flags)

    @contextmanager
    def opened(self, **flags: object) -> "Iterator[App]":
        """An open linkshot, closed at the end."""
        from linkshot.logs import configure
        from linkshot.wiring import open_app

        settings = self.settings(**flags)
        configure(settings.log_level, quiet=self.quiet)
        app = open_app(settings)
        try:
            yield app
        finally:
            app.close()

    def tell(self, sentence: str) -> None:
        """Progress for people, on stderr."""
        if not self.quiet:
            typer.echo(sentence, err=True)

    def out(self, value: object) -> None:
        """The result as one JSON value on stdout."""
        typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def state_of(context: typer.Context) -> State:
    """The options before the command."""
    state: State = context.find_root().obj
    return state


def lines(values: Iterable[dict[str, Any]]) -> None:
    """One JSON object a line."""
    for value in values:
        typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def console(*, stderr: bool = False) -> "Console":
    """Where tables go; wide enough for pipes."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else 120
    return Console(stderr=stderr, width=width, highlight=False, soft_wrap=not stream.isatty())


def safe(text: str) -> str:
    """What a page or a person wrote, without characters that act on a terminal."""
    return "".join(c if c.isprintable() or c == " " else "\ufffd" for c in text)
