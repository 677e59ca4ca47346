"""Consumes submissions, results and dead letters and applies each to the catalogue."""

import logging
from collections.abc import Callable

from linkshot.app import App
from linkshot.dispatch.dead_letter_records import read_letter, record
from linkshot.dispatch.lost_messages import resend
from linkshot.dispatch.results import apply_result
from linkshot.dispatch.visit_log import log_failed_visit
from linkshot.domain.messages import DEAD, RESULTS, SUBMISSIONS, SnapshotFinished, Submission
from linkshot.domain.model import NewLink
from linkshot.errors import InvalidInput, InvalidMessage, LinkshotError, Unavailable
from linkshot.ports import Delivery, Subscription
from linkshot.system.failpoints import failpoint
from linkshot.use_cases import links
from linkshot.use_cases.dead_letters import DeadLetterQueue

logger = logging.getLogger(__name__)

GROUP = "catalogue"
WINDOW = 500


class CatalogueConsumer:
    """Reads submissions, results and dead letters; each is applied, then acknowledged."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.dead = DeadLetterQueue(app)
        self._subscription: Subscription | None = None
        self._handlers: dict[str, Callable[[Delivery], None]] = {
            SUBMISSIONS: self._submission,
            RESULTS: self._result,
            DEAD: self._dead,
        }

    def work_once(self) -> int:
        """Apply what is there; returns how many deliveries were acknowledged."""
        if self._subscription is None:
            topics = [SUBMISSIONS, RESULTS, DEAD]
            self._subscription = self.app.queue.subscribe(topics, GROUP, WINDOW)
        subscription = self._subscription
        deliveries = subscription.take(0.0)
        acked = 0
        for delivery in deliveries:
            try:
                self._handle(delivery)
            except Unavailable:
                # What failed and all behind it go back to the queue, in their order.
                for rest in deliveries[acked:]:
                    subscription.nack(rest)
                raise
            failpoint("message-applied")
            subscription.ack(delivery)
            acked += 1
        return acked

    def close(self) -> None:
        """Leave the group. Repeatable."""
        if self._subscription:
            self._subscription.close()
            self._subscription = None

    def _handle(self, delivery: Delivery) -> None:
        """Apply it; what cannot be applied becomes a dead letter with the reason, so the next one goes on."""
        if self.dead.skip_if_requested(delivery):
            return
        try:
            self._handlers[delivery.topic](delivery)
        except Unavailable:
            raise
        except InvalidInput as exc:
            self._reject(delivery, exc)
        except LinkshotError as exc:
            logger.exception("A message could not be applied")
            self._reject(delivery, exc)
        except Exception as exc:
            logger.exception("A message could not be applied")
            self._reject(delivery, LinkshotError(type(exc).__name__))

    def _reject(self, delivery: Delivery, exc: LinkshotError) -> None:
        """A dead letter that cannot be read is listed like any other message of that kind."""
        if delivery.topic == DEAD:
            logger.error("A dead letter could not be read", extra={"where": delivery.where})
            record(self.app, self.dead.letter_about(delivery, exc.code, exc.message))
            return
        self.dead.reject(delivery, exc)

    def _submission(self, delivery: Delivery) -> None:
        asked = Submission.decode(delivery.value)
        new = NewLink(url=asked.url, tags=asked.tags, note=asked.note, title=asked.title)
        links.add(self.app, new)

    def _result(self, delivery: Delivery) -> None:
        finished = SnapshotFinished.decode(delivery.value)
        try:
            self.app.keyring.check(RESULTS, delivery.value)
        except InvalidMessage:
            # It may be by a worker of an older linkshot, so its request is sent again.
            resend(self.app, finished.request_id)
            raise
        if apply_result(self.app, finished):
            log_failed_visit(self.app, finished)

    def _dead(self, delivery: Delivery) -> None:
        record(self.app, read_letter(delivery.value))
