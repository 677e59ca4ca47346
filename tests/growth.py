"""Measures how the CPU time of work grows with its input: a ratio holds on any machine, a time does not."""

import time
from collections.abc import Callable
from typing import TypeVar

TIMES = 3
"""Of each size; the shortest counts, as others take time away but never give any."""
T = TypeVar("T")


def growth(work: Callable[[T], object], small: T, large: T) -> float:
    """CPU time of work(large) as a multiple of that of work(small), both on this thread."""
    return _shortest(work, large) / max(_shortest(work, small), 1e-6)


def cost_ratio(work: Callable[[], object], yardstick: Callable[[], object]) -> float:
    """CPU time of `work` as a multiple of that of something known, both on this thread."""
    return growth(lambda one: one(), yardstick, work)


def _shortest(work: Callable[[T], object], given: T) -> float:
    spent = []
    for _ in range(TIMES):
        began = time.thread_time()
        work(given)
        spent.append(time.thread_time() - began)
    return min(spent)
