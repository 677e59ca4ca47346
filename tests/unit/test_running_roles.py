"""Answers of parts are kept for a moment, and nobody waits long for one that is silent."""

import threading

from linkshot.errors import QueueUnavailable
from linkshot.use_cases.running_roles import RETRY_S, STALE_S, CachedProbe


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Part:
    """Counts how often it is asked; may fail or be silent."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails = False
        self.speak = threading.Event()
        self.speak.set()

    def __call__(self) -> int:
        self.asked += 1
        self.speak.wait(30)
        if self.fails:
            raise QueueUnavailable
        return self.asked


def test_an_answer_is_given_again_while_it_is_fresh() -> None:
    part, clock = Part(), Clock()
    answer = CachedProbe(part, 1.0, wait_s=30, clock=clock)
    assert [answer.get(), answer.get()] == [1, 1]
    clock.now += 1
    assert answer.get() == 2


def test_files_are_asked_each_time() -> None:
    answer = CachedProbe(Part(), 0.0, wait_s=30, clock=Clock())
    assert [answer.get(), answer.get()] == [1, 2]


def test_a_part_that_never_answered_is_not_known_and_is_not_asked_again_at_once() -> None:
    part, clock = Part(), Clock()
    part.fails = True
    answer = CachedProbe(part, 1.0, wait_s=30, clock=clock)
    assert [answer.get(), answer.get(), part.asked] == [None, None, 1]
    part.fails, clock.now = False, clock.now + RETRY_S
    assert answer.get() == 2


def test_the_last_answer_counts_for_a_while() -> None:
    part, clock = Part(), Clock()
    answer = CachedProbe(part, 1.0, wait_s=30, clock=clock)
    assert answer.get() == 1
    part.fails, clock.now = True, clock.now + STALE_S
    assert answer.get() == 1
    clock.now += 1
    assert answer.get() is None


def test_nobody_waits_for_a_silent_part_longer_than_the_patience() -> None:
    part = Part()
    part.speak.clear()
    answer = CachedProbe(part, 1.0, wait_s=0.0, clock=Clock())
    assert [answer.get(), answer.get()] == [None, None]
    part.speak.set()
    assert part.asked <= 1
