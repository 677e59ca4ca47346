"""The language in which sentences are said, and English, the language of the sources. (pure)

Each sentence has one English source, a message id of web/locales. The front ends say it through a
Language: the pages in the reader's, the command line in the terminal's. Commands stand in “quotation
marks” in a message id; a front end may mark them its own way.
"""

from datetime import datetime
from typing import Protocol


class Language(Protocol):
    """Translates and formats for one reader."""

    def gettext(self, message: str, **values: object) -> str:
        """The message in this language; `%(name)s` is filled in when there are values."""

    def ngettext(self, one: str, many: str, n: int, **values: object) -> str:
        """The plural form for n, with `%(n)s` and the values filled in."""

    def number(self, value: int) -> str:
        """8,214."""

    def until(self, moment: datetime, now: datetime) -> str:
        """The moment at which a pause ends, as part of a sentence."""

    def coming(self, moment: datetime, now: datetime) -> str:
        """A moment that is to come, as part of a sentence."""

    def moment(self, moment: datetime) -> str:
        """Day and time."""


class English:
    """The sentences of the sources, as they are."""

    def gettext(self, message: str, **values: object) -> str:
        """The message, filled in when there are values."""
        return message % values if values else message

    def ngettext(self, one: str, many: str, n: int, **values: object) -> str:
        """The singular for 1, else the plural."""
        return (one if n == 1 else many) % {"n": self.number(n), **values}

    def number(self, value: int) -> str:
        """8,214."""
        return f"{value:,}"

    def until(self, moment: datetime, now: datetime) -> str:  # noqa: ARG002  # same for every now
        """Until 14:05 UTC."""
        return f"until {moment:%H:%M} UTC"

    def coming(self, moment: datetime, now: datetime) -> str:  # noqa: ARG002  # same for every now
        """2026-11-24 14:05 UTC."""
        return self.moment(moment)

    def moment(self, moment: datetime) -> str:
        """2026-11-24 14:05 UTC."""
        return f"{moment:%Y-%m-%d %H:%M} UTC"


ENGLISH = English()
