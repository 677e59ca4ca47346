"""Parses the creation dates of bookmarks in the formats that exports use. (pure)"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

NUMBER = re.compile(r"\d{1,20}(\.\d+)?")
COMPACT = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{6})?")
"""Year, month and day without signs between them, and perhaps the time; as an epoch all would be of 1970
or far away."""
WEB = datetime(1990, 1, 1, tzinfo=UTC)
"""Nothing was bookmarked before; tells seconds from milli- and microseconds."""
LOG = re.compile(r"(\d{1,2})/([A-Za-z]{3})/(\d{4}):(\d\d:\d\d:\d\d)(.*)")
"""As Apache writes it: 10/Oct/2000:13:55:36 -0700."""
NAMED = re.compile(r"\b\d{1,2}[ -][A-Za-z]{3,9}[ -]\d{2,4}\b|\b[A-Za-z]{3} +\d{1,2} [\d:]+ \d{4}\b")
"""Day, month by name and year: RFC 2822 (and RFC 850, asctime)."""
SLASHED = re.compile(r"(\d{4})[/.](\d\d?)[/.](\d\d?)(?=$|[ T])")
HAN = re.compile(r"(\d{4})年(\d\d?)月(\d\d?)日")
ZONE = re.compile(r"\s+(?=[+-]\d\d:?\d\d$)|\s*(?:UTC|GMT)$")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SCALES = (1, 1_000, 1_000_000, 1_000_000_000)
"""Of a second: epochs are written in seconds, milli-, micro- and nanoseconds."""
HORIZON = datetime(2100, 1, 1, tzinfo=UTC)
"""A number beyond it in one scale is before WEB in the next, and a date in neither."""
FIRST_S, LAST_S = WEB.timestamp(), HORIZON.timestamp()


def parse_date(raw: str | None, now: datetime) -> tuple[datetime | None, tuple[str, ...]]:
    """The instant, never in the future, and a notice: `date.invalid` (dropped), `date.clamped`.

    Epoch seconds, milli-, micro- and nanoseconds are told apart by size: each lies between WEB and HORIZON
    in one scale at most. Else ISO 8601, RFC 2822, or as Apache and Chinese lists write it. A time without
    a zone is in UTC.
    """
    text = (raw or "").strip()
    if not text:
        return None, ()
    found = _number(text) if NUMBER.fullmatch(text) else _written(text)
    if found is None or found <= EPOCH:
        return None, ("date.invalid",)
    if found > now:
        return now, ("date.clamped",)
    return found, ()


def _number(text: str) -> datetime | None:
    """An epoch or a date of digits. One that no scale puts between WEB and HORIZON is neither: the day number
    of a spreadsheet, a rank, milliseconds of 1985."""
    if COMPACT.fullmatch(text):
        return _written(f"{text[:8]}T{text[8:]}" if text[8:] else text)
    seconds = (float(text) / scale for scale in SCALES)
    found = next((one for one in seconds if FIRST_S <= one < LAST_S), None)
    return None if found is None else EPOCH + timedelta(seconds=found)


def _written(text: str) -> datetime | None:
    text = LOG.sub(r"\1 \2 \3 \4\5", text[:100])
    try:
        if NAMED.search(text):
            found = parsedate_to_datetime(text)
        else:
            for pattern in (SLASHED, HAN):
                text = pattern.sub(lambda day: "{}-{:0>2}-{:0>2}".format(*day.groups()), text)
            # fromisoformat() knows no zone by name
            zone = "+00:00" if re.search(r"(?:UTC|GMT)$", text) else ""
            found = datetime.fromisoformat(ZONE.sub("", text.strip()) + zone)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def first_date(
    given: Iterable[str | None], now: datetime
) -> tuple[datetime | None, tuple[str, ...]]:
    """The first of several that can be read; the notice of the first one that was given otherwise."""
    notices: tuple[str, ...] = ()
    for raw in given:
        found, said = parse_date(raw, now)
        if found is not None:
            return found, said
        notices = notices or said
    return None, notices
