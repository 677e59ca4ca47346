"""Visit intervals: parsing, formatting, and the next due time. (pure)"""

import re
from datetime import datetime, timedelta

from linkshot.errors import InvalidSchedule

UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}
NAMES = {"m": "minute", "h": "hour", "d": "day", "w": "week"}
INTERVAL = re.compile(
    r"\d{1,6} [wdhm]|(?=\d)(?:\d{1,6}w)?(?:\d{1,6}d)?(?:\d{1,6}h)?(?:\d{1,6}m)?", re.ASCII
)
MIN_INTERVAL = timedelta(minutes=5)
MAX_INTERVAL = timedelta(days=366)
JITTER = 0.05
"""Runs vary by up to this share of the interval, so that many at one minute spread out."""


def parse_every(text: str) -> timedelta:
    """`30m`, `12h`, `1d12h`, `2w` as an interval; InvalidSchedule with what is possible otherwise."""
    parts = interval_parts(text)
    if not parts:
        raise InvalidSchedule(
            f"{text[:40]!r} is not an interval; write a number and m, h, d or w, like 12h or 1d12h",
            field="every",
        )
    every = timedelta(seconds=sum(count * UNITS[unit] for count, unit in parts))
    if every < MIN_INTERVAL:
        raise InvalidSchedule(
            "a link is visited again after 5 minutes at the earliest (5m)",
            code="schedule.too_often",
            field="every",
        )
    if every > MAX_INTERVAL:
        raise InvalidSchedule("the longest interval is 52w", field="every")
    return every


def interval_parts(text: str) -> list[tuple[int, str]]:
    """`1d12h` → (1, d), (12, h), each unit once and the longest first; empty = no interval."""
    said = text.strip().lower()
    if not INTERVAL.fullmatch(said):
        return []
    return [(int(count), unit) for count, unit in re.findall(r"(\d+) ?([wdhm])", said)]


def describe_interval(text: str) -> str:
    """`1d` → every day, `5m` → every 5 minutes, `1d12h` → every 1 day 12 hours; what is no interval
    is returned as it is."""
    parts = [(count, unit) for count, unit in interval_parts(text) if count]
    if len(parts) == 1 and parts[0][0] == 1:
        return f"every {NAMES[parts[0][1]]}"
    named = (f"{count} {NAMES[unit]}{'' if count == 1 else 's'}" for count, unit in parts)
    return f"every {' '.join(named) or text}"


def next_due(every: timedelta, last: datetime, now: datetime, jitter: float = 0.0) -> datetime:
    """When the run after the one planned for `last` is due: after `now`, missed runs are skipped.

    `jitter` in [0, 1) moves it later by up to JITTER of the interval.
    """
    # From the plan, not from now: visits do not drift by what each one was late.
    missed = max((now - last) // every, 0)
    return last + every * (missed + 1) + every * JITTER * jitter
