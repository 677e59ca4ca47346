"""The delays of the backoff that every retrying loop uses."""

from itertools import islice

import pytest

from linkshot.system.backoff import Backoff


def delays(backoff: Backoff, count: int) -> list[float]:
    return list(islice(iter(backoff.next, None), count))


@pytest.mark.parametrize(
    ("backoff", "wanted"),
    [
        pytest.param(Backoff(1.0, 30.0), [1, 2, 4, 8, 16, 30, 30], id="doubled up to the most"),
        pytest.param(Backoff(0.5, 0.5), [0.5, 0.5], id="a first delay that is the most"),
        pytest.param(Backoff(0.02, 0.05, factor=1.5), [0.02, 0.03, 0.045, 0.05], id="a factor"),
    ],
)
def test_delays_grow_up_to_the_most(backoff: Backoff, wanted: list[float]) -> None:
    assert delays(backoff, len(wanted)) == pytest.approx(wanted)


def test_after_a_success_delays_begin_again() -> None:
    backoff = Backoff(1.0, 60.0)
    delays(backoff, 5)
    backoff.reset()
    assert delays(backoff, 2) == [1.0, 2.0]


def test_a_very_long_outage_stays_at_the_most() -> None:
    assert delays(Backoff(0.5, 30.0), 5000)[-1] == 30.0
