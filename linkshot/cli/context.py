"""Shared context of all commands: global options, settings, the open App, exit codes."""

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
    """Some or all items failed; everything was tried and printed."""

    def __init__(self, failed: int, total: int) -> None:
        super().__init__(f"{failed} of {total} failed")
        self.code = EXIT_FAILED if failed == total else EXIT_SOME


@dataclass(slots=True, kw_only=True)
class CliContext:
    """Global options, and what every command builds from them."""

    data: Path | None = None
    config: Path | None = None
    json: bool = False
    quiet: bool = False

    def settings(self, **flags: object) -> "Settings":
        """Flags win over the environment, which wins over the config file."""
        from linkshot.system.config import load_settings

        return load_settings(self.config, data=self.data, **flags)

    def configured(self, **flags: object) -> "Settings":
        """The settings, after configuring the log by them."""
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
        """Prints progress for people on stderr, unless --quiet."""
        if not self.quiet:
            typer.echo(sentence, err=True)

    def print_json(self, value: object) -> None:
        """Prints the result as one JSON value on stdout."""
        printing.print_json(value)


def cli_context(context: typer.Context) -> CliContext:
    """The context that the root command stored."""
    cli: CliContext = context.find_root().obj
    return cli


def stdin_lines() -> list[str]:
    """Non-empty lines of stdin; none when it is closed."""
    return [line.strip() for line in sys.stdin or () if line.strip()]
