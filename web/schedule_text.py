"""How often a page is visited, in the reader's language."""

from linkshot.domain.schedules import interval_parts
from web.language import Tongue


def every(text: str, tongue: Tongue) -> str:
    """`1d` → every day, `5m` → every 5 minutes, `1d12h` → every 1 day 12 hours."""
    parts = [(count, unit) for count, unit in interval_parts(text) if count]
    if len(parts) == 1 and parts[0][0] == 1:
        return _once(parts[0][1], tongue)
    span = " ".join(_span(count, unit, tongue) for count, unit in parts)
    return tongue.say("every %(span)s", span=span or text)


def _once(unit: str, tongue: Tongue) -> str:
    say = tongue.say
    return {
        "m": say("every minute"),
        "h": say("every hour"),
        "d": say("every day"),
        "w": say("every week"),
    }[unit]


def _span(count: int, unit: str, tongue: Tongue) -> str:
    match unit:
        case "m":
            return tongue.count("%(n)s minute", "%(n)s minutes", count)
        case "h":
            return tongue.count("%(n)s hour", "%(n)s hours", count)
        case "d":
            return tongue.count("%(n)s day", "%(n)s days", count)
        case _:
            return tongue.count("%(n)s week", "%(n)s weeks", count)
