"""A piece of dispatch's work: its part does not answer, it backs off by itself and says why."""

import logging
from itertools import pairwise

from linkshot.dispatch import loop
from linkshot.dispatch.loop import PeriodicTask
from linkshot.errors import QueueUnavailable
from linkshot.system.log_config import ThrottledLog


class Clock:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


def test_a_step_whose_part_is_away_backs_off_and_says_why(monkeypatch, caplog):
    clock = Clock()
    monkeypatch.setattr(loop, "time", clock)
    tries: list[float] = []

    def away() -> int:
        tries.append(clock.now - 100.0)
        raise QueueUnavailable("Kafka does not accept the login")

    step = PeriodicTask(away, throttled=ThrottledLog(clock.monotonic))
    with caplog.at_level(logging.WARNING):
        for _ in range(2400):
            assert step.run() == 0
            clock.now += 0.05
    assert tries[0] == 0.0
    pauses = [round(b - a, 1) for a, b in pairwise(tries)]
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    first, second = caplog.records
    assert first.why == second.why == "Kafka does not accept the login"
    assert (getattr(first, "left_out", None), second.left_out) == (None, 6)


def test_a_step_that_works_again_is_done_at_once_and_begins_with_short_pauses(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(loop, "time", clock)
    answers: list[int | None] = [None, None, 3, None, 2]

    def work() -> int:
        if (answer := answers.pop(0)) is None:
            raise QueueUnavailable
        return answer

    step = PeriodicTask(work)
    done: list[int] = []
    while answers:
        done.append(step.run())
        clock.now += 0.5
    assert done == [0, 0, 0, 3, 0, 2]
