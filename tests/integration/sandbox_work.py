"""Functions that tests run in the sandbox process."""

import os


def environment() -> list[str]:
    """Names of its environment variables."""
    return list(os.environ)


def spin() -> None:
    """Never ends."""
    while True:
        pass


def grow() -> int:
    """Touches more memory than a child may have had to be kept."""
    return len(b"x" * 420_000_000)
