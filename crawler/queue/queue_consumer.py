"""How do deliveries come from the queue into the event loop? Through one thread that owns the subscription."""

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
TAKE_S = 0.25
AGAIN_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ears:
    """Who hears what the inbox has to say; each is called in the event loop."""

    arrived: Callable[[Delivery], None]
    lost: Callable[[Delivery], None]
    trouble: Callable[[Exception], None]
    fine: Callable[[], None]


class Inbox:
    """The worker's membership in the group, kept alive while visits go on."""

    def __init__(self, queue: Callable[[], Queue], window: int, ears: Ears) -> None:
        self.queue = queue
        self.window = window
        self.ears = ears
        self.draining = False
        """Whether new deliveries go back at once."""
        self._loop = asyncio.get_running_loop()
        self._subscription: Subscription | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)

    def start(self) -> None:
        """Join the group; deliveries begin to arrive."""
        self._thread.start()

    def ack(self, delivery: Delivery) -> None:
        """It is done; from any thread."""
        if self._subscription is not None:
            self._subscription.ack(delivery)

    def nack(self, delivery: Delivery) -> None:
        """Not done; from any thread."""
        if self._subscription is not None:
            self._subscription.nack(delivery)

    def close(self, timeout_s: float = 15.0) -> None:
        """Leave the group; what is unsettled comes again to others. Blocks; repeatable."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        told = ""
        while not self._closing.is_set():
            try:
                self._subscribed()
            except Unavailable as exc:
                if told != exc.message:
                    told = exc.message
                    logger.warning("No visits now: %s", told, extra={"code": exc.code})
                self._say(self.ears.trouble, exc)
                self._closing.wait(AGAIN_S)
            except Exception as exc:
                logger.exception("The inbox stopped and starts again")
                self._say(self.ears.trouble, exc)
                self._closing.wait(AGAIN_S)

    def _subscribed(self) -> None:
        subscription = self.queue().subscribe([REQUESTS], GROUP, self.window)
        self._subscription = subscription
        try:
            while not self._closing.is_set():
                self._turn(subscription)
        finally:
            subscription.close()

    def _turn(self, subscription: Subscription) -> None:
        for delivery in subscription.take(TAKE_S):
            if self.draining:
                subscription.nack(delivery)
            else:
                self._say(self.ears.arrived, delivery)
        for delivery in subscription.lost():
            self._say(self.ears.lost, delivery)
        self._say(self.ears.fine)
        if self.draining:
            self._closing.wait(TAKE_S)

    def _say(self, ear: Callable[..., None], *what: object) -> None:
        try:
            self._loop.call_soon_threadsafe(ear, *what)
        except RuntimeError:
            self._closing.set()
