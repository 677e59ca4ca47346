"""The language of the terminal: English, or Chinese from the catalogue of translations of the pages."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from linkshot.cli.po_file import read_po
from linkshot.cli.user_texts import is_chinese
from linkshot.domain.language import ENGLISH, Language

CATALOGUE = Path("locales") / "zh_CN" / "messages.po"
_COMMAND = re.compile("“(linkshot [^”]*)”")


class TerminalLanguage:
    """Says the sentences of the core on a terminal, where commands stand in backquotes."""

    def __init__(self, translations: Mapping[str, str]) -> None:
        self._translations = translations
        """Message id → Chinese; empty for English."""

    def gettext(self, message: str, **values: object) -> str:
        """The message in the terminal's language."""
        text = self._translations.get(message, message)
        return with_backquotes(ENGLISH.gettext(text, **values))

    def ngettext(self, one: str, many: str, n: int, **values: object) -> str:
        """The plural form for n; Chinese has one form."""
        said = self._translations.get(one)
        return with_backquotes(ENGLISH.ngettext(said or one, said or many, n, **values))

    def number(self, value: int) -> str:
        """8,214, in both languages."""
        return ENGLISH.number(value)

    def until(self, moment: datetime, now: datetime) -> str:
        """The end of a pause, in UTC."""
        if self._translations:
            return f"{moment:%H:%M}（UTC）"
        return ENGLISH.until(moment, now)

    def coming(self, moment: datetime, now: datetime) -> str:  # noqa: ARG002  # same for every now
        """The day and time in UTC."""
        return self.moment(moment)

    def moment(self, moment: datetime) -> str:
        """Day and time in UTC."""
        if self._translations:
            return f"{moment:%Y-%m-%d %H:%M}（UTC）"
        return ENGLISH.moment(moment)


def terminal_language() -> Language:
    """The language that LC_ALL, LC_MESSAGES or LANG names."""
    return TerminalLanguage(_chinese() if is_chinese() else {})


@cache
def _chinese() -> Mapping[str, str]:
    import web

    return read_po(Path(web.__file__).parent / CATALOGUE)


def with_backquotes(text: str) -> str:
    """The text with its commands marked as on a terminal."""
    return _COMMAND.sub(r"`\1`", text)
