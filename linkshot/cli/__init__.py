"""The `linkshot` command: reads its words, calls the use cases, prints; the roof of the project."""

from linkshot.cli.main import main

__all__ = ["main"]
