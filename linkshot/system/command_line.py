"""Looks at the command line before typer parses it: which command, and global options anywhere.

It imports nothing of cli/, so that a role is recognized before the rest is loaded.
"""

from collections.abc import Sequence

FLAGS = ("--json", "--quiet")
VALUES = ("--data", "--config")
ROLES = frozenset({"crawl", "dispatch", "index", "run", "up", "web"})
"""Commands that run until a signal ends them."""


def is_role(words: Sequence[str]) -> bool:
    """Whether this command line starts a command that runs until a signal ends it."""
    front = hoist_options(words)
    first = options_before(front)
    return not ROLES.isdisjoint(front[first : first + 1])


def hoist_options(words: Sequence[str]) -> list[str]:
    """The options of every command put before the command, wherever they stood."""
    front: list[str] = []
    rest = list(words)
    at = 0
    while at < len(rest) and rest[at] != "--":
        if rest[at] in FLAGS or rest[at].startswith(tuple(f"{name}=" for name in VALUES)):
            front.append(rest.pop(at))
        elif rest[at] in VALUES and at + 1 < len(rest):
            front += rest[at : at + 2]
            del rest[at : at + 2]
        else:
            at += 1
    return front + rest


def options_before(words: Sequence[str]) -> int:
    """How many of the hoisted words are options of every command."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in VALUES else 1
    return at
