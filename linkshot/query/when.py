"""Parses date ranges and ages: `>2026-01-01`, `2026-03`, `<7d`, `2025..2026`. (pure)"""

import re
from datetime import UTC, datetime, timedelta

from linkshot.query.tree import FOREVER

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AGE_UNITS = {"h": 1, "d": 24, "w": 24 * 7, "m": 24 * 30, "y": 24 * 365}
Span = tuple[int, int]


class NotATime(ValueError):
    """The text is not a date or an age."""


def span(text: str, now: datetime) -> Span:
    """[start, end) in µs since 1970, UTC; NotATime otherwise.

    Ages: `<7d` is younger than seven days, `>7d` older; h, d, w, m (30 days), y (365 days).
    """
    compared = re.match(r"[<>]=?", text)
    operator = compared[0] if compared else ""
    value = text[len(operator) :]
    if age := re.fullmatch(r"(\d{1,5})([hdwmy])", value, re.ASCII):
        try:
            border = max(_us(now - timedelta(hours=int(age[1]) * AGE_UNITS[age[2]])), 0)
        except OverflowError:  # before year 1
            border = 0
        return (0, border) if operator in (">", ">=") else (border, FOREVER)
    if ".." in value and not operator:
        first, last = value.split("..", 1)
        start = day_span(first)[0] if first else 0
        end = day_span(last)[1] if last else FOREVER
        if start >= end or not (first or last):
            raise NotATime(value)
        return start, end
    start, end = day_span(value)
    return {
        "": (start, end),
        ">": (end, FOREVER),
        ">=": (start, FOREVER),
        "<": (0, start),
        "<=": (0, end),
    }[operator]


def day_span(text: str) -> Span:
    """A year, month or day as [start, end); NotATime otherwise."""
    match = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", text, re.ASCII)
    if not match:
        raise NotATime(text)
    year, month, day = int(match[1]), match[2], match[3]
    try:
        start = datetime(year, int(month or 1), int(day or 1), tzinfo=UTC)
        if day:
            end = start + timedelta(days=1)
        elif month:
            end = start.replace(year=year + start.month // 12, month=start.month % 12 + 1)
        else:
            end = start.replace(year=year + 1)
        return _us(start), _us(end)
    except (ValueError, OverflowError) as exc:
        raise NotATime(text) from exc


def _us(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(microseconds=1)
