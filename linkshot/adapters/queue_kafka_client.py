"""Connects Kafka clients, and holds all access to kafka-python's private parts."""

import socket
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from kafka import KafkaConsumer, KafkaProducer
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import KafkaError, KafkaTimeoutError
from kafka.net.compat import KafkaNetClient
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector

from linkshot.adapters.queue_kafka_options import BOOTSTRAP_MS, Options, max_message_bytes
from linkshot.errors import QueueUnavailable
from linkshot.system.connection_errors import explain_or_kind

MAX_POLL_MS = 300_000
"""How long the others wait in a rebalance for a member that does not poll."""
CONNECT_S = 1.5
CLOSE_S = 2.0
KEPT_FAILURES = 20

NOT_SLOW = {"slow_task_threshold_secs": 0}
"""It would warn when the machine is busy."""

C = TypeVar("C")


class Connections(KafkaConnectionManager):  # type: ignore[misc]  # kafka-python has no types
    """Records why the first connections failed, which a client that gives up does not report."""

    def __init__(self, net: NetworkSelector, **given: object) -> None:
        super().__init__(net, **given)
        self.failures: deque[str] = deque(maxlen=KEPT_FAILURES)

    def get_connection(self, *args: object, **given: object) -> Any:
        """See KafkaConnectionManager."""
        found = super().get_connection(*args, **given)
        if not self.bootstrapped:  # asked for with every request
            found.init_future.add_errback(lambda exc: self.failures.append(repr(exc)))
        return found


def connect(kind: Callable[..., C], options: Options, **more: object) -> C:
    """A consumer, producer or admin client that is connected to the cluster.

    QueueUnavailable, which says what a person can do, when it was not let in; other KafkaErrors.
    A client that failed is shut down: kafka-python 3.0.12 would leave its thread running.
    """
    _someone_listens(options.servers)
    begun: list[tuple[KafkaNetClient, Connections]] = []

    def client(**given: object) -> KafkaNetClient:
        net = NetworkSelector(**given | NOT_SLOW)
        connections = Connections(net, **given)
        begun.append((KafkaNetClient(net=net, manager=connections), connections))
        return begun[-1][0]

    try:
        return kind(
            kafka_client=client, bootstrap_timeout_ms=BOOTSTRAP_MS, **options.client(), **more
        )
    except KafkaError as exc:
        for one, connections in begun:
            one.close()
            if why := login_problem(connections.failures, options):
                raise QueueUnavailable(why) from exc
        raise


def login_problem(failures: Iterable[str], options: Options) -> str:
    """In words, with what to look at; empty when it was neither login nor certificate."""
    said = " ".join(failures)
    if "CERTIFICATE_VERIFY_FAILED" in said:
        return "Kafka's certificate is not trusted: cafile= in LINKSHOT_QUEUE names who signed it"
    if "SaslAuthenticationFailed" in said or (options.has_login and "disconnected" in said):
        return "Kafka does not accept the login: look at name, password and sasl= in LINKSHOT_QUEUE"
    if "Handshake failed" in said:
        return "Kafka does not speak TLS there: kafka:// or another port in LINKSHOT_QUEUE"
    return ""


def close(producer: KafkaProducer, timeout_s: float) -> None:
    """Send what it still holds within this time; the rest is given up, not sent later.

    close() of kafka-python 3.0.12 lets its thread go on for ever when it cannot flush in time.
    """
    try:
        producer.close(timeout=timeout_s)
    except KafkaError:
        producer._sender.force_close()  # noqa: SLF001  # no public way
        producer._sender.join(CLOSE_S)  # noqa: SLF001  # no public way
        with suppress(KafkaError):
            producer.close(timeout=0)


def unavailable(error: Exception) -> QueueUnavailable:
    """The error for callers."""
    if isinstance(error, QueueUnavailable):
        return QueueUnavailable(error.message)  # raised from it: it cannot be its own cause
    return QueueUnavailable(f"the queue does not answer: {explain_or_kind(error)}")


def new_consumer(options: Options, group: str) -> KafkaConsumer:
    """A member of the group that subscribes to nothing yet; see KafkaSubscription."""
    return connect(
        KafkaConsumer,
        options,
        group_id=group,
        auto_offset_reset="earliest",  # a new group reads all that is there, as the port says
        enable_auto_commit=False,
        allow_auto_create_topics=False,
        # A rebalance takes from a member only what goes to another one; the rest is worked on.
        partition_assignment_strategy=[CooperativeStickyAssignor],
        max_poll_interval_ms=MAX_POLL_MS,
        session_timeout_ms=options.silence_s * 1000,
        # a third of the session timeout at most, as Kafka's documentation asks for
        heartbeat_interval_ms=min(3_000, options.silence_s * 1000 // 3),
        max_partition_fetch_bytes=max_message_bytes(),
    )


def has_coordinator(consumer: KafkaConsumer) -> bool:
    """Whether the group's coordinator is known and connected."""
    return not consumer._coordinator.coordinator_unknown()  # noqa: SLF001  # no public way


def is_member(consumer: KafkaConsumer) -> bool:
    """Whether it has joined its group and no rebalance is under way."""
    return bool(consumer._coordinator.stable())  # noqa: SLF001  # no public way


def resume_join(consumer: KafkaConsumer) -> None:
    """Makes the next poll wait for a join under way.

    kafka-python 3.0.12 forgets it when a change of metadata asked for it and it outlasts the poll:
    once the leader has assigned, the flag for a rejoin is cleared, the response is never read, and the
    member stays without partitions and heartbeats for ever.
    """
    coordinator = consumer._coordinator  # noqa: SLF001  # no public way
    if coordinator._join_task is not None:  # noqa: SLF001  # no public way
        coordinator.request_rejoin()


def topic_ids(consumer: KafkaConsumer, names: Iterable[str]) -> dict[str, object]:
    """Topic → identity, of those that the consumer's metadata knows now."""
    cluster = consumer._cluster  # noqa: SLF001  # no public way
    found = {name: cluster.topic_id(name) for name in names}
    return {name: topic_id for name, topic_id in found.items() if topic_id is not None}


def event_loop_sleep(consumer: KafkaConsumer) -> Callable[[float], Any]:
    """sleep() in the consumer's own event loop, in seconds; to be awaited."""
    found: Callable[[float], Any] = consumer._net.sleep  # noqa: SLF001  # no public way
    return found


def _someone_listens(servers: Sequence[str]) -> None:
    """Without this check a client would retry until its timeout."""
    why: OSError | None = None
    for server in servers:
        host, _, port = server.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), CONNECT_S).close()
        except OSError as exc:
            why = exc
        else:
            return
    raise KafkaTimeoutError(str(why)) from why
