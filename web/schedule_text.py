"""How often a page is visited, in the reader's language."""

from linkshot.domain.schedules import interval_parts
from web.language import Translator


def every(text: str, translator: Translator) -> str:
    """`1d` → every day, `5m` → every 5 minutes, `1d12h` → every 1 day 12 hours."""
    parts = [(count, unit) for count, unit in interval_parts(text) if count]
    if len(parts) == 1 and parts[0][0] == 1:
        return _once(parts[0][1], translator)
    span = " ".join(_span(count, unit, translator) for count, unit in parts)
    return translator.gettext("every %(span)s", span=span or text)


def _once(unit: str, translator: Translator) -> str:
    gettext = translator.gettext
    return {
        "m": gettext("every minute"),
        "h": gettext("every hour"),
        "d": gettext("every day"),
        "w": gettext("every week"),
    }[unit]


def _span(count: int, unit: str, translator: Translator) -> str:
    match unit:
        case "m":
            return translator.ngettext("%(n)s minute", "%(n)s minutes", count)
        case "h":
            return translator.ngettext("%(n)s hour", "%(n)s hours", count)
        case "d":
            return translator.ngettext("%(n)s day", "%(n)s days", count)
        case _:
            return translator.ngettext("%(n)s week", "%(n)s weeks", count)
