"""Suggests a search that finds a saved page again, as a command line."""

import shlex
import shutil
import sys
from collections import Counter
from pathlib import Path

from linkshot.app import App
from linkshot.domain.model import Link, Role
from linkshot.errors import LinkshotError
from linkshot.system.config import Settings, default_data_dir
from linkshot.text.tokens import tokens
from linkshot.use_cases import snapshots

SAMPLE_CHARS = 20_000
"""Characters of the text that are counted."""


def distinctive_word(app: App, one: Link) -> str:
    """A distinctive word of the page's text; empty when it has none."""
    shown = one.current or one.last
    text = shown.artifact(Role.TEXT) if shown else None
    if text is None:
        return ""
    try:
        body = snapshots.read(app, text).decode("utf-8", "replace")
    except LinkshotError:
        return ""
    return pick_word(one.title, body[:SAMPLE_CHARS])


def pick_word(title: str, text: str) -> str:
    """The word of the title that the text repeats most, else of the text: two Han characters, or
    six letters or more."""
    counted = Counter(token for token in tokens(text) if _is_candidate(token))
    in_title = [token for token in tokens(title) if token in counted]
    best = max(in_title, key=lambda token: counted[token], default="")
    return best or next((token for token, _ in counted.most_common(1)), "")


def search_command(settings: Settings, query: str) -> str:
    """The search as it is typed here."""
    words = [_program_name()]
    if settings.data != default_data_dir():
        words += ["--data", str(settings.data)]
    return shlex.join([*words, "search", query])


def _is_candidate(token: str) -> bool:
    if len(token) == 2 and ord(token[0]) > 0x2E7F:
        return True
    return len(token) > 5 and token.isalpha() and token.isascii()


def _program_name() -> str:
    """`linkshot` when the shell knows it, else the path of this one."""
    called = Path(sys.argv[0])
    if called.name != "linkshot":
        return f"{sys.executable} -m linkshot" if not shutil.which("linkshot") else "linkshot"
    known = shutil.which("linkshot")
    return "linkshot" if known and Path(known).samefile(called) else str(called)
