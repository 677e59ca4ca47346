"""How is a consumer made, and what must be asked of it that kafka-python has no public way for?"""

import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from kafka import KafkaConsumer
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import KafkaTimeoutError

from linkshot.adapters.queue_kafka_options import BOOTSTRAP_MS, Options, most_bytes

MAX_POLL_MS = 300_000
"""How long the others wait in a rebalance for a member that does not poll."""
CONNECT_S = 1.5


def new_consumer(options: Options, group: str) -> KafkaConsumer:
    """A member of the group that subscribes to nothing yet; KafkaError when no server answers."""
    connect(options.servers)
    return KafkaConsumer(
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        partition_assignment_strategy=[CooperativeStickyAssignor],
        max_poll_interval_ms=MAX_POLL_MS,
        session_timeout_ms=options.silence_s * 1000,
        heartbeat_interval_ms=min(3_000, options.silence_s * 1000 // 3),
        max_partition_fetch_bytes=most_bytes(),
        bootstrap_timeout_ms=BOOTSTRAP_MS,
        **options.client(),
    )


def connect(servers: Sequence[str]) -> None:
    """One of them listens; else a client would leave a thread behind each time it gives up
    (kafka-python 3.0.12 does not stop its own when the first contact fails)."""
    for server in servers:
        host, _, port = server.rpartition(":")
        with suppress(OSError):
            socket.create_connection((host.strip("[]"), int(port)), CONNECT_S).close()
            return
    raise KafkaTimeoutError("no server of the cluster accepts a connection")


def has_coordinator(consumer: KafkaConsumer) -> bool:
    """Whether the group's coordinator is known and connected."""
    return not consumer._coordinator.coordinator_unknown()  # noqa: SLF001  # no public way


def is_member(consumer: KafkaConsumer) -> bool:
    """Whether it has joined its group and no rebalance is under way."""
    return bool(consumer._coordinator.stable())  # noqa: SLF001  # no public way


def carry_on_joining(consumer: KafkaConsumer) -> None:
    """A join under way is waited for by the next poll too.

    kafka-python 3.0.12 forgets it when a change of metadata asked for it and it outlasts the poll:
    once the leader has assigned, nothing says any more that a rejoin is needed, nobody reads the
    answer, and the member stays without partitions and heartbeats for ever.
    """
    coordinator = consumer._coordinator  # noqa: SLF001  # no public way
    if coordinator._join_task is not None:  # noqa: SLF001  # no public way
        coordinator.request_rejoin()


def pause_of(consumer: KafkaConsumer) -> Callable[[float], Any]:
    """sleep() in the consumer's own event loop, in seconds; to be awaited."""
    found: Callable[[float], Any] = consumer._net.sleep  # noqa: SLF001  # no public way
    return found
