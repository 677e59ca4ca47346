"""The desk of a worker: brings deliveries, turns and endings together, notices trouble of our own."""

import asyncio
import logging
import shutil
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from crawler.queue import admission
from crawler.queue.admission import Prepared, Work
from crawler.queue.completions import Ending, Endings, Ways
from crawler.queue.host_scheduler import Hosts, gap_s
from crawler.queue.queue_consumer import Ears, Inbox
from crawler.watchdog import Watchdog
from linkshot.app import App
from linkshot.domain.messages import REQUESTS
from linkshot.errors import InvalidMessage, MessageRefused, StoreUnavailable, Unavailable
from linkshot.ports import Delivery
from linkshot.system.backoff import Backoff
from linkshot.system.failpoints import failpoint
from linkshot.use_cases.dead_letters import DeadLetterQueue

logger = logging.getLogger(__name__)

PAUSE_MIN_S, PAUSE_MAX_S = 1.0, 30.0
DISK_PAUSE_S = 5.0
SAME_REQUEST_S = 1.0
SAME_TROUBLE_S = 600.0
"""What did not answer, and was not asked again for so long, begins a new trouble when it fails."""
TAKING, PUBLISHING, STORE, BROWSER = "queue", "queue (publishing)", "store", "browser"
"""What can be in trouble. That messages come says nothing about whether any can be published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A delivery whose turn has come."""

    work: Work
    ending: Ending
    prepared: Prepared


class Trouble:
    """Since when a part of our own does not answer, and how long to wait."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._since: dict[str, float] = {}
        self._noted_at: dict[str, float] = {}
        self._backoff = Backoff(PAUSE_MIN_S, PAUSE_MAX_S)

    def note(self, part: str) -> float:
        """It does not answer; how long to pause, in seconds, longer each time."""
        now = self.clock()
        if now - self._noted_at.get(part, now) > SAME_TROUBLE_S:
            self._since[part] = now
        self._since.setdefault(part, now)
        self._noted_at[part] = now
        return self._backoff.next()

    def fine(self, part: str) -> None:
        """It answers."""
        if self._since.pop(part, None) is not None and not self._since:
            self._backoff.reset()

    def lasts_s(self) -> float:
        """How long the longest trouble has lasted."""
        return max((self.clock() - since for since in self._since.values()), default=0.0)


class Desk:
    """One worker's deliveries, from their arrival to their end."""

    def __init__(
        self,
        app: App,
        leave: Callable[[], None],
        watchdog: Watchdog,
        begun: Callable[[], None] = lambda: None,
    ) -> None:
        self.app = app
        self.settings = app.settings
        self.leave = leave
        """Called when trouble of our own has lasted too long."""
        self.begun = begun
        """Called when a delivery has come."""
        self.trouble = Trouble()
        self.dead = DeadLetterQueue(app)
        self.hosts: Hosts[Work] = Hosts(
            self.settings.page_slots, lambda visit_s: gap_s(self.settings, visit_s)
        )
        self.inbox = Inbox(
            lambda: app.queue,
            self.settings.window,
            Ears(
                arrived=self._arrived,
                lost=self._lost,
                trouble=lambda exc: self.in_trouble(exc, TAKING),
                fine=lambda: self.trouble.fine(TAKING),
            ),
        )
        self.endings = Endings(
            app,
            Ways(
                ack=self.inbox.ack,
                nack=self.inbox.nack,
                ended=self._ended,
                trouble=self.in_trouble,
                fine=lambda: self.trouble.fine(PUBLISHING),
            ),
            watchdog,
        )
        self._host_of: dict[str, str] = {}
        self._errands: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Deliveries begin to come in."""
        self.inbox.start()

    async def next(self) -> Turn:
        """The next delivery whose turn has come, with what is to be done about it."""
        while True:
            work = await self.hosts.next()
            turn = await self._turn(work)
            if turn is not None:
                return turn

    def drain(self) -> None:
        """Nothing new begins; what waits goes back."""
        self.inbox.draining = True
        waiting = self.hosts.waiting()
        self.hosts.discard(lambda _: True)
        self._errand(self._give_back(waiting))

    async def close(self) -> None:
        """Give back what is open, wait for what ends, leave the group."""
        for ending in self.endings.all():
            ending.nack()
        if self._errands:
            await asyncio.wait(self._errands, timeout=10)
        await asyncio.to_thread(self.endings.close)
        await asyncio.to_thread(self.inbox.close)

    def in_trouble(self, exc: Exception, part: str = PUBLISHING) -> None:
        """A part of our own does not answer: pause, and leave when it lasts."""
        part = STORE if isinstance(exc, StoreUnavailable) else part
        pause = self.trouble.note(part)
        self.hosts.pause(pause)
        logger.warning(
            "A part of linkshot does not answer; visits wait",
            extra={"action": "worker_paused", "part": part, "pause_s": pause, "error": str(exc)},
        )
        if self.trouble.lasts_s() > self.settings.unreachable_after_s:
            self.leave()

    async def _turn(self, work: Work) -> Turn | None:
        ending = None if self._disk_is_full() else self.endings.open(work.delivery, work.request)
        if ending is None:
            self._later(work)
            return None
        self._host_of[work.request.request_id] = work.host
        try:
            prepared = await asyncio.to_thread(admission.prepare, self.app, self.dead, work)
        except Unavailable as exc:
            self.in_trouble(exc)
            self.hosts.unvisited(work.host)
            ending.nack()
            return None
        self.trouble.fine(STORE)
        if prepared.result is not None:
            self.hosts.unvisited(work.host)
            ending.finish(prepared.result)
            return None
        ending.watch(self.settings.page_deadline_s * 2)
        return Turn(work=work, ending=ending, prepared=prepared)

    def _disk_is_full(self) -> bool:
        if not self.settings.url_of("store").startswith("file:"):
            return False
        self.settings.data.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self.settings.data).free >= self.settings.disk_floor_bytes:
            return False
        logger.warning("The disk is nearly full; no visits are started", extra={"action": "disk"})
        self.hosts.pause(DISK_PAUSE_S)
        return True

    def _later(self, work: Work) -> None:
        """Its turn comes again in a moment."""
        self.hosts.unvisited(work.host)
        self.hosts.release()
        loop = asyncio.get_running_loop()
        loop.call_later(SAME_REQUEST_S, lambda: self.hosts.offer(work.host, work))

    def _arrived(self, delivery: Delivery) -> None:
        self.begun()
        failpoint("after-take")
        self._errand(self._receive(delivery))

    async def _receive(self, delivery: Delivery) -> None:
        """Offer it for a visit, unless it was dealt with already or must go back."""
        try:
            work = await asyncio.to_thread(self._read, delivery)
        except Unavailable as exc:
            if not isinstance(exc, MessageRefused):
                self.in_trouble(exc)
            await self._give_back_one(delivery)
            return
        if work is None:
            self.trouble.fine(PUBLISHING)
        elif self.inbox.draining:
            await self._give_back_one(delivery)
        else:
            self.hosts.offer(work.host, work)

    def _read(self, delivery: Delivery) -> Work | None:
        """What is to be visited; None for what was passed on or set aside and is settled. Blocks."""
        try:
            if not self.dead.skip_if_requested(delivery):
                came = admission.read(
                    delivery, self.settings.allow_networks, self.settings.own_addresses
                )
                if isinstance(came, Work):
                    self.app.keyring.check(REQUESTS, delivery.value)
                    return came
                admission.pass_on(self.app, delivery, came)
        except (InvalidMessage, MessageRefused) as exc:
            self.dead.reject(delivery, exc)
        except Unavailable:
            raise
        except Exception as exc:
            logger.exception("A message breaks the worker's code")
            self.dead.send(delivery, "internal", type(exc).__name__)
        self.inbox.ack(delivery)
        return None

    def _ended(self, ending: Ending) -> None:
        self.hosts.release()
        if ending.overdue:
            host = self._host_of.get(ending.request.request_id, "")
            self.hosts.visited(host, self.settings.page_deadline_s)
        self._host_of.pop(ending.request.request_id, None)

    def _lost(self, delivery: Delivery) -> None:
        """Another worker gets it: what waits here is given back at once, so that nobody waits for us.

        A visit under way goes on, and who is second does no harm.
        """
        waiting = [w for w in self.hosts.waiting() if w.delivery.handle == delivery.handle]
        self.hosts.discard(lambda work: work.delivery.handle == delivery.handle)
        if waiting:
            self._errand(self._give_back(waiting))

    def _errand(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _give_back(self, works: list[Work]) -> None:
        for work in works:
            await self._give_back_one(work.delivery)

    async def _give_back_one(self, delivery: Delivery) -> None:
        try:
            await asyncio.to_thread(self.inbox.nack, delivery)
        except Unavailable as exc:
            self.in_trouble(exc)
