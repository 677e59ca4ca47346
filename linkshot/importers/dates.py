"""When was a bookmark made, in the many ways exports say it?"""

import re
from datetime import UTC, datetime, timedelta

NUMBER = re.compile(r"\d{1,20}(\.\d+)?")
WEB = datetime(1990, 1, 1, tzinfo=UTC)
"""Nothing was bookmarked before; tells seconds from milli- and microseconds."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SCALES = (1, 1_000, 1_000_000)


def read_date(raw: str | None, now: datetime) -> tuple[datetime | None, tuple[str, ...]]:
    """The instant, never in the future, and a notice: `date.invalid` (dropped), `date.clamped`.

    Epoch seconds, milli- and microseconds are told apart by size; else ISO 8601.
    """
    text = (raw or "").strip()
    if not text:
        return None, ()
    found = _epoch(float(text), now) if NUMBER.fullmatch(text) else _iso(text)
    if found is None or found <= EPOCH:
        return None, ("date.invalid",)
    if found > now:
        return now, ("date.clamped",)
    return found, ()


def _epoch(value: float, now: datetime) -> datetime | None:
    """The scale by which it falls between the first web page and tomorrow."""
    tomorrow = now + timedelta(days=1)
    for scale in SCALES:
        found = _instant(value / scale)
        if found is not None and WEB <= found <= tomorrow:
            return found
    return _instant(value) or now + timedelta(days=1)


def _instant(seconds: float) -> datetime | None:
    try:
        return EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _iso(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
