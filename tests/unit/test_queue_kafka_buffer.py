"""What a member of a Kafka group holds: windows, turns, partitions that leave. No Kafka needed."""

import threading

from linkshot.adapters.queue_kafka_buffer import DeliveryBuffer
from linkshot.ports import Delivery

ONE, TWO = ("t", 1), ("t", 2)


def deliveries(*values: str) -> list[tuple[int, Delivery]]:
    return [
        (n, Delivery(topic="t", key="k", value=value.encode(), handle=None, where=f"t/1@{n}"))
        for n, value in enumerate(values)
    ]


def holding(window: int, *values: str) -> DeliveryBuffer:
    made = DeliveryBuffer(window)
    made.add(ONE, deliveries(*values))
    return made


def taken(held: DeliveryBuffer) -> list[str]:
    return [delivery.value.decode() for delivery in held.take(0)]


def test_the_window_bounds_what_is_handed_out():
    held = holding(2, "a", "b", "c")
    first, _ = held.take(0)
    assert taken(held) == []
    held.ack(first)
    assert taken(held) == ["c"]


def test_room_counts_what_is_open_and_what_waits():
    held = holding(3, "a", "b")
    held.take(0)
    assert held.room() == 1
    held.add(TWO, deliveries("c"))
    assert held.room() == 0


def test_what_is_nacked_keeps_its_turn():
    held = holding(2, "a", "b", "c")
    for delivery in reversed(held.take(0)):
        held.nack(delivery)
    assert taken(held) == ["a", "b"]


def test_a_second_delivery_has_a_handle_of_its_own():
    held = holding(1, "a")
    (first,) = held.take(0)
    held.nack(first)
    (again,) = held.take(0)
    assert again.handle != first.handle
    held.ack(first)
    assert held.positions() == {}


def test_positions_are_those_of_partitions_with_something_acked():
    held = holding(5, "a", "b")
    held.add(TWO, deliveries("c"))
    first = held.take(0)[0]
    held.ack(first)
    assert held.positions() == {ONE: 1}


def test_a_partition_that_leaves_announces_its_open_deliveries_once():
    held = holding(5, "a")
    held.take(0)
    held.revoke({ONE})
    assert [d.value for d in held.lost()] == [b"a"]
    held.forget({ONE})
    assert held.lost() == []


def test_what_is_acked_while_its_partition_leaves_still_counts():
    held = holding(5, "a", "b")
    first, second = held.take(0)
    held.revoke({ONE})
    held.ack(first)
    assert held.has_open({ONE})
    held.nack(second)
    assert not held.has_open({ONE})
    assert held.positions() == {ONE: 1}


def test_nothing_of_a_leaving_partition_is_handed_out_any_more():
    held = holding(1, "a", "b")
    (first,) = held.take(0)
    held.revoke({ONE})
    held.nack(first)
    assert taken(held) == []


def test_a_partition_lost_at_once_announces_and_forgets():
    held = holding(5, "a")
    (first,) = held.take(0)
    held.forget({ONE})
    assert held.lost() == [first]
    held.ack(first)
    assert held.positions() == {}


def test_other_partitions_do_not_notice():
    held = holding(5, "a")
    held.add(TWO, deliveries("b"))
    held.revoke({ONE})
    held.forget({ONE})
    assert taken(held) == ["b"]


def test_a_partition_that_comes_again_begins_anew():
    held = holding(5, "a")
    held.take(0)
    held.forget({ONE})
    held.add(ONE, deliveries("a"))
    assert taken(held) == ["a"]


def test_who_waits_goes_on_when_something_comes_and_at_the_end():
    held = DeliveryBuffer(5)
    found: list[Delivery] = []
    waiting = threading.Thread(target=lambda: found.extend(held.take(30)))
    waiting.start()
    held.add(ONE, deliveries("a"))
    waiting.join(5)
    assert [delivery.value for delivery in found] == [b"a"]
    ending = threading.Thread(target=lambda: held.take(30))
    ending.start()
    held.end()
    ending.join(5)
    assert not ending.is_alive()
