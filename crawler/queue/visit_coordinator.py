"""Coordinates a worker's deliveries from arrival to acknowledgement, and pauses it during outages."""

import asyncio
import logging
import shutil
import time
from collections.abc import Callable, Coroutine
from typing import Any

from crawler.queue import adaptive_slots, admission
from crawler.queue.admission import PendingVisit
from crawler.queue.completions import Completion, CompletionCallbacks, Completions
from crawler.queue.host_scheduler import HostScheduler, gap_s
from crawler.queue.machine_load import LoadMeter
from crawler.queue.queue_consumer import ConsumerCallbacks, QueueConsumer
from crawler.queue.ready_visit import ReadyVisit
from crawler.watchdog import Watchdog
from linkshot.app import App
from linkshot.domain.messages import REQUESTS
from linkshot.domain.site_rules import NO_RULES
from linkshot.errors import (
    BrowserUnavailable,
    InvalidMessage,
    MessageRefused,
    StoreUnavailable,
    Unavailable,
)
from linkshot.ports import Delivery
from linkshot.system.backoff import Backoff
from linkshot.system.failpoints import failpoint
from linkshot.use_cases.dead_letters import DeadLetterQueue

logger = logging.getLogger(__name__)

PAUSE_MIN_S, PAUSE_MAX_S = 1.0, 30.0
DISK_PAUSE_S = 5.0
DUPLICATE_DELAY_S = 1.0
"""Until a request is offered again whose predecessor of the same id is still open."""
OUTAGE_RESET_S = 600.0
"""A failure this long after the last one begins a new outage: nothing was asked in between."""
CONSUMING, PUBLISHING = "queue", "queue (publishing)"
STORE, BROWSER = StoreUnavailable.part, BrowserUnavailable.part
"""The parts that can be out. Consuming and publishing apart, since a broker can do one of them only."""


class OutageTracker:
    """Since when each part of ours does not answer, and how long to pause."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._since: dict[str, float] = {}
        self._failed_at: dict[str, float] = {}
        self._backoff = Backoff(PAUSE_MIN_S, PAUSE_MAX_S)

    def failed(self, part: str) -> float:
        """The part did not answer; the pause in seconds, doubled each time."""
        now = self.clock()
        if now - self._failed_at.get(part, now) > OUTAGE_RESET_S:
            self._since[part] = now
        self._since.setdefault(part, now)
        self._failed_at[part] = now
        return self._backoff.next()

    def succeeded(self, part: str) -> None:
        """The part answered."""
        if self._since.pop(part, None) is not None and not self._since:
            self._backoff.reset()

    def longest_s(self) -> float:
        """Duration of the longest outage."""
        return max((self.clock() - since for since in self._since.values()), default=0.0)


class VisitCoordinator:
    """One worker's deliveries. It lives in the event loop; what blocks runs in threads."""

    def __init__(
        self,
        app: App,
        leave: Callable[[], None],
        watchdog: Watchdog,
        on_delivery: Callable[[], None] = lambda: None,
    ) -> None:
        self.app = app
        self.settings = app.settings
        self.leave = leave
        """Called when an outage has lasted for `unreachable_after_s`."""
        self.on_delivery = on_delivery
        self.outages = OutageTracker()
        self.dead = DeadLetterQueue(app)
        self.page_slots = self.settings.page_slots or adaptive_slots.LEAST
        self.scheduler: HostScheduler[PendingVisit] = HostScheduler(
            self.page_slots, lambda visit_s: gap_s(self.settings, visit_s)
        )
        self.consumer = QueueConsumer(
            lambda: app.queue,
            self.settings.window,
            ConsumerCallbacks(
                on_delivery=self._arrived,
                on_revoked=self._revoked,
                on_unavailable=lambda exc: self.report_outage(exc, CONSUMING),
                on_polled=lambda: self.outages.succeeded(CONSUMING),
            ),
        )
        self.completions = Completions(
            app,
            CompletionCallbacks(
                ack=self.consumer.ack,
                nack=self.consumer.nack,
                on_completed=self._completed,
                on_unavailable=self.report_outage,
                on_published=lambda: self.outages.succeeded(PUBLISHING),
            ),
            watchdog,
        )
        self._background_tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to consume."""
        self.consumer.start()
        if not self.settings.page_slots:
            self._adapt_later(LoadMeter())

    def _adapt_later(self, meter: LoadMeter) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(adaptive_slots.SAMPLE_S, self._adapt_slots, meter)

    def _adapt_slots(self, meter: LoadMeter) -> None:
        """One slot more or less, as the machine allows; again in SAMPLE_S until the worker ends."""
        if self.consumer.draining:
            return
        now = adaptive_slots.next_slots(
            self.page_slots,
            meter.read(),
            waiting=self.scheduler.is_short_of_slots(),
            most=adaptive_slots.most_slots(0, meter.cores, self.settings.browser_memory_bytes),
        )
        self.scheduler.resize(now - self.page_slots)
        self.page_slots = now
        self._adapt_later(meter)

    async def next(self) -> ReadyVisit:
        """The next visit whose turn has come; it holds its host and a page slot."""
        while True:
            pending = await self.scheduler.next()
            visit = await self._admit(pending)
            if visit is not None:
                return visit

    def is_idle(self) -> bool:
        """Whether nothing waits here, and one visit at most is under way or being stored."""
        return len(self.completions.all()) <= 1 and not self.scheduler.waiting()

    def drain(self) -> None:
        """Begin nothing new and return what waits."""
        self.consumer.draining = True
        waiting = self.scheduler.waiting()
        self.scheduler.discard(lambda _: True)
        self._spawn(self._nack_all(waiting))

    async def close(self) -> None:
        """Return what is open, wait for completions under way, leave the group."""
        for completion in self.completions.all():
            completion.nack()
        if self._background_tasks:
            await asyncio.wait(self._background_tasks, timeout=10)
        await asyncio.to_thread(self.completions.close)
        await asyncio.to_thread(self.consumer.close)

    def report_outage(self, exc: Exception, direction: str = PUBLISHING) -> None:
        """A part of ours does not answer: pause, and leave when that lasts.

        Where the error names no part it is the queue, for this direction.
        """
        part = (exc.part if isinstance(exc, Unavailable) else "") or direction
        pause = self.outages.failed(part)
        self.scheduler.pause(pause)
        logger.warning(
            "A part of linkshot does not answer; visits wait",
            extra={"action": "worker_paused", "part": part, "pause_s": pause, "error": str(exc)},
        )
        if self.outages.longest_s() > self.settings.unreachable_after_s:
            self.leave()

    async def _admit(self, pending: PendingVisit) -> ReadyVisit | None:
        """The visit; None when it was answered without one or has to wait longer."""
        completion = None if self._disk_is_full() else self.completions.open(pending)
        if completion is None:
            self.scheduler.release_host(pending.host)
            self.scheduler.release_slot()
            asyncio.get_running_loop().call_later(DUPLICATE_DELAY_S, self._offer, pending)
            return None
        try:
            decision = await asyncio.to_thread(admission.decide, self.app, self.dead, pending)
        except Unavailable as exc:
            self.report_outage(exc)
            self.scheduler.release_host(pending.host)
            completion.nack()
            return None
        self.outages.succeeded(STORE)
        if decision.result is not None:
            self.scheduler.release_host(pending.host)
            completion.finish(decision.result)
            return None
        # until the visit begins and sets its own: Scrapy may hold a request back, never that long
        completion.watch(self.settings.page_deadline_s * 2)
        return ReadyVisit(
            completion=completion,
            isolated=decision.isolated,
            rejected=decision.rejected,
            cookies=decision.cookies,
        )

    def _disk_is_full(self) -> bool:
        if not self.settings.url_of("store").startswith("file:"):
            return False
        self.settings.data.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self.settings.data).free >= self.settings.disk_floor_bytes:
            return False
        logger.warning("The disk is nearly full; no visits are started", extra={"action": "disk"})
        self.scheduler.pause(DISK_PAUSE_S)
        return True

    def _arrived(self, delivery: Delivery) -> None:
        self.on_delivery()
        failpoint("after-take")
        self._spawn(self._receive(delivery))

    async def _receive(self, delivery: Delivery) -> None:
        """Offer the delivery to the scheduler, unless it is dealt with already or must go back."""
        try:
            pending = await asyncio.to_thread(self._read, delivery)
        except Unavailable as exc:
            if not isinstance(exc, MessageRefused):
                self.report_outage(exc)
            await self._nack(delivery)
            return
        if pending is None:
            self.outages.succeeded(PUBLISHING)
        elif self.consumer.draining:
            await self._nack(delivery)
        else:
            self._offer(pending)

    def _offer(self, pending: PendingVisit) -> None:
        rules = pending.request.site or NO_RULES
        self.scheduler.offer(pending.host, pending, rules.delay_s or 0.0)

    def _read(self, delivery: Delivery) -> PendingVisit | None:
        """What is to be visited; None for what was forwarded or dead-lettered and is acknowledged. Blocks."""
        try:
            if not self.dead.skip_if_requested(delivery):
                parsed = admission.parse_delivery(
                    delivery, self.settings.allow_networks, self.settings.own_addresses
                )
                if isinstance(parsed, PendingVisit):
                    self.app.keyring.check(REQUESTS, delivery.value)
                    return parsed
                admission.forward_submission(self.app, delivery, parsed)
        except (InvalidMessage, MessageRefused) as exc:
            self.dead.reject(delivery, exc)
        except Unavailable:
            raise
        except Exception as exc:
            logger.exception("A message breaks the worker's code")
            self.dead.send(delivery, "internal", type(exc).__name__)
        self.consumer.ack(delivery)
        return None

    def _completed(self, completion: Completion) -> None:
        self.scheduler.release_slot()
        if completion.overdue:
            # nobody else frees the host of a visit that hangs
            pending = completion.pending
            least_s = (pending.request.site or NO_RULES).delay_s or 0.0
            self.scheduler.visit_ended(pending.host, self.settings.page_deadline_s, least_s)

    def _revoked(self, delivery: Delivery) -> None:
        """Another worker gets the delivery: return it now if it waits here, so that nobody waits for us.

        A visit under way goes on: the second one finds its result, or replaces it by an equal one.
        """
        waiting = [w for w in self.scheduler.waiting() if w.delivery.handle == delivery.handle]
        self.scheduler.discard(lambda pending: pending.delivery.handle == delivery.handle)
        if waiting:
            self._spawn(self._nack_all(waiting))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        # the loop keeps weak references to tasks only
        task = asyncio.ensure_future(work)
        self._background_tasks.add(task)
        task.add_done_callback(self._background_tasks.discard)

    async def _nack_all(self, waiting: list[PendingVisit]) -> None:
        for pending in waiting:
            await self._nack(pending.delivery)

    async def _nack(self, delivery: Delivery) -> None:
        try:
            await asyncio.to_thread(self.consumer.nack, delivery)
        except Unavailable as exc:
            self.report_outage(exc)
