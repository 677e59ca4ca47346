"""Consumes requests: one thread owns the subscription and hands deliveries to the event loop.

The ports block, and a Kafka member that does not poll is expelled from its group. A thread of its
own keeps polling while visits run and pipelines are busy.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from linkshot.domain.messages import REQUESTS
from linkshot.errors import Unavailable
from linkshot.ports import Delivery, Queue, Subscription

logger = logging.getLogger(__name__)

GROUP = "crawl"
POLL_TIMEOUT_S = 0.25
RECONNECT_DELAY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerCallbacks:
    """What the event loop hears of the consumer; each is called in the loop."""

    on_delivery: Callable[[Delivery], None]
    on_revoked: Callable[[Delivery], None]
    """Another worker has the delivery now."""
    on_unavailable: Callable[[Exception], None]
    on_polled: Callable[[], None]
    """The queue answered."""


class QueueConsumer:
    """The worker's membership in the group `crawl`."""

    def __init__(
        self, queue: Callable[[], Queue], window: int, callbacks: ConsumerCallbacks
    ) -> None:
        self.queue = queue
        self.window = window
        self.callbacks = callbacks
        self.draining = False
        """Whether new deliveries are returned at once."""
        self._loop = asyncio.get_running_loop()
        self._subscription: Subscription | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="queue-consumer", daemon=True)

    def start(self) -> None:
        """Join the group; deliveries begin to arrive."""
        self._thread.start()

    def ack(self, delivery: Delivery) -> None:
        """Acknowledge; from any thread."""
        if self._subscription is not None:
            self._subscription.ack(delivery)

    def nack(self, delivery: Delivery) -> None:
        """Return to the queue; from any thread."""
        if self._subscription is not None:
            self._subscription.nack(delivery)

    def close(self, timeout_s: float = 15.0) -> None:
        """Leave the group; what is not acknowledged is redelivered to others. Blocks; repeatable."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        last_warning = ""
        while not self._closing.is_set():
            try:
                self._consume()
            except Unavailable as exc:
                if last_warning != exc.message:
                    last_warning = exc.message
                    logger.warning("No visits now: %s", last_warning, extra={"code": exc.code})
                self._call_in_loop(self.callbacks.on_unavailable, exc)
                self._closing.wait(RECONNECT_DELAY_S)
            except Exception as exc:
                logger.exception("The queue consumer failed and starts again")
                self._call_in_loop(self.callbacks.on_unavailable, exc)
                self._closing.wait(RECONNECT_DELAY_S)

    def _consume(self) -> None:
        subscription = self.queue().subscribe([REQUESTS], GROUP, self.window)
        self._subscription = subscription
        try:
            while not self._closing.is_set():
                self._poll(subscription)
        finally:
            subscription.close()

    def _poll(self, subscription: Subscription) -> None:
        for delivery in subscription.take(POLL_TIMEOUT_S):
            if self.draining:
                subscription.nack(delivery)
            else:
                self._call_in_loop(self.callbacks.on_delivery, delivery)
        for delivery in subscription.lost():
            self._call_in_loop(self.callbacks.on_revoked, delivery)
        self._call_in_loop(self.callbacks.on_polled)
        if self.draining:
            # what was just returned would be taken again without a pause
            self._closing.wait(POLL_TIMEOUT_S)

    def _call_in_loop(self, callback: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(callback, *arguments)
        except RuntimeError:  # the loop has ended
            self._closing.set()
