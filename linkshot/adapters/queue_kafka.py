"""A Queue on Kafka: topics created when first used, acks=all, one thread for each subscription."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Self, TypeVar

from kafka import KafkaAdminClient, KafkaProducer, OffsetSpec, TopicPartition
from kafka.errors import (
    BrokerResponseError,
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    GroupIdNotFoundError,
    InvalidRecordError,
    KafkaError,
    MessageSizeTooLargeError,
    NodeNotReadyError,
    NotCoordinatorError,
    RecordListTooLargeError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
)

from linkshot.adapters.queue_kafka_client import close, connect, unavailable
from linkshot.adapters.queue_kafka_options import Options, max_message_bytes
from linkshot.adapters.queue_kafka_subscription import KafkaSubscription
from linkshot.errors import MessageRefused, QueueUnavailable
from linkshot.ports import Message

PUBLISH_S = 10.0
ADMIN_S = 8.0
"""For creating a topic or asking for a backlog."""
STARTING_ERRORS = (
    CoordinatorNotAvailableError,
    CoordinatorLoadInProgressError,
    NotCoordinatorError,
)
"""A broker that just started accepts connections before its group coordinator is ready."""
RETRIED_ERRORS = (*STARTING_ERRORS, NodeNotReadyError)
"""A client that knew the broker before may also find its old connection gone; the next try reconnects."""
STARTING_S = 8.0
STARTING_PAUSE_S = 0.1
REFUSED_ERRORS = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidRecordError)
"""Errors about a message that no retry makes acceptable."""
LOCK_TIMEOUT_S = 4.0
"""Longest wait for another thread that creates a topic or a client."""

T = TypeVar("T")


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
    def from_url(cls, url: str) -> Self:
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
                # All are sent before the first is waited for, so that they share batches.
                sent = [
                    producer.send(self._name(topic), key=m.key.encode(), value=m.value)
                    for m in messages
                ]
                for future in sent:
                    future.get(timeout=max(deadline - time.monotonic(), 0.001))
            except REFUSED_ERRORS as exc:
                raise MessageRefused(f"the queue refuses the message: {exc}") from exc
            except KafkaError:
                self._known.discard(topic)  # it may have been deleted: the next publish looks
                self._drop_producer(producer)
                raise

    def subscribe(self, topics: Sequence[str], group: str, window: int) -> "KafkaSubscription":
        """See Queue.subscribe."""
        for topic in topics:
            self._ensure(topic)
        return KafkaSubscription(self._options, topics, group, window)

    def backlog(self, topic: str, group: str) -> int:
        """See Queue.backlog: ends minus what is committed."""
        self._refuse_when_closed()
        return self._ask(lambda admin: _lag(admin, self._name(topic), self._options.prefix + group))

    def consumers(self, topic: str, group: str) -> int:
        """See Queue.consumers."""
        return self._ask(
            lambda admin: _members(admin, self._name(topic), self._options.prefix + group)
        )

    def _ask(self, question: Callable[[KafkaAdminClient], T]) -> T:
        """Asks a broker, retrying up to STARTING_S while it starts."""
        deadline = time.monotonic() + STARTING_S
        while True:
            try:
                with self._administering() as admin:
                    return question(admin)
            except QueueUnavailable as exc:
                if not isinstance(exc.__cause__, RETRIED_ERRORS) or time.monotonic() > deadline:
                    raise
            time.sleep(STARTING_PAUSE_S)

    def topic_ids(self, topics: Sequence[str]) -> dict[str, str]:
        """See Queue.topic_ids: the UUIDs of KIP-516."""
        described = self._ask(
            lambda admin: admin.describe_topics([self._name(topic) for topic in topics])
        )
        existing = {one["name"]: str(one["topic_id"]) for one in described if not one["error_code"]}
        return {
            topic: existing[name] for topic in topics if (name := self._name(topic)) in existing
        }

    def create_topics(self, topics: Sequence[str]) -> list[str]:
        """See Queue.create_topics: with their partitions and retention."""
        existing = self.topic_ids(topics)
        missing = [topic for topic in topics if topic not in existing]
        for topic in missing:
            with self._administering() as admin, suppress(TopicAlreadyExistsError):
                wanted = {self._name(topic): self._options.topic(topic)}
                admin.create_topics(wanted, wait_for_metadata=True)
        self._known |= set(topics)
        return missing

    def close(self) -> None:
        """See Queue.close; subscriptions are closed by themselves."""
        self._closed = True
        if self._producer is not None:
            self._drop_producer(self._producer, PUBLISH_S)
        # a question that an unresponsive broker holds up ends by its own timeout, after us
        with suppress(QueueUnavailable), _locked(self._asking):
            self._drop_admin()

    def _name(self, topic: str) -> str:
        return self._options.prefix + topic

    def _ready(self, topic: str) -> KafkaProducer:
        self._ensure(topic)
        with _locked(self._making):
            self._refuse_when_closed()
            if self._producer is None:
                self._producer = connect(
                    KafkaProducer,
                    self._options,
                    acks="all",
                    linger_ms=5,
                    max_block_ms=int(PUBLISH_S * 1000) - 1000,
                    request_timeout_ms=int(PUBLISH_S * 1000) - 1000,
                    delivery_timeout_ms=int(PUBLISH_S * 1000),
                    max_request_size=max_message_bytes(),
                    allow_auto_create_topics=False,
                )
            return self._producer

    def _drop_producer(self, producer: KafkaProducer, timeout_s: float = 0.0) -> None:
        """The next publish makes a new one: after a broker was killed, kafka-python 3.0.12 never
        sends through the old one again. What it still holds is given up, not sent later."""
        with _locked(self._making):
            ours = self._producer is producer
            self._producer = None if ours else self._producer
        if ours:
            close(producer, timeout_s)

    def _ensure(self, topic: str) -> None:
        """The topic exists, as far as this process knows; a publish that fails makes it look again."""
        self._refuse_when_closed()
        if topic not in self._known:
            self.create_topics([topic])

    @contextmanager
    def _administering(self) -> Iterator[KafkaAdminClient]:
        """The one admin client, for one thread at a time; a new one after an error."""
        with _locked(self._asking), _unavailable():
            self._refuse_when_closed()
            try:
                if self._admin is None:
                    self._admin = connect(
                        KafkaAdminClient, self._options, request_timeout_ms=int(ADMIN_S * 1000)
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


def _lag(admin: KafkaAdminClient, name: str, group: str) -> int:
    """End minus commit of every partition; from its begin where nothing was committed."""
    (topic,) = admin.describe_topics([name])
    if topic["error_code"] == UnknownTopicOrPartitionError.errno:
        return 0
    places = [TopicPartition(name, p["partition_index"]) for p in topic["partitions"]]
    ends = admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
    begins = admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.EARLIEST))
    found = admin.list_group_offsets({group: places})[group]
    committed = {place: found[place].offset for place in places if place in found}
    return sum(
        max(0, ends[place].offset - max(begins[place].offset, committed.get(place, 0)))
        for place in places
    )


def _members(admin: KafkaAdminClient, name: str, group: str) -> int:
    """Members whose subscription names the topic; all members while the group is rebalancing."""
    found = admin.describe_groups([group])[group]
    if (error := found["error"]) and not _is_kind(error, GroupIdNotFoundError):
        raise next((kind for kind in STARTING_ERRORS if _is_kind(error, kind)), KafkaError)(error)
    subscriptions = [member["member_metadata"] for member in found["members"]]
    return sum(not said or name in said["topics"] for said in subscriptions)


def _is_kind(error: str, kind: type[BrokerResponseError]) -> bool:
    """Whether it is this kind: describe_groups of kafka-python 3.0.12 gives errors as text only."""
    return error.startswith(f"[Error {kind.errno}]")


@contextmanager
def _locked(lock: threading.Lock) -> Iterator[None]:
    if not lock.acquire(timeout=LOCK_TIMEOUT_S):
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
        raise unavailable(exc) from exc
