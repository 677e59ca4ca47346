"""What every Queue promises (ports.Queue, ports.Subscription), sentence by sentence."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from linkshot.errors import QueueUnavailable
from linkshot.ports import Delivery, Message, Queue, Subscription

TOPIC = "linkshot.requests"
PATIENCE_S = 30.0
"""Longest wait for what must come; a server's groups need seconds to form."""
QUIET_S = 0.3
"""How long nothing may come where nothing may come."""


def messages(*values: str, key: str = "k") -> list[Message]:
    return [Message(key=key, value=value.encode()) for value in values]


def gather(subscription: Subscription, count: int) -> list[Delivery]:
    """The next `count` deliveries, or as many as come in time."""
    deadline = time.monotonic() + PATIENCE_S
    found: list[Delivery] = []
    while len(found) < count and time.monotonic() < deadline:
        found += subscription.take(0.2)
    return found


def values(deliveries: list[Delivery]) -> list[str]:
    return [delivery.value.decode() for delivery in deliveries]


def drained(queue: Queue, group: str) -> bool:
    """Whether the backlog reaches 0 in time."""
    deadline = time.monotonic() + PATIENCE_S
    while queue.backlog(TOPIC, group) and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    return queue.backlog(TOPIC, group) == 0


def test_what_is_published_comes_to_a_subscriber_of_the_topic(queue):
    queue.publish(TOPIC, [Message(key="例子.com", value="快照".encode())])
    (delivery,) = gather(queue.subscribe([TOPIC], "g", 10), 1)
    assert (delivery.topic, delivery.key, delivery.value) == (TOPIC, "例子.com", "快照".encode())


def test_a_delivery_says_where_it_stands_for_people(queue):
    queue.publish(TOPIC, messages("a"))
    (delivery,) = gather(queue.subscribe([TOPIC], "g", 10), 1)
    assert delivery.where.startswith(TOPIC)
    assert "@" in delivery.where


def test_a_handle_is_hashable(queue):
    queue.publish(TOPIC, messages("a", "b"))
    assert len({d.handle for d in gather(queue.subscribe([TOPIC], "g", 10), 2)}) == 2


def test_bytes_of_any_kind_come_back_as_they_were(queue):
    odd = [b"", b"\x00\xff", bytes(range(256)) * 400]
    queue.publish(TOPIC, [Message(key="k", value=value) for value in odd])
    assert [d.value for d in gather(queue.subscribe([TOPIC], "g", 10), 3)] == odd


def test_publishing_nothing_does_nothing(queue):
    queue.publish(TOPIC, [])
    assert queue.backlog(TOPIC, "g") == 0


def test_a_group_that_joins_late_begins_with_the_earliest_message(queue):
    queue.publish(TOPIC, messages("before"))
    subscription = queue.subscribe([TOPIC], "late", 10)
    queue.publish(TOPIC, messages("after"))
    assert values(gather(subscription, 2)) == ["before", "after"]


def test_order_is_kept_among_messages_of_one_key(queue):
    queue.publish(TOPIC, messages(*"abcdefgh"))
    subscription = queue.subscribe([TOPIC], "g", 3)
    seen: list[str] = []
    while len(seen) < 8:
        for delivery in gather(subscription, 1):
            seen += values([delivery])
            subscription.ack(delivery)
    assert seen == list("abcdefgh")


def test_a_subscription_reads_several_topics(queue):
    queue.publish("linkshot.results", messages("result"))
    queue.publish("linkshot.submissions", messages("submission"))
    subscription = queue.subscribe(["linkshot.submissions", "linkshot.results"], "g", 10)
    assert sorted(values(gather(subscription, 2))) == ["result", "submission"]


def test_other_topics_do_not_come(queue):
    queue.publish("linkshot.results", messages("other"))
    subscription = queue.subscribe([TOPIC], "g", 10)
    queue.publish(TOPIC, messages("mine"))
    assert values(gather(subscription, 1)) == ["mine"]
    assert subscription.take(QUIET_S) == []


def test_take_returns_nothing_after_its_time(queue):
    subscription = queue.subscribe([TOPIC], "g", 10)
    assert subscription.take(0.0) == []


def test_never_more_than_the_window_is_held_in_all(queue):
    queue.publish(TOPIC, messages(*"abcdef"))
    subscription = queue.subscribe([TOPIC], "g", 4)
    held = gather(subscription, 4)
    assert values(held) == list("abcd")
    assert subscription.take(QUIET_S) == []


def test_settling_makes_room_in_the_window(queue):
    queue.publish(TOPIC, messages(*"abc"))
    subscription = queue.subscribe([TOPIC], "g", 2)
    first = gather(subscription, 2)
    subscription.ack(first[0])
    assert values(gather(subscription, 1)) == ["c"]


def test_what_is_acked_is_never_redelivered(queue, open_queue):
    queue.publish(TOPIC, messages("a", "b"))
    subscription = queue.subscribe([TOPIC], "g", 10)
    for delivery in gather(subscription, 2):
        subscription.ack(delivery)
    subscription.close()
    assert drained(queue, "g")
    again = open_queue().subscribe([TOPIC], "g", 10)
    queue.publish(TOPIC, messages("c"))
    assert values(gather(again, 1)) == ["c"]


def test_what_is_not_acked_is_redelivered_when_a_member_leaves(queue, open_queue):
    queue.publish(TOPIC, messages("a", "b"))
    first = queue.subscribe([TOPIC], "g", 10)
    first.ack(gather(first, 2)[0])
    assert first.take(QUIET_S) == []
    first.close()
    assert values(gather(open_queue().subscribe([TOPIC], "g", 10), 1)) == ["b"]


def test_acks_out_of_order_lose_nothing(queue, open_queue):
    queue.publish(TOPIC, messages("a", "b", "c"))
    first = queue.subscribe([TOPIC], "g", 10)
    first.ack(gather(first, 3)[2])
    first.close()
    assert values(gather(open_queue().subscribe([TOPIC], "g", 10), 2))[:2] == ["a", "b"]


def test_what_is_nacked_is_redelivered(queue):
    queue.publish(TOPIC, messages("a"))
    subscription = queue.subscribe([TOPIC], "g", 10)
    (first,) = gather(subscription, 1)
    subscription.nack(first)
    (again,) = gather(subscription, 1)
    assert again.value == b"a"
    assert again.handle != first.handle or again is not first


def test_settling_twice_does_nothing_more(queue):
    queue.publish(TOPIC, messages("a", "b"))
    subscription = queue.subscribe([TOPIC], "g", 1)
    (first,) = gather(subscription, 1)
    subscription.ack(first)
    subscription.ack(first)
    assert values(gather(subscription, 1)) == ["b"]


def test_ack_and_nack_may_be_called_from_other_threads(queue):
    queue.publish(TOPIC, messages("a", "b"))
    subscription = queue.subscribe([TOPIC], "g", 10)
    first, second = gather(subscription, 2)
    with ThreadPoolExecutor() as pool:
        pool.submit(subscription.ack, first).result()
        pool.submit(subscription.nack, second).result()
    assert values(gather(subscription, 1)) == ["b"]


def test_each_group_gets_every_message(queue):
    one = queue.subscribe([TOPIC], "one", 10)
    two = queue.subscribe([TOPIC], "two", 10)
    queue.publish(TOPIC, messages("a"))
    for delivery in gather(one, 1):
        one.ack(delivery)
    assert values(gather(two, 1)) == ["a"]


def test_the_backlog_counts_what_the_group_has_not_acked(queue):
    queue.publish(TOPIC, messages("a", "b", "c"))
    subscription = queue.subscribe([TOPIC], "g", 10)
    first = gather(subscription, 3)
    assert queue.backlog(TOPIC, "g") == 3
    subscription.ack(first[0])
    subscription.close()
    assert queue.backlog(TOPIC, "g") == 2


def test_the_backlog_of_a_group_that_never_came_is_everything(queue):
    queue.publish(TOPIC, messages("a", "b"))
    assert queue.backlog(TOPIC, "nobody") == 2


def counts(queue: Queue, topic: str, group: str, wanted: int) -> bool:
    """Whether so many consumers are there in time."""
    deadline = time.monotonic() + PATIENCE_S
    while (found := queue.consumers(topic, group)) != wanted and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    return found == wanted


def test_a_group_that_never_came_has_no_consumers(queue):
    assert queue.consumers(TOPIC, "nobody") == 0


def test_consumers_are_the_members_of_the_group_wherever_they_are_seen_from(queue, open_queue):
    members = [queue.subscribe([TOPIC], "g", 10), open_queue().subscribe([TOPIC], "g", 10)]
    assert counts(open_queue(), TOPIC, "g", 2)
    assert queue.consumers(TOPIC, "another group") == 0
    assert len(members) == 2


def test_a_consumer_that_closed_is_no_longer_counted(queue):
    first, second = (queue.subscribe([TOPIC], "g", 10) for _ in range(2))
    assert counts(queue, TOPIC, "g", 2)
    first.close()
    assert counts(queue, TOPIC, "g", 1)
    second.close()
    assert counts(queue, TOPIC, "g", 0)


def test_only_consumers_of_that_topic_are_counted(queue):
    one = queue.subscribe(["linkshot.submissions", "linkshot.results"], "g", 10)
    assert counts(queue, "linkshot.results", "g", 1)
    assert counts(queue, "linkshot.submissions", "g", 1)
    assert counts(queue, TOPIC, "g", 0)
    assert one.take(0.0) == []


def test_asking_for_consumers_joins_nothing(queue):
    assert queue.consumers(TOPIC, "g") == 0
    queue.publish(TOPIC, messages("a"))
    assert queue.backlog(TOPIC, "g") == 1
    assert queue.consumers(TOPIC, "g") == 0


def test_a_closed_queue_cannot_say_who_consumes(queue):
    queue.close()
    with pytest.raises(QueueUnavailable):
        queue.consumers(TOPIC, "g")


def test_messages_are_there_after_the_queue_was_closed_and_opened_again(queue, open_queue):
    queue.publish(TOPIC, messages("a"))
    queue.close()
    assert values(gather(open_queue().subscribe([TOPIC], "g", 10), 1)) == ["a"]


def test_threads_that_publish_at_once_lose_nothing(queue):
    subscription = queue.subscribe([TOPIC], "g", 100)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: queue.publish(TOPIC, messages(str(n), key=str(n))), range(40)))
    assert sorted(values(gather(subscription, 40)), key=int) == [str(n) for n in range(40)]


def test_a_second_close_does_nothing(queue, open_queue):
    subscription = queue.subscribe([TOPIC], "g", 10)
    for closing in (subscription, subscription, queue, queue):
        closing.close()
    again = open_queue()
    again.publish(TOPIC, messages("a"))
    member = again.subscribe([TOPIC], "g", 10)
    subscription.close()
    assert values(gather(member, 1)) == ["a"]


def test_a_closed_queue_says_that_it_is_unavailable(queue):
    queue.close()
    with pytest.raises(QueueUnavailable):
        queue.publish(TOPIC, messages("a"))


def test_nothing_is_lost_where_nothing_was_taken_away(queue):
    queue.publish(TOPIC, messages("a"))
    subscription = queue.subscribe([TOPIC], "g", 10)
    gather(subscription, 1)
    assert subscription.lost() == []


def test_a_topic_keeps_its_identity(queue, open_queue):
    queue.publish(TOPIC, messages("a"))
    before = queue.topic_ids([TOPIC])
    queue.publish(TOPIC, messages("b"))
    assert set(before) == {TOPIC}
    assert open_queue().topic_ids([TOPIC]) == before


def test_asking_about_a_topic_makes_none(queue):
    absent = "linkshot.results"
    existing = queue.topic_ids([absent])  # in SQLite all topics exist, in Kafka this one does not
    assert (queue.backlog(absent, "g"), queue.consumers(absent, "g")) == (0, 0)
    assert queue.topic_ids([absent]) == existing
    assert queue.create_topics([absent]) == [one for one in [absent] if one not in existing]


def test_topics_that_were_created_exist(queue):
    wanted = [TOPIC, "linkshot.results"]
    queue.create_topics(wanted)
    assert set(queue.topic_ids(wanted)) == set(wanted)
    assert queue.create_topics(wanted) == []
