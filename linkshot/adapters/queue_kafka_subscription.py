"""A member of a Kafka consumer group: polls, commits and rebalances in a thread of its own."""

import logging
import threading
import time
from collections.abc import Sequence
from typing import Any

from kafka import AsyncConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, KafkaTimeoutError
from kafka.structs import OffsetAndMetadata

from linkshot.adapters.queue_kafka_buffer import DeliveryBuffer, Partition
from linkshot.adapters.queue_kafka_client import (
    MAX_POLL_MS,
    event_loop_sleep,
    has_coordinator,
    is_member,
    new_consumer,
    resume_join,
    topic_ids,
    unavailable,
)
from linkshot.adapters.queue_kafka_options import Options
from linkshot.errors import QueueUnavailable
from linkshot.ports import Delivery
from linkshot.system.log_config import ThrottledLog

logger = logging.getLogger(__name__)

POLL_MS = 200
FULL_POLL_MS = 10
"""Poll timeout while the window is full: nothing is fetched, only heartbeats are sent."""
COMMIT_EVERY_S = 0.2
REVOKE_WAIT_S = 10.0
REVOKE_LOOK_S = 0.05
MAX_IDLE_S = MAX_POLL_MS / 1000
"""A consumer idle this long is considered stuck and gives its partitions up."""
MAX_OUTSIDE_S = MAX_POLL_MS / 1000
"""Longer than any rebalance takes: a member outside its group for this long reconnects."""
LEAVE_MS = 3000
CLOSE_S = 15.0
AGAIN_S = 1.0
EXPECTED_ERRORS = (KafkaError, QueueUnavailable)
"""Logged without a traceback."""


class KafkaSubscription:
    """See Subscription. A thread of its own owns the consumer; other threads use the delivery buffer."""

    def __init__(self, options: Options, topics: Sequence[str], group: str, window: int) -> None:
        self._options = options
        self._names = [options.prefix + topic for topic in topics]
        self._group = options.prefix + group
        self._held = DeliveryBuffer(window)
        self._error: Exception | None = None
        self._ids: dict[str, object] = {}
        """Topic → identity, as last seen."""
        self._anew: set[Partition] = set()
        """Partitions of topics that were created again, to be read from their beginning."""
        self._throttled_log = ThrottledLog()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"kafka-{group}", daemon=True)
        self._thread.start()

    def take(self, timeout_s: float) -> list[Delivery]:
        """See Subscription.take; QueueUnavailable while Kafka is away and nothing is left."""
        found = self._held.take(timeout_s)
        error = self._error
        if not found and error is not None and not self._stop.is_set():
            raise unavailable(error) from error
        return found

    def ack(self, delivery: Delivery) -> None:
        """See Subscription.ack; committed by the owning thread within COMMIT_EVERY_S."""
        self._held.ack(delivery)

    def nack(self, delivery: Delivery) -> None:
        """See Subscription.nack: this member takes it again."""
        self._held.nack(delivery)

    def lost(self) -> list[Delivery]:
        """See Subscription.lost; an ack within REVOKE_WAIT_S of it still counts."""
        return self._held.lost()

    def close(self) -> None:
        """See Subscription.close."""
        self._stop.set()
        self._held.end()
        self._thread.join(CLOSE_S)

    def _run(self) -> None:
        """Replaces the consumer whenever it breaks; what it held is redelivered."""
        while not self._stop.is_set():
            try:
                consumer = new_consumer(self._options, self._group)
                try:
                    self._consume(consumer)
                finally:
                    consumer.close(autocommit=False, timeout_ms=LEAVE_MS)
            except Exception as exc:  # noqa: BLE001  # whatever it was, it is told and begins anew
                self._error = exc
                sentence = "A Kafka consumer ended and starts again"
                odd = not isinstance(exc, EXPECTED_ERRORS)
                why = unavailable(exc).message
                self._throttled_log.warn(logger, sentence, why, trace=odd, group=self._group)
            self._held.forget_all()  # another member may have it by now
            self._stop.wait(AGAIN_S)

    def _consume(self, consumer: KafkaConsumer) -> None:
        commits = OffsetCommitter(consumer, self._held)
        consumer.subscribe(
            self._names, listener=RebalanceListener(consumer, commits, self._held, self._stop)
        )
        heard_at = inside_at = time.monotonic()
        while not self._stop.is_set():
            # Without polls the group takes the partitions of one whose caller hangs; heartbeats alone
            # would keep them.
            if self._held.idle_s() > MAX_IDLE_S:
                self._stop.wait(POLL_MS / 1000)
                inside_at = time.monotonic()
                continue
            self._poll(consumer)
            resume_join(consumer)
            self._reset_recreated(consumer, commits)
            commits.commit_periodically()
            now = time.monotonic()
            if not has_coordinator(consumer):
                inside_at = now
                if now - heard_at > self._options.silence_s:
                    self._error = KafkaTimeoutError("the group has no coordinator")
                continue
            heard_at, self._error = now, None
            inside_at = now if is_member(consumer) else inside_at
            if now - inside_at > MAX_OUTSIDE_S:
                raise KafkaTimeoutError("the group does not let this member in")
        commits.commit_and_wait()

    def _poll(self, consumer: KafkaConsumer) -> None:
        """Fetches what there is room for; keeps polling, paused, while there is none."""
        room = self._held.room()
        if room:
            consumer.resume(*consumer.paused())
        else:
            consumer.pause(*consumer.assignment())
            self._held.wait_for_room(POLL_MS / 1000)
        timeout_ms = POLL_MS if room else FULL_POLL_MS
        for place, records in consumer.poll(timeout_ms, max_records=max(room, 1)).items():
            self._held.add(place, [(r.offset, self._delivery(r)) for r in records])

    def _reset_recreated(self, consumer: KafkaConsumer, commits: "OffsetCommitter") -> None:
        """A topic that was deleted and created again is read from its beginning: what was held or
        committed of it belongs to the old one, whose offsets mean other messages now."""
        for name, topic_id in topic_ids(consumer, self._names).items():
            if self._ids.setdefault(name, topic_id) != topic_id:
                self._ids[name] = topic_id
                self._anew |= {(name, n) for n in consumer.partitions_for_topic(name) or ()}
        places = self._anew & {(place.topic, place.partition) for place in consumer.assignment()}
        if places:
            self._held.forget(places)
            commits.forget(places)
            consumer.seek_to_beginning(*(TopicPartition(*place) for place in places))
            self._anew -= places

    def _delivery(self, record: Any) -> Delivery:
        topic = record.topic.removeprefix(self._options.prefix)
        return Delivery(
            topic=topic,
            key=(record.key or b"").decode("utf-8", "replace"),
            value=record.value or b"",
            handle=None,
            where=f"{topic}/{record.partition}@{record.offset}",
        )


class OffsetCommitter:
    """Commits acknowledged offsets; belongs to the thread that owns the consumer."""

    def __init__(self, consumer: KafkaConsumer, held: DeliveryBuffer) -> None:
        self._consumer = consumer
        self._held = held
        self._sent: dict[Partition, int] = {}
        self._next_at = 0.0

    def commit_periodically(self) -> None:
        """Commits changed offsets every COMMIT_EVERY_S, without waiting; failed commits are repeated."""
        if time.monotonic() >= self._next_at:
            self._next_at = time.monotonic() + COMMIT_EVERY_S
            self.commit(set(self._consumer.assignment()))

    def commit(self, places: set[Partition]) -> None:
        """Commits the changed offsets of these partitions, without waiting."""
        if due := self._due(places):
            self._sent |= due  # at once, or the next round would send them again; see _answered()
            self._consumer.commit_async(_as_kafka_offsets(due), callback=self._answered)

    def commit_and_wait(self) -> None:
        """Commits the rest before leaving; what cannot be committed is redelivered."""
        if due := self._due(set(self._consumer.assignment())):
            try:
                self._consumer.commit(_as_kafka_offsets(due), timeout_ms=LEAVE_MS)
            except KafkaError as exc:
                logger.warning("The last commit failed", extra={"error": type(exc).__name__})

    def forget(self, places: set[Partition]) -> None:
        """Forgets the last commits of partitions that were revoked."""
        for place in places:
            self._sent.pop(place, None)

    def _due(self, places: set[Partition]) -> dict[Partition, int]:
        positions = self._held.positions().items()
        return {p: at for p, at in positions if p in places and self._sent.get(p) != at}

    def _answered(self, offsets: dict[Any, Any], answer: object) -> None:
        if isinstance(answer, Exception):
            logger.debug("A commit failed", extra={"error": type(answer).__name__})
            for place, offset in offsets.items():
                if self._sent.get(place) == offset.offset:
                    del self._sent[place]


class RebalanceListener(AsyncConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python has no types
    """Runs in Kafka's own event loop while the owning thread waits in poll()."""

    def __init__(
        self,
        consumer: KafkaConsumer,
        commits: OffsetCommitter,
        held: DeliveryBuffer,
        stop: threading.Event,
    ) -> None:
        self._pause = event_loop_sleep(consumer)
        self._commits = commits
        self._held = held
        self._stop = stop

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Waits for work on them to end, at most REVOKE_WAIT_S; the rest is redelivered elsewhere.

        Acks of that time are committed before the rejoin: both use one connection, in this order.
        """
        places = set(revoked)
        self._held.revoke(places)
        deadline = time.monotonic() + REVOKE_WAIT_S
        while self._held.has_open(places) and time.monotonic() < deadline:
            if self._stop.is_set():
                break
            await self._pause(REVOKE_LOOK_S)
        self._commits.commit(places)
        self._held.forget(places)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """They start at their committed offsets."""

    async def on_partitions_lost(self, lost: set[TopicPartition]) -> None:
        """Another member owns them already."""
        self._held.forget(set(lost))


def _as_kafka_offsets(positions: dict[Partition, int]) -> dict[TopicPartition, OffsetAndMetadata]:
    return {
        TopicPartition(*place): OffsetAndMetadata(at, "", -1) for place, at in positions.items()
    }
