"""Indexes changed links: consume, build documents, apply in bulk, acknowledge; until stopped."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from indexer.document import documents
from indexer.text_cache import TextCache
from linkshot.app import App
from linkshot.dispatch.index_comparison import reannounce
from linkshot.domain.messages import LINKS, LinkChanged
from linkshot.errors import InvalidMessage, Unavailable
from linkshot.ports import Delivery, IndexChange, Subscription, Upsert
from linkshot.system.backoff import Backoff
from linkshot.system.failpoints import failpoint
from linkshot.system.log_config import ThrottledLog
from linkshot.use_cases.damaged_objects import CheckedObject, TextReader, record_checked
from linkshot.use_cases.dead_letters import DeadLetterQueue

logger = logging.getLogger(__name__)

GROUP = "index"
TAKE_S = 0.5
PAUSE_MIN_S, PAUSE_MAX_S = 0.5, 5.0
"""Between tries while a part does not answer; short enough to stay a member of the group."""
ROUND_S = 20.0
"""Limit of one round of work before the group is polled again. Reading a damaged text takes an S3
server seconds, and a member that does not poll loses all its deliveries, read or not."""
BULK_CHARS = 20_000_000
"""Text per call to the index; bounds the memory of a batch."""


def run_index(
    app: App,
    stop: threading.Event,
    beat: Callable[[], None] = lambda: None,
    *,
    window: int | None = None,
) -> None:
    """Index until `stop` is set, `window` links at a time (default: the setting index_batch);
    while queue, store or index do not answer, wait and try again. `beat` is called after each try."""
    indexer = Indexer(app, window or app.settings.index_batch)
    backoff, throttled = Backoff(PAUSE_MIN_S, PAUSE_MAX_S), ThrottledLog()
    try:
        while not stop.is_set():
            try:
                indexer.work_once(TAKE_S)
                backoff.reset()
            except Unavailable as exc:
                sentence = "Indexing waits for a part that does not answer"
                throttled.warn(logger, sentence, exc.message, action="index_waits")
                stop.wait(backoff.next())
            beat()
        indexer.work_once(0.0)
    except Unavailable:
        logger.warning("The last changes are indexed at the next start")
    finally:
        indexer.close()


@dataclass(frozen=True, slots=True)
class IndexUpdate:
    """A delivery and what it changes in the index."""

    delivery: Delivery
    changes: list[IndexChange]
    seen: list[CheckedObject] = field(default_factory=list)
    """The texts read for it, whole or damaged."""

    @property
    def chars(self) -> int:
        """Length of its texts."""
        documents = (c.document for c in self.changes if isinstance(c, Upsert))
        return sum(len(document.text) for document in documents)


class Indexer:
    """One member of the group `index`."""

    def __init__(self, app: App, window: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.app = app
        self.window = window
        self.dead = DeadLetterQueue(app)
        self.texts = TextCache(app.store, app.settings.index_text_bytes)
        self._clock = clock
        self._subscription: Subscription | None = None

    def work_once(self, timeout_s: float) -> int:
        """Index what has arrived, for at most ROUND_S; the count of messages.

        What is not acknowledged by then, or when a part is Unavailable, is returned.
        """
        if self._subscription is None:
            self._subscription = self.app.queue.subscribe([LINKS], GROUP, self.window)
        subscription = self._subscription
        deliveries = subscription.take(timeout_s)
        left = {delivery.handle: delivery for delivery in deliveries}
        until = self._clock() + ROUND_S
        try:
            for bulk in self._bulks(deliveries, until):
                self._apply(bulk)
                record_checked(
                    self.app, (seen for work in bulk for seen in work.seen), indexed=True
                )
                for work in bulk:
                    subscription.ack(work.delivery)
                    del left[work.delivery.handle]
        finally:
            for delivery in left.values():
                subscription.nack(delivery)
        return len(deliveries) - len(left)

    def close(self) -> None:
        """Leave the group. Repeatable."""
        if self._subscription is not None:
            self._subscription.close()
            self._subscription = None

    def _bulks(self, deliveries: list[Delivery], until: float) -> Iterator[list[IndexUpdate]]:
        """Updates in bulks that fit into memory, none after `until`.

        Outdated and dead-lettered messages have no changes, but have to be acknowledged as well.
        """
        messages = self._read(deliveries)
        newest = {m.link_id: m.rev for m in sorted(messages.values(), key=lambda m: m.rev)}
        bulk: list[IndexUpdate] = []
        chars = 0
        for delivery in deliveries:
            message = messages.get(delivery.handle)
            is_newest = message is not None and message.rev == newest[message.link_id]
            bulk.append(self._work(delivery, message if is_newest else None))
            chars += bulk[-1].chars
            is_late = self._clock() > until
            if chars > BULK_CHARS or is_late:
                yield bulk
                bulk, chars = [], 0
            if is_late:
                return
        if bulk:
            yield bulk

    def _read(self, deliveries: list[Delivery]) -> dict[object, LinkChanged]:
        """Messages by handle; what cannot be read is dead-lettered."""
        found: dict[object, LinkChanged] = {}
        for delivery in deliveries:
            try:
                if not self.dead.skip_if_requested(delivery):
                    message = LinkChanged.decode(delivery.value)
                    self._check(message, delivery)
                    found[delivery.handle] = message
            except InvalidMessage as exc:
                self.dead.reject(delivery, exc)
        return found

    def _check(self, message: LinkChanged, delivery: Delivery) -> None:
        """Check the signature. An unsigned message may come from dispatch of an older linkshot, so its
        link is announced again.
        """
        try:
            self.app.keyring.check(LINKS, delivery.value)
        except InvalidMessage:
            reannounce(self.app, [message.link_id])
            raise

    def _work(self, delivery: Delivery, message: LinkChanged | None) -> IndexUpdate:
        """The changes of one message; none when it breaks our code, so that the next ones go on."""
        if message is None:
            return IndexUpdate(delivery, [])
        read = TextReader(message.link_id, self.texts.get)
        try:
            return IndexUpdate(delivery, documents(message, read), read.seen)
        except Unavailable:
            raise
        except Exception as exc:  # noqa: BLE001  # one link must not stop the others
            self._dead_letter(delivery, exc)
            return IndexUpdate(delivery, [])

    def _apply(self, bulk: list[IndexUpdate]) -> None:
        """Apply all at once; one by one when something among them breaks the index's code."""
        failpoint("before-apply")
        changes = [change for work in bulk for change in work.changes]
        try:
            if changes:
                self.app.index.apply(changes)
        except Unavailable:
            raise
        except Exception:
            logger.exception("A bulk of links cannot be indexed; trying one by one")
            self._apply_singly(bulk)
        failpoint("after-apply")

    def _apply_singly(self, bulk: list[IndexUpdate]) -> None:
        for work in bulk:
            try:
                self.app.index.apply(work.changes)
            except Unavailable:
                raise
            except Exception as exc:  # noqa: BLE001  # same
                self._dead_letter(work.delivery, exc)

    def _dead_letter(self, delivery: Delivery, exc: Exception) -> None:
        logger.error("A link cannot be indexed", extra={"where": delivery.where}, exc_info=exc)
        self.dead.send(delivery, "index.failed", f"{type(exc).__name__}: {exc}")
