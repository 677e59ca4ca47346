"""Translations, plural forms, and localized numbers, sizes and times; language negotiation.

Message catalogues (.po) are compiled when a language is first used, so that no build step is needed.
"""

import gettext
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from linkshot.domain.byte_size import size_text
from linkshot.domain.rfc3339 import rfc3339

LANGUAGES = {"zh-CN": "zh_CN", "en": "en"}
"""Tag in HTML and settings → Babel's name; English is the language of the sources."""
FOLDER = Path(__file__).parent / "locales"
BY_PRIMARY = {"zh": "zh-CN", "en": "en"}
"""Primary subtag (RFC 5646) → the language we have for it."""

REGION = re.compile("[A-Za-z]{2}|[0-9]{3}")
"""A region subtag (RFC 5646, 2.2.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Translator:
    """Translates and formats for one language."""

    tag: str
    """`zh-CN` or `en`."""
    translations: gettext.NullTranslations
    locale: Locale

    def gettext(self, message: str, **values: object) -> str:
        """The translated message with `%(name)s` filled in."""
        text = self.translations.gettext(message)
        return text % values if values else text

    def ngettext(self, one: str, many: str, n: int, **values: object) -> str:
        """The translated plural form for n; `%(n)s` is the localized number."""
        return self.translations.ngettext(one, many, n) % {"n": self.number(n), **values}

    def number(self, value: float) -> str:
        """8,214."""
        return format_decimal(value, locale=self.locale)

    def size(self, count: int) -> str:
        """Bytes with a decimal unit: 1.2 MB."""
        return size_text(count)

    def ago(self, moment: datetime, now: datetime) -> str:
        """2 minutes ago; older than a month: the date."""
        passed = now - moment
        if passed < timedelta(seconds=10):
            return self.gettext("just now")
        if passed > timedelta(days=30):
            return self.date(moment)
        return format_timedelta(-passed, add_direction=True, threshold=1, locale=self.locale)

    def until(self, moment: datetime, now: datetime) -> str:
        """In 3 hours; further away than a day: weekday or date with the time."""
        left = moment - now
        if left <= timedelta(0):
            return self.gettext("now")
        if left < timedelta(days=1):
            return format_timedelta(left, add_direction=True, threshold=1, locale=self.locale)
        return self.moment(moment)

    def coming(self, moment: datetime, now: datetime) -> str:
        """In 3 hours, as `until` has it."""
        return self.until(moment, now)

    def date(self, moment: datetime) -> str:
        """3 Mar 2026."""
        return format_date(_on_this_clock(moment), "medium", locale=self.locale)

    def moment(self, moment: datetime) -> str:
        """3 Mar 2026 14:05 on this machine's clock."""
        return f"{self.date(moment)} {_on_this_clock(moment):%H:%M}"

    def language_name(self, tag: str) -> str:
        """`zh` → Chinese, `zh-cn` → Chinese · CN; the tag itself where Babel has no name for it.

        Looks the name up in the reader's own locale: Babel has no locale for most languages that pages
        are in, and raises for those.
        """
        primary, *rest = tag.replace("_", "-").split("-")
        name = self.locale.languages.get(primary.lower())
        if name is None:
            return tag
        region = next((part.upper() for part in rest if REGION.fullmatch(part)), None)
        return " · ".join(part for part in (name, region) if part)


@cache
def translator(tag: str) -> Translator:
    """The translator of a language tag; its catalogue is read once."""
    name = LANGUAGES[tag]
    return Translator(tag=tag, translations=_catalogue(name), locale=Locale.parse(name))


def negotiate(asked: str | None, kept: str | None, setting: str, accept: str) -> str:
    """The tag of the language: the one just asked for, the cookie's, the setting, the browser's."""
    for choice in (asked, kept, setting):
        if choice in LANGUAGES:
            return choice
    accepted = []
    for part in accept[:500].split(","):
        name, _, written = part.strip().partition(";q=")
        try:
            quality = float(written or 1)
        except ValueError:
            quality = 0.0
        accepted.append((name.strip(), quality))
    accepted.sort(key=lambda choice: -choice[1])
    # a quality of 0 means "not this one" (RFC 9110 §12.4.2)
    primaries = [name.split("-")[0].lower() for name, quality in accepted if quality > 0]
    return next((BY_PRIMARY[name] for name in primaries if name in BY_PRIMARY), "en")


def iso(moment: datetime) -> str:
    """RFC 3339 in UTC, for machines."""
    return rfc3339(moment, "seconds")


def _on_this_clock(moment: datetime) -> datetime:
    """In the zone of this machine; as it is within a day of the first or last year that Python has."""
    try:
        return moment.astimezone()
    except OverflowError:
        return moment


def _catalogue(name: str) -> gettext.NullTranslations:
    source = FOLDER / name / "messages.po"
    if not source.exists():
        return gettext.NullTranslations()
    with source.open("rb") as file:
        catalogue = read_po(file, locale=name)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
