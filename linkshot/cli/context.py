"""What do all commands share: the options before them, settings, an open App, how they end?"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from linkshot.cli import printing

if TYPE_CHECKING:
    from linkshot.app import App
    from linkshot.system.config import Settings

EXIT_FAILED, EXIT_USAGE, EXIT_SOME, EXIT_INTERRUPTED = 1, 2, 3, 130


class ItemsFailed(Exception):
    """Everything was tried and printed; some or all of it failed."""

    def __init__(self, failed: int, total: int) -> None:
        super().__init__(f"{failed} of {total} failed")
        self.code = EXIT_FAILED if failed == total else EXIT_SOME


@dataclass(slots=True, kw_only=True)
class CliContext:
    """The options of every command."""

    data: Path | None = None
    config: Path | None = None
    json: bool = False
    quiet: bool = False

    def settings(self, **flags: object) -> "Settings":
        """Flags over environment over config file."""
        from linkshot.system.config import load_settings

        return load_settings(self.config, data=self.data, **flags)

    def configured(self, **flags: object) -> "Settings":
        """The same, and from now on the log is as they say."""
        from linkshot.system.config import secrets_of
        from linkshot.system.log_config import configure_logging

        settings = self.settings(**flags)
        secrets = secrets_of(settings)
        configure_logging(
            settings.log_level, quiet=self.quiet, secrets=secrets, form=settings.log_format
        )
        return settings

    @contextmanager
    def open_app(self, **flags: object) -> "Iterator[App]":
        """An open linkshot, closed at the end."""
        from linkshot.wiring import open_app

        settings = self.configured(**flags)
        app = open_app(settings)
        try:
            yield app
        finally:
            app.close()

    def notify(self, sentence: str) -> None:
        """Progress for people, on stderr."""
        if not self.quiet:
            typer.echo(sentence, err=True)

    def print_json(self, value: object) -> None:
        """The result as one JSON value on stdout."""
        printing.print_json(value)


def cli_context(context: typer.Context) -> CliContext:
    """The options of every command."""
    cli: CliContext = context.find_root().obj
    return cli


def stdin_lines() -> list[str]:
    """What was piped in, a line each, without empty ones; nothing when stdin is closed."""
    return [line.strip() for line in sys.stdin or () if line.strip()]
