"""A Queue on Kafka: one consumer thread for each subscription, commits of the lowest unsettled offset."""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from kafka import (
    AsyncConsumerRebalanceListener,
    KafkaAdminClient,
    KafkaConsumer,
    KafkaProducer,
    TopicPartition,
)
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import KafkaError, TopicAlreadyExistsError
from kafka.structs import OffsetAndMetadata

from linkshot import messages as topics
from linkshot.errors import ConfigError, QueueUnavailable
from linkshot.offsets import OffsetTracker
from linkshot.ports import Delivery, Message

logger = logging.getLogger(__name__)

PUBLISH_S = 10.0
POLL_MS = 200
COMMIT_EVERY_S = 0.2
REVOKE_WAIT_S = 10.0
CLOSE_S = 15.0
DAY_MS = 86_400_000

PARTITIONS = {
    topics.SUBMISSIONS: (12, 7),
    topics.REQUESTS: (48, 7),
    topics.RESULTS: (12, 30),
    topics.LINKS: (12, 30),
    topics.DEAD: (1, 90),
}
"""Topic → (partitions, days kept); docs/messages.md."""
DEFAULT_TOPIC = (1, 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to reach a cluster."""

    servers: list[str]
    security: dict[str, object] = field(default_factory=dict)
    prefix: str = ""
    """Before every topic and group: several linkshots on one cluster."""
    partitions: int | None = None
    """Instead of the numbers above."""
    replication: int = -1
    """Of new topics; -1 = the broker's default."""

    @classmethod
    def parse(cls, url: str) -> "Options":
        """`kafka://h1:9092,h2:9092?prefix=…` or `kafka+ssl://user:pw@h1?sasl=SCRAM-SHA-512`."""
        parts = urlsplit(url)
        login, _, hosts = parts.netloc.rpartition("@")
        asked = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        unknown = set(asked) - {"prefix", "partitions", "replication", "sasl", "cafile"}
        if unknown or not hosts:
            raise ConfigError(
                "LINKSHOT_QUEUE has the form kafka://HOST:PORT[,HOST:PORT][?prefix=NAME]",
                field="queue",
            )
        return cls(
            servers=[host if ":" in host else f"{host}:9092" for host in hosts.split(",")],
            security=_security(parts.scheme, login, asked),
            prefix=asked.get("prefix", ""),
            partitions=int(asked["partitions"]) if "partitions" in asked else None,
            replication=int(asked.get("replication", -1)),
        )


def _security(scheme: str, login: str, asked: dict[str, str]) -> dict[str, object]:
    ssl, sasl = scheme == "kafka+ssl", asked.get("sasl")
    made: dict[str, object] = {}
    if ssl or sasl:
        made["security_protocol"] = ("SASL_" if sasl else "") + ("SSL" if ssl else "PLAINTEXT")
    if "cafile" in asked:
        made["ssl_cafile"] = asked["cafile"]
    if sasl:
        user, _, password = login.partition(":")
        made |= {
            "sasl_mechanism": sasl,
            "sasl_plain_username": unquote(user),
            "sasl_plain_password": unquote(password),
        }
    return made


class KafkaQueue:
    """See Queue; clients are made when first needed."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._producer: KafkaProducer | None = None
        self._known: set[str] = set()

    @classmethod
    def from_url(cls, url: str) -> "KafkaQueue":
        """A queue on the cluster that the URL names."""
        return cls(Options.parse(url))

    def publish(self, topic: str, messages: Sequence[Message]) -> None:
        """See Queue.publish: acks=all, at most 10 s."""
        if not messages:
            return
        deadline = time.monotonic() + PUBLISH_S
        with _unavailable():
            producer = self._ready(topic)
            sent = [
                producer.send(self._name(topic), key=m.key.encode(), value=m.value)
                for m in messages
            ]
            producer.flush(timeout=PUBLISH_S)
            for future in sent:
                future.get(timeout=max(deadline - time.monotonic(), 0.001))

    def subscribe(self, topics: Sequence[str], group: str, window: int) -> "KafkaSubscription":
        """See Queue.subscribe."""
        with _unavailable():
            for topic in topics:
                self._ensure(topic)
        return KafkaSubscription(self._options, tuple(topics), group, window)

    def backlog(self, topic: str, group: str) -> int:
        """See Queue.backlog: ends minus commits."""
        with _unavailable():
            self._ensure(topic)
            consumer = KafkaConsumer(
                group_id=self._options.prefix + group,
                enable_auto_commit=False,
                **_common(self._options),
            )
            try:
                return _lag(consumer, self._name(topic))
            finally:
                consumer.close(autocommit=False)

    def close(self) -> None:
        """See Queue.close."""
        with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(KafkaError):
                producer.close(timeout=PUBLISH_S)

    def _name(self, topic: str) -> str:
        return self._options.prefix + topic

    def _ready(self, topic: str) -> KafkaProducer:
        self._ensure(topic)
        with self._lock:
            if self._producer is None:
                self._producer = KafkaProducer(
                    acks="all",
                    linger_ms=5,
                    max_block_ms=int(PUBLISH_S * 1000),
                    request_timeout_ms=int(PUBLISH_S * 1000) - 1000,
                    delivery_timeout_ms=int(PUBLISH_S * 1000),
                    max_request_size=4 * topics.MAX_BYTES,
                    **_common(self._options),
                )
            return self._producer

    def _ensure(self, topic: str) -> None:
        """The topic exists, with its partitions and retention."""
        with self._lock:
            if topic in self._known:
                return
            admin = KafkaAdminClient(**_common(self._options))
            try:
                _create(admin, self._name(topic), topic, self._options)
            finally:
                admin.close()
            self._known.add(topic)


class KafkaSubscription:
    """See Subscription. A thread of its own owns the consumer; others talk to it through queues."""

    def __init__(self, options: Options, names: tuple[str, ...], group: str, window: int) -> None:
        self._options = options
        self._names = names
        self._group = group
        self._window = window
        self._lock = threading.Lock()
        self._came = threading.Condition(self._lock)
        self._waiting: deque[Delivery] = deque()
        """Fetched or given back, not handed out."""
        self._trackers: dict[TopicPartition, OffsetTracker] = {}
        self._open: dict[tuple[TopicPartition, int], Delivery] = {}
        self._gone: list[Delivery] = []
        self._error: BaseException | None = None
        self._room = threading.Event()
        """Set when something was settled while the window was full."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"kafka-{group}", daemon=True)
        self._thread.start()

    def take(self, timeout_s: float) -> list[Delivery]:
        """See Subscription.take."""
        if self._error is not None and not self._thread.is_alive():
            raise QueueUnavailable(f"the queue does not answer: {self._error}") from self._error
        deadline = time.monotonic() + timeout_s
        with self._came:
            while not (found := self._hand_out()):
                left = deadline - time.monotonic()
                if left <= 0:
                    return []
                self._came.wait(left)
        return found

    def settle(self, delivery: Delivery) -> None:
        """See Subscription.settle; committed by the owning thread within COMMIT_EVERY_S."""
        where = _place(delivery)
        with self._lock:
            if self._open.get(where) is delivery:
                del self._open[where]
                self._trackers[where[0]].settle(where[1])
                self._room.set()

    def give_back(self, delivery: Delivery) -> None:
        """See Subscription.give_back: this member takes it again."""
        with self._lock:
            if self._open.get(_place(delivery)) is delivery:
                del self._open[_place(delivery)]
                self._waiting.appendleft(_copy(delivery))
                self._came.notify_all()

    def lost(self) -> list[Delivery]:
        """See Subscription.lost."""
        with self._lock:
            gone, self._gone = self._gone, []
        return gone

    def close(self) -> None:
        """See Subscription.close."""
        self._stop.set()
        self._thread.join(CLOSE_S)

    def _hand_out(self) -> list[Delivery]:
        """As many as the window has room for; the lock is held."""
        found: list[Delivery] = []
        while self._waiting and len(self._open) < self._window:
            delivery = self._waiting.popleft()
            self._open[_place(delivery)] = delivery
            found.append(delivery)
        return found

    def _run(self) -> None:
        try:
            consumer = KafkaConsumer(
                group_id=self._options.prefix + self._group,
                auto_offset_reset="earliest",
                enable_auto_commit=False,
                partition_assignment_strategy=[CooperativeStickyAssignor],
                max_poll_records=min(self._window, 500),
                max_poll_interval_ms=300_000,
                session_timeout_ms=45_000,
                heartbeat_interval_ms=3_000,
                max_partition_fetch_bytes=4 * topics.MAX_BYTES,
                **_common(self._options),
            )
            consumer.subscribe(
                [self._options.prefix + name for name in self._names],
                listener=_Listener(self),
            )
            try:
                self._loop(consumer)
            finally:
                self._commit(consumer)
                consumer.close(autocommit=False)
        except Exception as exc:  # the thread's last words; take() raises them
            self._error = exc
            logger.exception("A Kafka consumer ended")

    def _loop(self, consumer: KafkaConsumer) -> None:
        committed: dict[TopicPartition, int] = {}
        next_commit = 0.0
        while not self._stop.is_set():
            full = self._pause_or_resume(consumer)
            if full:
                self._room.wait(POLL_MS / 1000)
            try:
                for place, records in consumer.poll(timeout_ms=1 if full else POLL_MS).items():
                    self._arrived(place, records)
                self._error = None
            except KafkaError as exc:
                self._error = exc
                logger.warning("Kafka does not answer; trying again", extra={"error": str(exc)})
                self._stop.wait(1.0)
            if time.monotonic() >= next_commit:
                self._commit_async(consumer, committed)
                next_commit = time.monotonic() + COMMIT_EVERY_S

    def _pause_or_resume(self, consumer: KafkaConsumer) -> bool:
        """Keep polling, which keeps us in the group, and take nothing while the window is full."""
        with self._lock:
            self._room.clear()
            full = len(self._open) + len(self._waiting) >= self._window
        mine = consumer.assignment()
        if full and mine:
            consumer.pause(*mine)
        elif paused := consumer.paused():
            consumer.resume(*paused)
        return full

    def _arrived(self, place: TopicPartition, records: Sequence[Any]) -> None:
        prefix = len(self._options.prefix)
        with self._lock:
            tracker = self._trackers.setdefault(place, OffsetTracker())
            for record in records:
                delivery = Delivery(
                    topic=place.topic[prefix:],
                    key=(record.key or b"").decode("utf-8", "replace"),
                    value=record.value or b"",
                    handle=(place, record.offset),
                    where=f"{place.topic}/{place.partition}@{record.offset}",
                )
                tracker.begin(record.offset)
                self._waiting.append(delivery)
            self._came.notify_all()

    def _positions(self) -> dict[TopicPartition, int]:
        with self._lock:
            return {
                place: tracker.position
                for place, tracker in self._trackers.items()
                if tracker.position is not None
            }

    def _commit_async(self, consumer: KafkaConsumer, committed: dict[TopicPartition, int]) -> None:
        mine = consumer.assignment()
        due = {
            place: position
            for place, position in self._positions().items()
            if place in mine and committed.get(place) != position
        }
        if due:
            consumer.commit_async(_offsets(due))
            committed |= due

    def _commit(self, consumer: KafkaConsumer) -> None:
        mine = consumer.assignment()
        due = {place: at for place, at in self._positions().items() if place in mine}
        if due:
            try:
                consumer.commit(_offsets(due), timeout_ms=5000)
            except KafkaError as exc:
                logger.warning("The last commit failed; some come again", extra={"error": str(exc)})

    def forget(self, places: set[TopicPartition]) -> None:
        """These partitions are not ours any more: what is open in them is lost."""
        with self._lock:
            announced = {id(d) for d in self._gone}
            for where in [w for w in self._open if w[0] in places]:
                delivery = self._open.pop(where)
                if id(delivery) not in announced:
                    self._gone.append(delivery)
            self._drop_waiting(places)
            for place in places:
                self._trackers.pop(place, None)

    def still_open(self, places: set[TopicPartition]) -> bool:
        """Whether something of these partitions is still being worked on."""
        with self._lock:
            return any(where[0] in places for where in self._open)

    def announce_loss(self, places: set[TopicPartition]) -> None:
        """Tell through lost() that these are about to go, while they may still be settled."""
        with self._lock:
            self._drop_waiting(places)
            self._gone += [d for where, d in self._open.items() if where[0] in places]

    def _drop_waiting(self, places: set[TopicPartition]) -> None:
        self._waiting = deque(d for d in self._waiting if _place(d)[0] not in places)


class _Listener(AsyncConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python has no types
    """Waits a little for work on partitions that go, so that less is done twice."""

    def __init__(self, subscription: KafkaSubscription) -> None:
        self._subscription = subscription

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Up to REVOKE_WAIT_S; what is not settled by then comes again elsewhere."""
        places = set(revoked)
        self._subscription.announce_loss(places)
        deadline = time.monotonic() + REVOKE_WAIT_S
        while self._subscription.still_open(places) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        self._subscription.forget(places)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """They begin at what was committed."""

    async def on_partitions_lost(self, lost: set[TopicPartition]) -> None:
        """They are somebody else's already."""
        self._subscription.forget(set(lost))


def _common(options: Options) -> dict[str, Any]:
    return {"bootstrap_servers": options.servers, "client_id": "linkshot", **options.security}


def _create(admin: KafkaAdminClient, name: str, topic: str, options: Options) -> None:
    partitions, days = PARTITIONS.get(topic, DEFAULT_TOPIC)
    spec = {
        "num_partitions": options.partitions or partitions,
        "replication_factor": options.replication,
        "configs": {
            "retention.ms": str(days * DAY_MS),
            "max.message.bytes": str(4 * topics.MAX_BYTES),
        },
    }
    try:
        admin.create_topics({name: spec})
    except TopicAlreadyExistsError:
        return


def _lag(consumer: KafkaConsumer, name: str) -> int:
    partitions = [TopicPartition(name, n) for n in consumer.partitions_for_topic(name) or ()]
    ends = consumer.end_offsets(partitions)
    begins = consumer.beginning_offsets(partitions)
    total = 0
    for place in partitions:
        committed = consumer.committed(place)
        total += ends[place] - (begins[place] if committed is None else committed)
    return total


def _place(delivery: Delivery) -> tuple[TopicPartition, int]:
    handle: Any = delivery.handle
    return handle[0], handle[1]


def _copy(delivery: Delivery) -> Delivery:
    return Delivery(
        topic=delivery.topic,
        key=delivery.key,
        value=delivery.value,
        handle=delivery.handle,
        where=delivery.where,
    )


def _offsets(positions: dict[TopicPartition, int]) -> dict[TopicPartition, OffsetAndMetadata]:
    return {place: OffsetAndMetadata(at, "", -1) for place, at in positions.items()}


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except KafkaError as exc:
        raise QueueUnavailable(f"the queue does not answer: {type(exc).__name__}") from exc
