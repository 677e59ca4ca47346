"""Measures how the CPU time of work grows with its input: a ratio holds on any machine, a time does not."""

import time
from collections.abc import Callable
from typing import TypeVar

TIMES = 3
"""Of each size; the shortest counts, as others take time away but never give any."""
T = TypeVar("T")


def assert_growth_below(limit: float, work: Callable[[T], object], small: T, large: T) -> None:
    """CPU time of work(large) is less than `limit` times that of work(small), both on this thread.

    The large one is repeated only while it is too slow: a shorter time could not change the answer.
    """
    allowed_s = limit * max(min(_seconds(work, small) for _ in range(TIMES)), 1e-6)
    spent: list[float] = []
    while len(spent) < TIMES and min(spent, default=allowed_s) >= allowed_s:
        spent.append(_seconds(work, large))
    assert min(spent) < allowed_s, f"{min(spent)} s of CPU, at most {allowed_s} s expected"


def assert_cost_below(
    limit: float, work: Callable[[], object], yardstick: Callable[[], object]
) -> None:
    """CPU time of `work` is less than `limit` times that of something known, both on this thread."""
    assert_growth_below(limit, lambda one: one(), yardstick, work)


def _seconds(work: Callable[[T], object], given: T) -> float:
    began = time.thread_time()
    work(given)
    return time.thread_time() - began
