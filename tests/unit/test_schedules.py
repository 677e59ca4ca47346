"""Intervals between visits, and the next due time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkshot.domain.schedules import JITTER, next_due, parse_every
from linkshot.errors import InvalidSchedule

LAST = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "every"),
    [
        ("5m", timedelta(minutes=5)),
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        ("1d", DAY),
        (" 2w ", timedelta(weeks=2)),
        ("1 D", DAY),
        ("52w", timedelta(weeks=52)),
    ],
)
def test_an_interval_is_a_number_and_a_unit(text: str, every: timedelta) -> None:
    assert parse_every(text) == every


def test_an_interval_may_have_several_parts_the_longest_first() -> None:
    assert parse_every("1d12h") == timedelta(hours=36)
    assert parse_every("1w2d3h4m") == timedelta(days=9, hours=3, minutes=4)


@pytest.mark.parametrize("text", ["0m", "1m", "4m", "0d", "00h"])
def test_an_interval_under_five_minutes_is_too_often(text: str) -> None:
    with pytest.raises(InvalidSchedule) as refused:
        parse_every(text)
    assert (refused.value.code, refused.value.field) == ("schedule.too_often", "every")


@pytest.mark.parametrize(
    "text",
    ["", "1", "-1d", "1s", "1e12", "1.5d", "P", "PT0S", "P1M", "d", "1dd", "１d", "1d 2h", "2h1d", "1d2d", "999999w",
     "53w", "9" * 400 + "d", "* * * * *", "@reboot", "1d\n; drop", "每天"],
)  # fmt: skip
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(InvalidSchedule) as refused:
        parse_every(text)
    assert refused.value.code == "schedule.invalid"
    assert len(refused.value.message) < 150


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (LAST, LAST + DAY),
        (LAST + timedelta(hours=3), LAST + DAY),
        (LAST + DAY, LAST + 2 * DAY),
        (LAST + 10 * DAY + timedelta(hours=1), LAST + 11 * DAY),
        (LAST - 5 * DAY, LAST + DAY),
    ],
    ids=["at once", "a little late", "a whole interval late", "off for days", "clock set back"],
)
def test_missed_runs_are_left_out(now: datetime, due: datetime) -> None:
    assert next_due(DAY, LAST, now, 0.0) == due


@settings(max_examples=50, deadline=None)
@given(
    st.integers(300, 10**7),
    st.integers(-(10**7), 10**9),
    st.floats(0, 1, exclude_max=True),
)
def test_the_next_run_lies_ahead_and_not_far(every_s: int, late_s: int, jitter: float) -> None:
    every, now = timedelta(seconds=every_s), LAST + timedelta(seconds=late_s)
    due = next_due(every, LAST, now, jitter)
    assert due > now
    assert due <= max(now, LAST) + every * (1 + JITTER)


def test_many_at_one_minute_spread_out() -> None:
    due = {next_due(DAY, LAST, LAST, n / 100) for n in range(100)}
    assert len(due) == 100
    assert max(due) - min(due) > timedelta(hours=1)
