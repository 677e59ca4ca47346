"""How often is a link visited again, and when next? (pure)"""

import re
from datetime import datetime, timedelta

from linkshot.errors import InvalidSchedule

UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}
SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=366)
SPREAD = 0.05
"""Runs vary by up to this share of the interval, so that many at one minute spread out."""


def parse_every(text: str) -> timedelta:
    """`30m`, `12h`, `1d`, `2w` as an interval; InvalidSchedule with what is possible otherwise."""
    match = re.fullmatch(r"(\d{1,6}) ?([mhdw])", text.strip().lower(), re.ASCII)
    if not match:
        raise InvalidSchedule(
            f"{text[:40]!r} is not an interval; write a number and m, h, d or w, like 12h or 1d",
            field="every",
        )
    every = timedelta(seconds=int(match[1]) * UNITS[match[2]])
    if every < SHORTEST:
        raise InvalidSchedule(
            "a link is visited again after 5 minutes at the earliest (5m)",
            code="schedule.too_often",
            field="every",
        )
    if every > LONGEST:
        raise InvalidSchedule("the longest interval is 52w", field="every")
    return every


def next_due(every: timedelta, last: datetime, now: datetime, jitter: float = 0.0) -> datetime:
    """When the run after the one planned for `last` is due: after `now`, missed ones left out.

    `jitter` in [0, 1) moves it later by up to SPREAD of the interval.
    """
    missed = max((now - last) // every, 0)
    return last + every * (missed + 1) + every * SPREAD * jitter
