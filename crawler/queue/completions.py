"""Endings: each delivery ends exactly once, whatever breaks.

Every way out of a visit or a pipeline leads here: settled after its result was announced, failed
by us when a stage raised or nothing was heard of it for too long, or given back.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from crawler.queue import attempt_marks
from crawler.watchdog import Watchdog
from linkshot.app import App
from linkshot.domain.failures import make_failure
from linkshot.domain.messages import RESULTS, SnapshotFinished, SnapshotRequested
from linkshot.domain.model import Failure, Outcome
from linkshot.errors import MessageRefused, Unavailable
from linkshot.ports import Delivery, Message
from linkshot.system.failpoints import failpoint

logger = logging.getLogger(__name__)

THREADS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """What an ending does to the queue and tells the event loop."""

    ack: Callable[[Delivery], None]
    nack: Callable[[Delivery], None]
    ended: Callable[["Ending"], None]
    """Called in the event loop, once per delivery: its page slot is free."""
    trouble: Callable[[Exception], None]
    """Called in the event loop: something of our own is out of order."""
    fine: Callable[[], None]
    """Called in the event loop: a result was published."""


class Ending:
    """The end that one delivery will have."""

    def __init__(self, owner: "Endings", delivery: Delivery, request: SnapshotRequested) -> None:
        self.delivery = delivery
        self.request = request
        self.began_at = owner.app.now()
        self.overdue = False
        """Whether it was ended because nothing was heard of it; its visit may still hang."""
        self._owner = owner
        self._lock = threading.Lock()
        self._over = False
        self._watch: asyncio.TimerHandle | None = None

    @property
    def over(self) -> bool:
        """Whether it has ended or is about to."""
        return self._over

    def ack(self) -> None:
        """Its result is announced: remove the mark and settle. From any thread; repeatable."""
        if self._once():
            self._owner.run(self, self._settle)

    def nack(self) -> None:
        """It was not worked on, or trouble of our own broke it off; comes again, uncounted."""
        if self._once():
            self._owner.run(self, self._give_back)

    def fail(self, failure: Failure) -> None:
        """Announce a failure that no pipeline announced, then settle."""
        self.finish(failed_result(self.request, failure, self.began_at, self._owner.app.now()))

    def finish(self, result: SnapshotFinished) -> None:
        """Announce this result, then settle."""
        if self._once():
            self._owner.run(self, lambda: self._announce(result))

    def watch(self, deadline_s: float) -> None:
        """End it as failed when nothing else ended it a grace after this deadline. In the event loop,
        or, when that is stuck, with the process: a mark stays, and the delivery comes again.
        """
        if self._watch is not None:
            self._watch.cancel()
        grace_s = self._owner.app.settings.visit_grace_s
        loop = asyncio.get_running_loop()
        self._watch = loop.call_later(deadline_s + grace_s, self._late)
        self._owner.watchdog.worker(self.request.request_id, deadline_s, grace_s)

    def stop_watching(self) -> None:
        """No watch is needed any more. In the event loop."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _late(self) -> None:
        self.overdue = True
        logger.error(
            "Nothing was heard of a visit for too long; it is ended",
            extra={"action": "visit_overdue", "link_id": self.request.link_id},
        )
        self.fail(make_failure("timeout", "nothing was heard of the visit"))

    def _once(self) -> bool:
        with self._lock:
            first, self._over = not self._over, True
        self._owner.watchdog.ended(self.request.request_id)
        return first

    def _settle(self) -> None:
        failpoint("before-ack")
        attempt_marks.end(self._owner.app.store, self.request.request_id)
        self._owner.ways.ack(self.delivery)
        failpoint("after-ack")

    def _give_back(self) -> None:
        try:
            attempt_marks.end(self._owner.app.store, self.request.request_id)
        finally:
            self._owner.ways.nack(self.delivery)

    def _announce(self, result: SnapshotFinished) -> None:
        """A result that the queue refuses ends as a small failure, or its page would be visited for ever."""
        try:
            self._publish(result)
        except MessageRefused as exc:
            logger.error(  # noqa: TRY400  # no fault of the code
                "The queue refuses a result; its request ends as failed",
                extra={"link_id": result.link_id, "why": exc.message},
            )
            why = make_failure("internal", "the queue refuses its result")
            self._publish(failed_result(self.request, why, result.started_at, result.finished_at))
        self._settle()

    def _publish(self, result: SnapshotFinished) -> None:
        app = self._owner.app
        value = app.keyring.sign(RESULTS, result.encode())
        app.queue.publish(RESULTS, [Message(key=result.link_id, value=value)])


class Endings:
    """The register of deliveries that are being worked on."""

    def __init__(self, app: App, ways: Ways, watchdog: Watchdog) -> None:
        self.app = app
        self.ways = ways
        self.watchdog = watchdog
        self._open: dict[str, Ending] = {}
        self._loop = asyncio.get_running_loop()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="endings")

    def open(self, delivery: Delivery, request: SnapshotRequested) -> Ending | None:
        """Begin to watch over a delivery; None while the same request is still open."""
        if request.request_id in self._open:
            return None
        ending = Ending(self, delivery, request)
        self._open[request.request_id] = ending
        return ending

    def of(self, request_id: str) -> Ending | None:
        """The open ending of this request."""
        return self._open.get(request_id)

    def all(self) -> list[Ending]:
        """Whatever is open."""
        return list(self._open.values())

    def run(self, ending: Ending, work: Callable[[], None]) -> None:
        """Do the blocking part of an ending in a thread, then close it in the event loop."""
        self._pool.submit(self._carry_out, ending, work)

    def close(self) -> None:
        """Wait until what ends has ended. Blocks."""
        self._pool.shutdown(wait=True)

    def _carry_out(self, ending: Ending, work: Callable[[], None]) -> None:
        try:
            work()
        except Unavailable as exc:
            logger.warning(
                "A delivery could not be ended and comes again", extra={"error": str(exc)}
            )
            self._return(ending)
            self._tell(self.ways.trouble, exc)
        except Exception:
            logger.exception("A delivery could not be ended and comes again")
            self._return(ending)
        else:
            self._tell(self.ways.fine)
        finally:
            self._tell(self._closed, ending)

    def _return(self, ending: Ending) -> None:
        """Give it back; if even that fails, it comes again when the subscription ends."""
        try:
            self.ways.nack(ending.delivery)
        except Unavailable as exc:
            logger.debug("A delivery could not be given back", extra={"error": str(exc)})

    def _closed(self, ending: Ending) -> None:
        ending.stop_watching()
        self._open.pop(ending.request.request_id, None)
        self.ways.ended(ending)

    def _tell(self, ear: Callable[..., None], *what: object) -> None:
        try:
            self._loop.call_soon_threadsafe(ear, *what)
        except RuntimeError:
            logger.debug("The event loop had already ended")


def failed_result(
    request: SnapshotRequested,
    failure: Failure,
    started_at: datetime,
    finished_at: datetime,
    outcome: Outcome = Outcome.FAILED,
) -> SnapshotFinished:
    """The result of a request that ended without a snapshot. (pure)"""
    return SnapshotFinished(
        request_id=request.request_id,
        link_id=request.link_id,
        url=request.url,
        outcome=outcome,
        reason=request.reason,
        started_at=started_at,
        finished_at=finished_at,
        error=failure,
    )
