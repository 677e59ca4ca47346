"""How many pages are visited at a time, by what the machine has left."""

import pytest

from crawler.queue.adaptive_slots import LEAST, MOST, MachineLoad, most_slots, next_slots

FREE = 8_000_000_000


@pytest.mark.parametrize(
    ("slots", "cpu", "memory", "waiting", "then"),
    [
        (2, 0.3, FREE, True, 3),
        (2, 0.3, FREE, False, 2),
        (2, 0.9, FREE, True, 2),
        (8, 0.3, FREE, True, 8),
        (5, 1.0, FREE, True, 4),
        (5, 0.1, 400_000_000, True, 4),
        (5, 0.1, 1_000_000_000, True, 5),
        (2, 1.0, FREE, True, LEAST),
    ],
    ids=["room", "nobody waits", "busy", "most", "no CPU", "no memory", "little memory", "least"],
)
def test_one_more_or_one_less(
    slots: int, cpu: float, memory: int, waiting: bool, then: int
) -> None:
    assert next_slots(slots, MachineLoad(cpu, memory), waiting=waiting, most=8) == then


def test_a_number_that_was_set_is_the_number() -> None:
    assert most_slots(3) == 3
    assert LEAST <= most_slots(0) <= MOST


def test_the_load_is_that_of_this_machine() -> None:
    load = MachineLoad.now()
    assert 0 <= load.cpu <= 1
    assert load.memory_bytes > 0
