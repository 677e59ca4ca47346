"""The `linkshot` command: parses arguments, calls use cases, prints; may import every other package."""

from linkshot.cli.main import main

__all__ = ["main"]
