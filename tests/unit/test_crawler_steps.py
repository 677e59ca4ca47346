"""The time of a visit: each step has its share, and what comes too late is left out and named."""

import asyncio
import time

import pytest

from crawler.page.steps import PageLost, Steps


async def at_once() -> str:
    return "there"


async def never() -> None:
    await asyncio.Event().wait()


def steps(spent_s: float, *, has_settled: bool = True) -> Steps:
    """Of a visit of 100 s that began so long ago."""
    return Steps(deadline_s=100, began=time.monotonic() - spent_s, has_settled=has_settled)


def test_a_step_in_time_leaves_no_mark() -> None:
    one = steps(10)
    assert asyncio.run(one.run("scroll", at_once(), 5)) == "there"
    assert one.partial == []


def test_a_step_that_reaches_its_own_limit_is_named() -> None:
    one = steps(10)
    assert asyncio.run(one.run("scroll", never(), 0.11)) is None
    assert one.partial == ["scroll"]


def test_a_step_takes_half_of_what_is_left() -> None:
    one = steps(94.7)
    asyncio.run(one.run("screenshot", never(), 20))
    assert one.partial == ["screenshot", "timeout"]
    assert one.seconds["screenshot"] < 0.3


def test_a_step_without_time_is_left_out_and_named() -> None:
    one = steps(96)
    assert asyncio.run(one.run("freeze", at_once(), 20)) is None
    assert one.partial == ["freeze", "timeout"]


def test_a_part_that_nobody_promised_is_left_out_without_a_word() -> None:
    one = steps(96)
    assert asyncio.run(one.run("favicon", at_once(), 3, promised=False)) is None
    assert one.partial == []


@pytest.mark.parametrize(("has_settled", "found"), [(False, None), (True, "there")])
def test_the_capture_has_time_of_its_own(has_settled: bool, found: str | None) -> None:
    one = steps(70, has_settled=has_settled)
    assert asyncio.run(one.run("step", at_once(), 5)) == found


def test_a_lost_page_is_told_without_the_command_line_of_the_browser() -> None:
    said = "Target page, context or browser has been closed\nBrowser logs:\n<launching> chromium"
    assert str(PageLost(said)) == "Target page, context or browser has been closed"
