"""A Queue on Kafka: one consumer thread for each subscription, commits of the lowest unsettled offset."""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from kafka import (
    AsyncConsumerRebalanceListener,
    KafkaAdminClient,
    KafkaConsumer,
    KafkaProducer,
    OffsetSpec,
    TopicPartition,
)
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import KafkaError, KafkaTimeoutError, TopicAlreadyExistsError
from kafka.structs import OffsetAndMetadata

from linkshot.adapters.queue_kafka_held import Held, Place
from linkshot.adapters.queue_kafka_options import Options, most_bytes
from linkshot.errors import QueueUnavailable
from linkshot.ports import Delivery, Message

logger = logging.getLogger(__name__)

PUBLISH_S = 10.0
ADMIN_S = 8.0
"""For making a topic or asking for a backlog."""
TURN_S = 4.0
"""Longest wait for another thread that makes a topic or a client."""
POLL_MS = 200
FULL_POLL_MS = 10
"""While the window is full nothing is fetched, and the group still hears of us."""
COMMIT_EVERY_S = 0.2
REVOKE_WAIT_S = 10.0
REVOKE_LOOK_S = 0.05
MOST_IDLE_S = 300.0
"""Whoever does not call take() for so long hangs, and gives its partitions up."""
BOOTSTRAP_MS = 5000
CONNECT_S = 1.5
LEAVE_MS = 3000
CLOSE_S = 15.0
AGAIN_S = 1.0


class KafkaQueue:
    """See Queue; clients are made when first needed."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._making = threading.Lock()
        self._asking = threading.Lock()
        self._producer: KafkaProducer | None = None
        self._admin: KafkaAdminClient | None = None
        self._known: set[str] = set()
        self._closed = False

    @classmethod
    def from_url(cls, url: str) -> "KafkaQueue":
        """A queue on the cluster that the URL names."""
        return cls(Options.parse(url))

    def publish(self, topic: str, messages: Sequence[Message]) -> None:
        """See Queue.publish: acks=all."""
        if not messages:
            return
        deadline = time.monotonic() + PUBLISH_S
        with _unavailable():
            producer = self._ready(topic)
            try:
                sent = [
                    producer.send(self._name(topic), key=m.key.encode(), value=m.value)
                    for m in messages
                ]
                for future in sent:
                    future.get(timeout=max(deadline - time.monotonic(), 0.001))
            except KafkaError:
                self._drop_producer(producer)
                raise

    def subscribe(self, topics: Sequence[str], group: str, window: int) -> "KafkaSubscription":
        """See Queue.subscribe."""
        for topic in topics:
            self._ensure(topic)
        return KafkaSubscription(self._options, topics, group, window)

    def backlog(self, topic: str, group: str) -> int:
        """See Queue.backlog: ends minus what is committed."""
        self._ensure(topic)
        with self._administering() as admin:
            return _lag(admin, self._name(topic), self._options.prefix + group)

    def close(self) -> None:
        """See Queue.close; subscriptions are closed by themselves."""
        self._closed = True
        if self._producer is not None:
            self._drop_producer(self._producer, PUBLISH_S)
        with _turn(self._asking):
            self._drop_admin()

    def _name(self, topic: str) -> str:
        return self._options.prefix + topic

    def _ready(self, topic: str) -> KafkaProducer:
        self._ensure(topic)
        with _turn(self._making):
            self._refuse_when_closed()
            if self._producer is None:
                _connect(self._options.servers)
                self._producer = KafkaProducer(
                    acks="all",
                    linger_ms=5,
                    max_block_ms=int(PUBLISH_S * 1000) - 1000,
                    request_timeout_ms=int(PUBLISH_S * 1000) - 1000,
                    delivery_timeout_ms=int(PUBLISH_S * 1000),
                    max_request_size=most_bytes(),
                    bootstrap_timeout_ms=BOOTSTRAP_MS,
                    **self._options.client(),
                )
            return self._producer

    def _drop_producer(self, producer: KafkaProducer, timeout_s: float = 0.0) -> None:
        """The next publish makes a new one: after a broker was killed, kafka-python 3.0.12 never
        sends through the old one again. What it still holds is given up, not sent later."""
        with _turn(self._making):
            ours = self._producer is producer
            self._producer = None if ours else self._producer
        if not ours:
            return
        with suppress(KafkaError):
            producer.close(timeout=timeout_s)

    def _ensure(self, topic: str) -> None:
        """The topic exists, with its partitions and retention."""
        self._refuse_when_closed()
        if topic in self._known:
            return
        name = self._name(topic)
        with self._administering() as admin, suppress(TopicAlreadyExistsError):
            if name not in admin.list_topics():
                admin.create_topics({name: self._options.topic(topic)}, wait_for_metadata=True)
        self._known.add(topic)

    @contextmanager
    def _administering(self) -> Iterator[KafkaAdminClient]:
        """The one admin client, for one thread at a time; a new one after trouble."""
        with _turn(self._asking), _unavailable():
            self._refuse_when_closed()
            try:
                if self._admin is None:
                    _connect(self._options.servers)
                    self._admin = KafkaAdminClient(
                        request_timeout_ms=int(ADMIN_S * 1000),
                        bootstrap_timeout_ms=BOOTSTRAP_MS,
                        **self._options.client(),
                    )
                yield self._admin
            except KafkaError:
                self._drop_admin()
                raise

    def _drop_admin(self) -> None:
        admin, self._admin = self._admin, None
        if admin is not None:
            with suppress(KafkaError):
                admin.close()

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise QueueUnavailable("the queue is closed")


class KafkaSubscription:
    """See Subscription. A thread of its own owns the consumer; others meet it in what is held."""

    def __init__(self, options: Options, topics: Sequence[str], group: str, window: int) -> None:
        self._options = options
        self._names = [options.prefix + topic for topic in topics]
        self._group = options.prefix + group
        self._held = Held(window)
        self._error: Exception | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"kafka-{group}", daemon=True)
        self._thread.start()

    def take(self, timeout_s: float) -> list[Delivery]:
        """See Subscription.take; QueueUnavailable while Kafka is away and nothing is left."""
        found = self._held.take(timeout_s)
        error = self._error
        if not found and error is not None and not self._stop.is_set():
            raise QueueUnavailable(f"the queue does not answer: {type(error).__name__}") from error
        return found

    def settle(self, delivery: Delivery) -> None:
        """See Subscription.settle; committed by the owning thread within COMMIT_EVERY_S."""
        self._held.settle(delivery)

    def give_back(self, delivery: Delivery) -> None:
        """See Subscription.give_back: this member takes it again."""
        self._held.give_back(delivery)

    def lost(self) -> list[Delivery]:
        """See Subscription.lost; what is settled within REVOKE_WAIT_S of it still counts."""
        return self._held.lost()

    def close(self) -> None:
        """See Subscription.close."""
        self._stop.set()
        self._held.end()
        self._thread.join(CLOSE_S)

    def _run(self) -> None:
        """One consumer after the other: when one breaks, what it held comes again."""
        while not self._stop.is_set():
            try:
                consumer = self._consumer()
                try:
                    self._consume(consumer)
                finally:
                    consumer.close(autocommit=False, timeout_ms=LEAVE_MS)
            except Exception as exc:
                self._error = exc
                logger.warning(
                    "A Kafka consumer ended and starts again",
                    extra={"group": self._group},
                    exc_info=not isinstance(exc, KafkaError),
                )
            self._held.forget_all()
            self._stop.wait(AGAIN_S)

    def _consumer(self) -> KafkaConsumer:
        _connect(self._options.servers)
        return KafkaConsumer(
            group_id=self._group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            partition_assignment_strategy=[CooperativeStickyAssignor],
            max_poll_interval_ms=300_000,
            session_timeout_ms=self._options.silence_s * 1000,
            heartbeat_interval_ms=min(3_000, self._options.silence_s * 1000 // 3),
            max_partition_fetch_bytes=most_bytes(),
            bootstrap_timeout_ms=BOOTSTRAP_MS,
            **self._options.client(),
        )

    def _consume(self, consumer: KafkaConsumer) -> None:
        commits = Commits(consumer, self._held)
        consumer.subscribe(
            self._names, listener=Rebalance(consumer, commits, self._held, self._stop)
        )
        heard_at = time.monotonic()
        while not self._stop.is_set():
            if self._held.idle_s() > MOST_IDLE_S:
                self._stop.wait(POLL_MS / 1000)
                continue
            self._poll(consumer)
            commits.soon()
            if _is_member(consumer):
                heard_at, self._error = time.monotonic(), None
            elif time.monotonic() - heard_at > self._options.silence_s:
                self._error = KafkaTimeoutError("the group has no coordinator")
        commits.now()

    def _poll(self, consumer: KafkaConsumer) -> None:
        """Take what there is room for; keep polling, paused, while there is none."""
        room = self._held.room()
        if room:
            consumer.resume(*consumer.paused())
        else:
            consumer.pause(*consumer.assignment())
            self._held.wait_for_room(POLL_MS / 1000)
        timeout_ms = POLL_MS if room else FULL_POLL_MS
        for place, records in consumer.poll(timeout_ms, max_records=max(room, 1)).items():
            self._held.arrived(place, [(r.offset, self._delivery(r)) for r in records])

    def _delivery(self, record: Any) -> Delivery:
        topic = record.topic.removeprefix(self._options.prefix)
        return Delivery(
            topic=topic,
            key=(record.key or b"").decode("utf-8", "replace"),
            value=record.value or b"",
            handle=None,
            where=f"{topic}/{record.partition}@{record.offset}",
        )


class Commits:
    """Tells Kafka what is settled; belongs to the thread that owns the consumer."""

    def __init__(self, consumer: KafkaConsumer, held: Held) -> None:
        self._consumer = consumer
        self._held = held
        self._sent: dict[Place, int] = {}
        self._next_at = 0.0

    def soon(self) -> None:
        """What changed, every COMMIT_EVERY_S, without waiting; failed ones are sent again."""
        if time.monotonic() >= self._next_at:
            self._next_at = time.monotonic() + COMMIT_EVERY_S
            self.send(set(self._consumer.assignment()))

    def send(self, places: set[Place]) -> None:
        """What changed in these partitions, without waiting."""
        if due := self._due(places):
            self._sent |= due
            self._consumer.commit_async(_offsets(due), callback=self._answered)

    def now(self) -> None:
        """The rest, before we leave; what cannot be committed comes again."""
        if due := self._due(set(self._consumer.assignment())):
            try:
                self._consumer.commit(_offsets(due), timeout_ms=LEAVE_MS)
            except KafkaError as exc:
                logger.warning("The last commit failed", extra={"error": type(exc).__name__})

    def _due(self, places: set[Place]) -> dict[Place, int]:
        positions = self._held.positions().items()
        return {p: at for p, at in positions if p in places and self._sent.get(p) != at}

    def _answered(self, offsets: dict[Any, Any], answer: object) -> None:
        if isinstance(answer, Exception):
            logger.debug("A commit failed", extra={"error": type(answer).__name__})
            for place, offset in offsets.items():
                if self._sent.get(place) == offset.offset:
                    del self._sent[place]


class Rebalance(AsyncConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python has no types
    """Runs in Kafka's own event loop while the owning thread waits in poll()."""

    def __init__(
        self, consumer: KafkaConsumer, commits: Commits, held: Held, stop: threading.Event
    ) -> None:
        self._pause: Callable[[float], Any] = consumer._net.sleep  # noqa: SLF001  # the loop's own
        self._commits = commits
        self._held = held
        self._stop = stop

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Wait until work on them has ended, at most REVOKE_WAIT_S; the rest is done elsewhere.

        What ended meanwhile is committed before the group hears of us again: both go over one
        connection in this order.
        """
        places = set(revoked)
        self._held.leave(places)
        deadline = time.monotonic() + REVOKE_WAIT_S
        while self._held.busy(places) and time.monotonic() < deadline:
            if self._stop.is_set():
                break
            await self._pause(REVOKE_LOOK_S)
        self._commits.send(places)
        self._held.forget(places)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """They begin at what was committed."""

    async def on_partitions_lost(self, lost: set[TopicPartition]) -> None:
        """They are somebody else's already."""
        self._held.forget(set(lost))


def _connect(servers: Sequence[str]) -> None:
    """One of them listens; else a client would leave a thread behind each time it gives up
    (kafka-python 3.0.12 does not stop its own when the first contact fails)."""
    for server in servers:
        host, _, port = server.rpartition(":")
        with suppress(OSError):
            socket.create_connection((host.strip("[]"), int(port)), CONNECT_S).close()
            return
    raise KafkaTimeoutError("no server of the cluster accepts a connection")


def _is_member(consumer: KafkaConsumer) -> bool:
    """Whether the group's coordinator is known and connected."""
    return not consumer._coordinator.coordinator_unknown()  # noqa: SLF001  # no public way


def _lag(admin: KafkaAdminClient, name: str, group: str) -> int:
    """End minus commit of every partition; from its begin where nothing was committed."""
    (topic,) = admin.describe_topics([name])
    places = [TopicPartition(name, p["partition_index"]) for p in topic["partitions"]]
    ends = admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
    begins = admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.EARLIEST))
    found = admin.list_group_offsets({group: places})[group]
    committed = {place: found[place].offset for place in places if place in found}
    return sum(
        max(0, ends[place].offset - max(begins[place].offset, committed.get(place, 0)))
        for place in places
    )


def _offsets(positions: dict[Place, int]) -> dict[TopicPartition, OffsetAndMetadata]:
    return {
        TopicPartition(*place): OffsetAndMetadata(at, "", -1) for place, at in positions.items()
    }


@contextmanager
def _turn(lock: threading.Lock) -> Iterator[None]:
    if not lock.acquire(timeout=TURN_S):
        raise QueueUnavailable("the queue does not answer: another thread waits for it already")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except KafkaError as exc:
        raise QueueUnavailable(f"the queue does not answer: {type(exc).__name__}") from exc
