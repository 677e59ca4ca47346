"""Runs dispatch and index as threads and crawl as a child process, and ends them in order."""

import logging
import threading
from collections.abc import Callable
from typing import Self

from linkshot.app import App
from linkshot.processes.crawl_process import NACK_TIMEOUT_S, CrawlProcess
from linkshot.system.config import Settings

logger = logging.getLogger(__name__)

Beat = Callable[[], None]
"""What a role calls after each round of its work."""

CRAWL_POLL_S = 0.2
JOIN_TIMEOUT_S = 10.0


class Roles:
    """The roles this process does, from their start until the block ends."""

    def __init__(self, app: App, crawl_settings: Settings | None = None) -> None:
        self.app = app
        self._crawl_settings = crawl_settings or app.settings
        self.stopping = threading.Event()
        self.failure: BaseException | None = None
        """What ended a role that should have gone on; None while all is well."""
        self._child: CrawlProcess | None = None
        self._work = {"dispatch": self._dispatch, "index": self._index, "crawl": self._crawl}
        self._threads: list[threading.Thread] = []
        self._starting = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, name: str) -> None:
        """Begins a role, unless all are ending; the caller holds its lock until `stop` has returned."""
        thread = threading.Thread(
            target=self._run_guarded, args=(self._work[name],), name=name, daemon=True
        )
        with self._starting:
            if not self.stopping.is_set():
                thread.start()
                self._threads.append(thread)

    def abort(self) -> None:
        """Returns visits under way to the queue at once, unacknowledged (nack)."""
        if self._child is not None:
            self._child.abort()

    def stop(self) -> None:
        """End all roles in order: visits are drained, then results are taken in; repeatable."""
        with self._starting:
            self.stopping.set()
        for thread in self._threads:
            thread.join(self.app.settings.drain_timeout_s + NACK_TIMEOUT_S + JOIN_TIMEOUT_S)

    def _run_guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as exc:
            self.failure = exc
            self.stopping.set()  # the others end in order, and the process with an error
            logger.exception("A role ended that should have gone on")

    def _dispatch(self) -> None:
        from linkshot.dispatch import run_dispatch

        run_dispatch(self.app, self.stopping)

    def _index(self) -> None:
        from linkshot.processes.index_role import run_index_role

        run_index_role(self.app, self.stopping)

    def _crawl(self) -> None:
        child = self._child = CrawlProcess(self._crawl_settings)
        try:
            while not self.stopping.is_set():
                child.ensure()
                self.stopping.wait(CRAWL_POLL_S)
        finally:
            child.stop(self.app.settings.drain_timeout_s)


def roles_to_lock(app: App, names: tuple[str, ...]) -> tuple[str, ...]:
    """The roles that need this machine's lock: all when embedded, none with servers."""
    return names if app.settings.is_embedded("queue") else ()
