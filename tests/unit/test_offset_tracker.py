"""A partition is committed up to its lowest unacknowledged offset, never further."""

from hypothesis import given
from hypothesis import strategies as st

from linkshot.adapters.offset_tracker import OffsetTracker


def tracker(*offsets: int) -> OffsetTracker:
    made = OffsetTracker()
    for offset in offsets:
        made.begin(offset)
    return made


def test_nothing_may_be_committed_before_something_is_acked():
    assert tracker().position is None
    assert tracker(7, 8).position is None


def test_the_first_ack_in_order_moves_the_position_behind_it():
    made = tracker(7, 8, 9)
    made.ack(7)
    assert made.position == 8


def test_a_later_ack_first_moves_nothing():
    made = tracker(7, 8, 9)
    made.ack(9)
    assert made.position is None
    made.ack(7)
    assert made.position == 8
    made.ack(8)
    assert made.position == 10


def test_gaps_between_offsets_are_stepped_over():
    made = tracker(7, 12, 40)
    for offset in (7, 12):
        made.ack(offset)
    assert made.position == 13


def test_settling_twice_or_an_unknown_one_does_nothing():
    made = tracker(7, 8)
    for offset in (8, 8, 99, 3):
        made.ack(offset)
    assert (made.position, made.open) == (None, 1)


def test_open_counts_what_is_delivered_and_not_acked():
    made = tracker(1, 2, 3)
    made.ack(2)
    assert made.open == 2


def test_offsets_go_on_after_all_were_acked():
    made = tracker(1)
    made.ack(1)
    made.begin(5)
    assert made.position == 2
    made.ack(5)
    assert made.position == 6


@given(
    gaps=st.lists(st.integers(1, 9), min_size=1, max_size=40),
    order=st.randoms(use_true_random=False),
)
def test_in_any_order_nothing_unacked_is_ever_below_the_position(gaps, order):
    offsets = [sum(gaps[: n + 1]) for n in range(len(gaps))]
    made = tracker(*offsets)
    open_ones = list(offsets)
    order.shuffle(open_ones)
    while open_ones:
        made.ack(open_ones.pop())
        assert all((made.position or 0) <= offset for offset in open_ones)
    assert made.position == offsets[-1] + 1
