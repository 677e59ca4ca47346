"""What Kafka adds to the promises of a queue: groups that change, commits, a server that is away."""

import inspect
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import CoordinatorNotAvailableError, KafkaError, NotCoordinatorError

from linkshot.adapters import queue_kafka, queue_kafka_subscription
from linkshot.adapters.queue_kafka import KafkaQueue
from linkshot.adapters.queue_kafka_client import close, connect
from linkshot.adapters.queue_kafka_options import Options
from linkshot.adapters.queue_kafka_subscription import KafkaSubscription
from linkshot.errors import QueueUnavailable
from linkshot.ports import Delivery, Message
from tests.cluster.conftest import CLOSED_PORT, SOON_S

pytestmark = pytest.mark.cluster
TOPIC = "linkshot.requests"
PATIENCE_S = 30.0
Opener = Callable[[], KafkaQueue]


def publish(queue: KafkaQueue, many: int, start: int = 0) -> set[str]:
    wanted = [str(n) for n in range(start, start + many)]
    queue.publish(TOPIC, [Message(key=n, value=n.encode()) for n in wanted])
    return set(wanted)


def until(done: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not done() and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    return done()


def gather(subscription: KafkaSubscription, many: int) -> list[Delivery]:
    found: list[Delivery] = []
    until(lambda: bool(found.extend(subscription.take(0.2))) or len(found) >= many)
    return found


def values(deliveries: Iterable[Delivery]) -> set[str]:
    return {delivery.value.decode() for delivery in deliveries}


def test_a_second_member_gets_a_part_and_what_is_done_in_time_does_not_come_again(open_kafka):
    queue = open_kafka()
    everything = publish(queue, 20)
    with closing(queue.subscribe([TOPIC], "g", 100)) as first:
        held = gather(first, 20)
        with closing(open_kafka().subscribe([TOPIC], "g", 100)) as second:
            announced: list[Delivery] = []
            assert until(lambda: bool(announced.extend(first.lost()) or announced))
            assert 0 < len(announced) < 20
            for delivery in held:
                first.ack(delivery)
            assert until(lambda: queue.backlog(TOPIC, "g") == 0)
            later = publish(queue, 20, start=20)
            seen: dict[str, int] = {}
            until(lambda: count(seen, [*first.take(0.1), *second.take(0.1)]) >= 20)
    assert seen == dict.fromkeys(later, 1)
    assert everything.isdisjoint(later)


def count(seen: dict[str, int], deliveries: list[Delivery]) -> int:
    for delivery in deliveries:
        value = delivery.value.decode()
        seen[value] = seen.get(value, 0) + 1
    return sum(seen.values())


def test_what_is_nacked_while_its_partition_goes_comes_to_the_other_member(open_kafka):
    queue = open_kafka()
    publish(queue, 20)
    with closing(queue.subscribe([TOPIC], "g", 100)) as first:
        held = gather(first, 20)
        with closing(open_kafka().subscribe([TOPIC], "g", 100)) as second:
            lost: list[Delivery] = []
            assert until(lambda: bool(lost.extend(first.lost()) or lost))
            began = time.monotonic()
            for delivery in lost:
                first.nack(delivery)
            assert values(gather(second, len(lost))) == values(lost)
            # the broker alone knows when; without nack() the partition would stay for REVOKE_WAIT_S
            assert time.monotonic() - began < queue_kafka_subscription.REVOKE_WAIT_S
            assert values(first.take(0.3)) == set()
            assert len(held) == 20


def test_settling_what_another_member_has_does_nothing(open_kafka, monkeypatch):
    monkeypatch.setattr("linkshot.adapters.queue_kafka_subscription.REVOKE_WAIT_S", 0.2)
    queue = open_kafka()
    publish(queue, 20)
    with closing(queue.subscribe([TOPIC], "g", 100)) as first:
        gather(first, 20)
        with closing(open_kafka().subscribe([TOPIC], "g", 100)) as second:
            lost: list[Delivery] = []
            assert until(lambda: bool(lost.extend(first.lost()) or lost))
            assert values(gather(second, len(lost))) == values(lost)
            for delivery in lost:
                first.ack(delivery)
            threading.Event().wait(1.0)
            assert queue.backlog(TOPIC, "g") == 20


def rest(member: KafkaSubscription, seen: dict[str, int]) -> set[str]:
    for delivery in member.take(0.5):
        count(seen, [delivery])
        member.ack(delivery)
    return set(seen)


def test_members_that_come_and_go_lose_nothing(open_kafka):
    queue = open_kafka()
    everything = publish(queue, 300)
    seen: dict[str, int] = {}
    lock = threading.Lock()

    def work(turns: int) -> None:
        with closing(open_kafka().subscribe([TOPIC], "g", 10)) as member:
            for _ in range(turns):
                with lock:
                    rest(member, seen)

    for turns in (4, 6, 3):
        threads = [threading.Thread(target=work, args=(turns,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with closing(queue.subscribe([TOPIC], "g", 100)) as last:
        assert until(lambda: rest(last, seen) == everything)
    assert queue.backlog(TOPIC, "g") == 0


def test_topics_have_the_partitions_asked_for(open_kafka, kafka_url):
    queue = open_kafka()
    publish(queue, 1)
    server = kafka_url.partition("//")[2].partition("?")[0]
    prefix = kafka_url.partition("prefix=")[2].partition("&")[0]
    with closing(KafkaConsumer(bootstrap_servers=[server])) as consumer:
        assert consumer.partitions_for_topic(prefix + TOPIC) == {0, 1}


def coming_up(monkeypatch: pytest.MonkeyPatch, *errors: KafkaError) -> None:
    """What a new server says of its groups, one error after the other, before it answers."""
    rest, answer = list(errors), KafkaAdminClient.list_group_offsets

    def offsets(client: KafkaAdminClient, *asked: Any) -> Any:
        if rest:
            raise rest.pop(0)
        return answer(client, *asked)

    monkeypatch.setattr(KafkaAdminClient, "list_group_offsets", offsets)


def test_a_backlog_waits_for_the_coordinator_of_a_new_server(open_kafka, monkeypatch):
    queue = open_kafka()
    publish(queue, 3)
    coming_up(monkeypatch, CoordinatorNotAvailableError(), NotCoordinatorError())
    assert queue.backlog(TOPIC, "g") == 3


def test_a_coordinator_that_does_not_come_up_is_told(open_kafka, monkeypatch):
    monkeypatch.setattr(queue_kafka, "STARTING_S", -1.0)
    queue = open_kafka()
    publish(queue, 1)
    coming_up(monkeypatch, CoordinatorNotAvailableError())
    with pytest.raises(QueueUnavailable, match="CoordinatorNotAvailableError"):
        queue.backlog(TOPIC, "g")


@pytest.mark.parametrize("use", ["publish", "subscribe", "backlog"])
def test_a_server_that_is_away_is_told_soon(use):
    with closing(KafkaQueue.from_url(f"kafka://127.0.0.1:{CLOSED_PORT}")) as queue:
        calls = {
            "publish": lambda: publish(queue, 1),
            "subscribe": lambda: queue.subscribe([TOPIC], "g", 1),
            "backlog": lambda: queue.backlog(TOPIC, "g"),
        }
        began = time.monotonic()
        with pytest.raises(QueueUnavailable):
            calls[use]()
        assert time.monotonic() - began < SOON_S


def test_a_rebalance_that_outlasts_a_poll_is_completed(open_kafka, monkeypatch):
    """The first join knows no partitions of a new topic, and the second takes many such polls."""
    monkeypatch.setattr(queue_kafka_subscription, "POLL_MS", 1)
    queue = open_kafka()
    wanted = publish(queue, 20)
    with closing(queue.subscribe([TOPIC], "g", 100)) as member:
        assert values(gather(member, 20)) == wanted


def test_a_member_that_stays_outside_its_group_begins_anew(open_kafka, monkeypatch):
    """Whatever the client gets stuck in: here in what the test above is about."""
    monkeypatch.setattr(queue_kafka_subscription, "POLL_MS", 1)
    monkeypatch.setattr(queue_kafka_subscription, "MAX_OUTSIDE_S", 3.0)
    monkeypatch.setattr(queue_kafka_subscription, "resume_join", lambda consumer: None)
    queue = open_kafka()
    wanted = publish(queue, 20)
    with closing(queue.subscribe([TOPIC], "g", 100)) as member:
        with pytest.raises(QueueUnavailable):
            until(lambda: member.take(0.2) != [])
        monkeypatch.setattr(queue_kafka_subscription, "POLL_MS", 200)
        assert until(lambda: member._error is None)
        assert values(gather(member, 20)) == wanted


def test_what_a_producer_holds_is_given_up_with_it(open_kafka, kafka_url):
    publish(open_kafka(), 1)
    options = Options.parse(kafka_url)
    slow = connect(KafkaProducer, options, linger_ms=60_000)
    held = slow.send(options.prefix + TOPIC, b"held")
    close(slow, 0.0)
    assert held.failed()
    assert not slow._sender.is_alive()


def test_private_names_of_the_client_that_are_used_are_still_there():
    from kafka.coordinator.base import BaseCoordinator
    from kafka.coordinator.consumer import ConsumerCoordinator
    from kafka.net.selector import NetworkSelector
    from kafka.producer.sender import Sender

    assert callable(ConsumerCoordinator.coordinator_unknown)
    assert callable(ConsumerCoordinator.stable)
    assert callable(ConsumerCoordinator.request_rejoin)
    assert "_join_task" in inspect.getsource(BaseCoordinator.join_group_async)
    assert callable(NetworkSelector.sleep)
    assert callable(Sender.force_close)


def delete(queue: KafkaQueue, *topics: str) -> None:
    """As an operator does it; until nobody sees them any more."""
    with queue._administering() as admin:
        admin.delete_topics([queue._options.prefix + topic for topic in topics])
    assert until(lambda: queue.topic_ids(topics) == {})


def test_a_topic_that_was_deleted_is_missing_until_it_is_created_again(open_kafka):
    queue, other = open_kafka(), open_kafka()
    publish(queue, 3)
    before = other.topic_ids([TOPIC])
    delete(other, TOPIC)
    assert queue.backlog(TOPIC, "g") == 0
    assert other.topic_ids([TOPIC]) == {}
    assert queue.create_topics([TOPIC, "linkshot.dead"]) == [TOPIC, "linkshot.dead"]
    assert other.topic_ids([TOPIC])[TOPIC] != before[TOPIC]


def take_all(member: KafkaSubscription, many: int) -> set[str]:
    """Taken and acknowledged."""
    found = gather(member, many)
    for delivery in found:
        member.ack(delivery)
    return values(found)


def test_a_member_reads_a_topic_on_that_was_deleted_and_created_again(open_kafka, kafka_url):
    queue = open_kafka()
    before = publish(queue, 50)
    with closing(queue.subscribe([TOPIC], "g", 100)) as member:
        assert take_all(member, 50) == before
        assert until(lambda: queue.backlog(TOPIC, "g") == 0)
        delete(queue, TOPIC)
        assert queue.create_topics([TOPIC]) == [TOPIC]
        after = publish(queue, 60, start=100)
        assert take_all(member, 60) == after
        assert until(lambda: queue.backlog(TOPIC, "g") == 0)


def test_what_was_held_of_a_deleted_topic_commits_nothing_on_the_new_one(open_kafka):
    queue = open_kafka()
    publish(queue, 50)
    with closing(queue.subscribe([TOPIC], "g", 100)) as member:
        held = gather(member, 50)
        delete(queue, TOPIC)
        queue.create_topics([TOPIC])
        after = publish(queue, 60, start=100)
        for delivery in held:
            member.ack(delivery)
        seen: dict[str, int] = {}
        assert until(lambda: after <= rest(member, seen))
        assert until(lambda: queue.backlog(TOPIC, "g") == 0)


def test_a_producer_goes_on_when_its_topic_was_deleted(open_kafka):
    queue = open_kafka()
    publish(queue, 1)
    delete(queue, TOPIC)
    with suppress(QueueUnavailable):
        publish(queue, 1)
    wanted = publish(queue, 3, start=10)
    with closing(queue.subscribe([TOPIC], "g", 10)) as member:
        seen: dict[str, int] = {}
        assert until(lambda: wanted <= rest(member, seen))


def test_messages_in_partitions_that_were_added_come(open_kafka):
    queue = open_kafka()
    publish(queue, 1)
    with closing(queue.subscribe([TOPIC], "g", 1000)) as member:
        gather(member, 1)
        with queue._administering() as admin:
            admin.create_partitions({queue._options.prefix + TOPIC: 6})
        wanted = publish(open_kafka(), 200, start=100)
        assert take_all(member, 200) == wanted


def test_a_group_whose_offsets_were_deleted_reads_everything_again(open_kafka):
    queue = open_kafka()
    wanted = publish(queue, 20)
    with closing(queue.subscribe([TOPIC], "g", 100)) as member:
        take_all(member, 20)
        assert until(lambda: queue.backlog(TOPIC, "g") == 0)
    with queue._administering() as admin:
        admin.delete_groups([queue._options.prefix + "g"])
    assert queue.backlog(TOPIC, "g") == 20
    with closing(queue.subscribe([TOPIC], "g", 100)) as member:
        assert take_all(member, 20) == wanted


def test_the_broker_unpacks_messages_of_other_programs(open_kafka, kafka_url):
    queue = open_kafka()
    queue.create_topics([TOPIC])
    options = Options.parse(kafka_url)
    with queue._administering() as admin:
        name = options.prefix + TOPIC
        found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    assert "uncompressed" in str(found)
