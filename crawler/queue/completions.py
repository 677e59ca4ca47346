"""Completes each delivery exactly once, however its visit ends.

Every way out of a visit or a pipeline leads here. A delivery is acknowledged after its result was
announced, failed by us when a stage raised or the visit went silent, or returned to the queue.
"""

import asyncio
import logging
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from crawler.queue import attempt_marks
from crawler.queue.admission import PendingVisit
from crawler.watchdog import Watchdog
from linkshot.app import App
from linkshot.domain.failure_details import detail_text
from linkshot.domain.failures import make_failure
from linkshot.domain.messages import RESULTS, SnapshotFinished
from linkshot.domain.model import Failure, Outcome
from linkshot.errors import MessageRefused, Unavailable
from linkshot.ports import Delivery, Message
from linkshot.system.failpoints import failpoint

logger = logging.getLogger(__name__)

THREADS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionCallbacks:
    """How completions reach the queue, and what the event loop hears of them."""

    ack: Callable[[Delivery], None]
    nack: Callable[[Delivery], None]
    on_completed: Callable[["Completion"], None]
    """Called in the event loop, once per delivery: its page slot is free."""
    on_unavailable: Callable[[Exception], None]
    """Called in the event loop: queue or store failed."""
    on_published: Callable[[], None]
    """Called in the event loop: a result was published."""


class Completion:
    """The one completion of a delivery; the first of ack, nack, fail and finish counts."""

    def __init__(self, owner: "Completions", pending: PendingVisit) -> None:
        self.pending = pending
        self.began_at = owner.app.now()
        self.optional_until = math.inf
        """By time.monotonic(): when what is still to be made of a captured page is left out."""
        self.overdue = False
        """Whether it was completed because the visit went silent; that may still hang."""
        self._owner = owner
        self._lock = threading.Lock()
        self._done = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def done(self) -> bool:
        """Whether it is completed or about to be."""
        return self._done

    def ack(self) -> None:
        """The result is announced: remove the mark and acknowledge. From any thread; repeatable."""
        if self._first():
            self._owner.submit(self, self._ack)

    def nack(self) -> None:
        """Return the delivery, uncounted: it was not worked on, or a failure of ours broke it off."""
        if self._first():
            self._owner.submit(self, self._nack)

    def fail(self, failure: Failure) -> None:
        """Announce a failure that no pipeline announced, then acknowledge."""
        request = self.pending.request
        now = self._owner.app.now()
        self.finish(SnapshotFinished.of(request, Outcome.FAILED, self.began_at, now, failure))

    def finish(self, result: SnapshotFinished) -> None:
        """Announce this result, then acknowledge."""
        if self._first():
            self._owner.submit(self, lambda: self._announce(result))

    def watch(self, deadline_s: float) -> None:
        """Fail it a grace after this deadline unless it is completed by then. In the event loop.

        When the loop itself is stuck, the watchdog ends the process instead: the mark stays, and the
        delivery is redelivered.
        """
        self.stop_watching()
        grace_s = self._owner.app.settings.visit_grace_s
        self.optional_until = time.monotonic() + deadline_s + grace_s / 2
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(deadline_s + grace_s, self._on_overdue)
        self._owner.watchdog.watch_delivery(self.pending.request.request_id, deadline_s, grace_s)

    def stop_watching(self) -> None:
        """Cancel the timer. In the event loop; repeatable."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_overdue(self) -> None:
        self.overdue = True
        logger.error(
            "A visit did not end within its deadline and grace; it is recorded as failed",
            extra={"action": "visit_overdue", "link_id": self.pending.request.link_id},
        )
        self.fail(make_failure("timeout", detail_text("visit.silent")))

    def _first(self) -> bool:
        """Whether this call decides; whatever comes later, even from another thread, is ignored."""
        with self._lock:
            first, self._done = not self._done, True
        self._owner.watchdog.delivery_ended(self.pending.request.request_id)
        return first

    def _ack(self) -> None:
        failpoint("before-ack")
        # before the ack: a mark that outlives its delivery would count as a loss of the next visit
        attempt_marks.end(self._owner.app.store, self.pending.request.request_id)
        self._owner.callbacks.ack(self.pending.delivery)
        failpoint("after-ack")

    def _nack(self) -> None:
        try:
            attempt_marks.end(self._owner.app.store, self.pending.request.request_id)
        finally:
            self._owner.callbacks.nack(self.pending.delivery)

    def _announce(self, result: SnapshotFinished) -> None:
        """Publish and acknowledge; a result that the queue refuses is replaced by a small failure.

        Otherwise the page would be visited for ever, since the same result would come each time.
        """
        try:
            self._owner.publish(result)
        except MessageRefused as exc:
            logger.error(  # noqa: TRY400  # no fault of the code
                "The queue refuses a result; its request is recorded as failed",
                extra={"link_id": result.link_id, "why": exc.message},
            )
            why = make_failure("internal", detail_text("result.refused"))
            request, times = self.pending.request, (result.started_at, result.finished_at)
            self._owner.publish(SnapshotFinished.of(request, Outcome.FAILED, *times, why))
        self._ack()


class Completions:
    """The deliveries that are being worked on, and the threads that complete them."""

    def __init__(self, app: App, callbacks: CompletionCallbacks, watchdog: Watchdog) -> None:
        self.app = app
        self.callbacks = callbacks
        self.watchdog = watchdog
        self._open: dict[str, Completion] = {}
        self._loop = asyncio.get_running_loop()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="completions")

    def open(self, pending: PendingVisit) -> Completion | None:
        """Begin work on a delivery; None while another one of the same request is open."""
        request_id = pending.request.request_id
        if request_id in self._open:
            return None
        completion = self._open[request_id] = Completion(self, pending)
        return completion

    def get(self, request_id: str) -> Completion | None:
        """The open completion of this request."""
        return self._open.get(request_id)

    def all(self) -> list[Completion]:
        """All that are open."""
        return list(self._open.values())

    def submit(self, completion: Completion, work: Callable[[], None]) -> None:
        """Do the blocking part of a completion in a thread, then close it in the event loop."""
        self._pool.submit(self._run, completion, work)

    def publish(self, result: SnapshotFinished) -> None:
        """Publish a result, signed; durable on return. Blocks."""
        value = self.app.keyring.sign(RESULTS, result.encode())
        self.app.queue.publish(RESULTS, [Message(key=result.link_id, value=value)])

    def close(self) -> None:
        """Wait for the completions under way. Blocks."""
        self._pool.shutdown(wait=True)

    def _run(self, completion: Completion, work: Callable[[], None]) -> None:
        try:
            work()
        except Unavailable as exc:
            logger.warning(
                "A delivery could not be completed and returns to the queue",
                extra={"error": str(exc)},
            )
            self._nack(completion)
            self._call_in_loop(self.callbacks.on_unavailable, exc)
        except Exception:
            logger.exception("A delivery could not be completed and returns to the queue")
            self._nack(completion)
        else:
            self._call_in_loop(self.callbacks.on_published)
        finally:
            self._call_in_loop(self._close_one, completion)

    def _nack(self, completion: Completion) -> None:
        """Return it; if even that fails, it is redelivered when the subscription ends."""
        try:
            self.callbacks.nack(completion.pending.delivery)
        except Unavailable as exc:
            logger.debug("A delivery could not be returned", extra={"error": str(exc)})

    def _close_one(self, completion: Completion) -> None:
        completion.stop_watching()
        self._open.pop(completion.pending.request.request_id, None)
        self.callbacks.on_completed(completion)

    def _call_in_loop(self, callback: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(callback, *arguments)
        except RuntimeError:
            logger.debug("The event loop had already ended")
