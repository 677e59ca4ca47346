"""What happens to a message for the catalogue: a submission, a result, a dead letter?"""

import logging
from collections.abc import Callable

from linkshot import links
from linkshot.app import App
from linkshot.catalogue.care import dead_letters
from linkshot.catalogue.clock import to_us
from linkshot.catalogue.schema import insert_into
from linkshot.dead import bury
from linkshot.dispatch.results import apply_result
from linkshot.dispatch.telling import tell_failed
from linkshot.errors import InvalidInput, LinkshotError, Unavailable
from linkshot.failpoints import failpoint
from linkshot.messages import DEAD, RESULTS, SUBMISSIONS, DeadLetter, SnapshotFinished, Submission
from linkshot.model import NewLink
from linkshot.ports import Delivery, Subscription

logger = logging.getLogger(__name__)

GROUP = "catalogue"
WINDOW = 500


class Intake:
    """Reads submissions, results and dead letters; each is applied, then settled."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._subscription: Subscription | None = None
        self._handlers: dict[str, Callable[[Delivery], None]] = {
            SUBMISSIONS: self._submission,
            RESULTS: self._result,
            DEAD: self._dead,
        }

    def work_once(self) -> int:
        """Apply what is there; how many deliveries were settled."""
        subscription = self._open()
        deliveries = subscription.take(0.0)
        settled = 0
        for delivery in deliveries:
            try:
                self._handle(delivery)
            except Unavailable:
                for rest in deliveries[settled:]:
                    subscription.give_back(rest)
                raise
            failpoint("intake-applied")
            subscription.settle(delivery)
            settled += 1
        return settled

    def close(self) -> None:
        """Leave the group. Repeatable."""
        if self._subscription:
            self._subscription.close()
            self._subscription = None

    def _open(self) -> Subscription:
        if self._subscription is None:
            self._subscription = self.app.queue.subscribe(
                [SUBMISSIONS, RESULTS, DEAD], GROUP, WINDOW
            )
        return self._subscription

    def _handle(self, delivery: Delivery) -> None:
        """Apply it; what cannot be applied is buried with the reason, so the next one goes on."""
        try:
            self._handlers[delivery.topic](delivery)
        except Unavailable:
            raise
        except InvalidInput as exc:
            self._bury(delivery, exc.code, exc.message)
        except LinkshotError as exc:
            logger.exception("A message could not be applied")
            self._bury(delivery, exc.code, exc.message)
        except Exception as exc:
            logger.exception("A message could not be applied")
            self._bury(delivery, "internal", type(exc).__name__)

    def _bury(self, delivery: Delivery, reason: str, detail: str) -> None:
        if delivery.topic == DEAD:
            logger.error("A dead letter could not be read", extra={"where": delivery.where})
            return
        bury(self.app.queue, delivery, reason, detail)

    def _submission(self, delivery: Delivery) -> None:
        asked = Submission.decode(delivery.value)
        new = NewLink(url=asked.url, tags=asked.tags, note=asked.note, title=asked.title)
        links.add(self.app, new)

    def _result(self, delivery: Delivery) -> None:
        finished = SnapshotFinished.decode(delivery.value)
        if apply_result(self.app, finished):
            tell_failed(self.app, finished)

    def _dead(self, delivery: Delivery) -> None:
        letter = DeadLetter.decode(delivery.value)
        import uuid_utils

        row = {
            "dead_id": str(uuid_utils.uuid7()),
            "topic": letter.topic,
            "origin": letter.where,
            "key": letter.key,
            "reason": letter.reason,
            "detail": letter.detail,
            "value_base64": letter.value_base64,
            "attempts": letter.attempts,
            "at": to_us(letter.at or self.app.now()),
        }
        with self.app.catalogue.write() as conn:
            fresh = insert_into(conn, dead_letters).values(**row)
            conn.execute(fresh.on_conflict_do_nothing(index_elements=["origin"]))
