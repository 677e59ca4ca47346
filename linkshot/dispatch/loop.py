"""Runs the periodic tasks of dispatch in one thread until it is stopped.

Each task backs off by itself, so that a backend that is away does not delay the others.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from linkshot.app import App
from linkshot.catalogue.keys import first_unchecked, rekey_unchecked
from linkshot.dispatch import lost_messages, outbox, request_publisher, upload_publisher
from linkshot.dispatch.catalogue_consumer import CatalogueConsumer
from linkshot.dispatch.dead_letter_records import record_skipped
from linkshot.dispatch.index_comparison import IndexComparison
from linkshot.dispatch.scheduling import make_watches_due
from linkshot.errors import Unavailable
from linkshot.journal import batches
from linkshot.system.backoff import Backoff
from linkshot.system.config import Settings
from linkshot.system.file_changes import FileChanges
from linkshot.system.log_config import ThrottledLog
from linkshot.use_cases.purge import purge_snapshots

logger = logging.getLogger(__name__)

PURGE_EVERY_S = 3600.0
"""A purge does it itself; this takes what one that was killed left, and results that came late."""
REKEY_EVERY_S = 60.0
"""While the processes of a cluster are exchanged one by one, older ones still add links by their rule."""
SKIPPED_EVERY_S = 10.0
BACKOFF_MIN_S, BACKOFF_MAX_S = 0.5, 30.0


class PeriodicTask:
    """One recurring piece of work that backs off by itself while its part does not answer."""

    def __init__(
        self, work: Callable[[], int], every_s: float = 0.0, throttled: ThrottledLog | None = None
    ) -> None:
        self.work = work
        self.every_s = every_s
        self._not_before = 0.0
        self._backoff = Backoff(BACKOFF_MIN_S, BACKOFF_MAX_S)
        self._throttled_log = throttled or ThrottledLog()

    def run(self) -> int:
        """How much was done; 0 when it is not its turn or its part does not answer."""
        if time.monotonic() < self._not_before:
            return 0
        try:
            done = self.work()
        except Unavailable as exc:
            sentence = "Dispatch waits for a part that does not answer"
            self._throttled_log.warn(logger, sentence, exc.message, action="dispatch_waits")
            self._not_before = time.monotonic() + self._backoff.next()
            return 0
        self._backoff.reset()
        self._not_before = time.monotonic() + self.every_s
        return done


def run_dispatch(app: App, stop: threading.Event, beat: Callable[[], None] = lambda: None) -> None:
    """Work until `stop` is set; then take in what is already there, announce and journal it.

    `beat` is called after each step, also while a part does not answer.
    """
    alone = app.settings.is_embedded("queue")
    holder = "embedded" if alone else f"{socket.gethostname()}-{os.getpid()}"
    consumer = CatalogueConsumer(app)
    throttled = ThrottledLog()
    compare, every_s = IndexComparison(app).step, app.settings.loss_check_s
    steps = [
        PeriodicTask(lambda: lost_messages.check(app), every_s=every_s, throttled=throttled),
        PeriodicTask(consumer.work_once, throttled=throttled),
        PeriodicTask(lambda: make_watches_due(app), every_s=1.0, throttled=throttled),
        PeriodicTask(lambda: request_publisher.publish_due(app, holder), throttled=throttled),
        PeriodicTask(lambda: upload_publisher.publish_uploads(app, holder), throttled=throttled),
        PeriodicTask(lambda: outbox.publish_changes(app), throttled=throttled),
        PeriodicTask(lambda: batches.write_if_due(app), throttled=throttled),
        PeriodicTask(lambda: outbox.record_freshness(app), every_s=2.0, throttled=throttled),
        PeriodicTask(compare, every_s=every_s, throttled=throttled),
        PeriodicTask(lambda: rekey_new_links(app), every_s=REKEY_EVERY_S, throttled=throttled),
        PeriodicTask(lambda: record_skipped(app), every_s=SKIPPED_EVERY_S, throttled=throttled),
        PeriodicTask(lambda: purge_snapshots(app), every_s=PURGE_EVERY_S, throttled=throttled),
    ]
    # Whether the queue has what was leased and not marked as sent is not known; twice does no harm.
    PeriodicTask(lambda: request_publisher.resend_unconfirmed(app), throttled=throttled).run()
    changes = FileChanges.of_sqlite(_embedded_files(app.settings))
    try:
        while not stop.is_set():
            done, seen = 0, changes.stamp()
            for step in steps:
                done += step.run()
                beat()
            if not done:
                changes.wait(seen, stop, app.settings.dispatch_interval_s)
    finally:
        _drain(app, consumer)


def _embedded_files(settings: Settings) -> list[Path]:
    """What changes when a link is added here or a visit has ended."""
    parts = ("catalogue", "queue")
    return [settings.path_of(part) for part in parts if settings.is_embedded(part)]


def rekey_new_links(app: App) -> int:
    """Keys of the current rule for links that a process of an older version added; how many changed."""
    with app.catalogue.read() as conn:  # nearly always there is none, and no edit has to wait
        if first_unchecked(conn) is None:
            return 0
    with app.catalogue.edit() as conn:
        return rekey_unchecked(conn)


def _drain(app: App, consumer: CatalogueConsumer) -> None:
    throttled = ThrottledLog()
    for step in (
        consumer.work_once,
        lambda: outbox.publish_changes(app),
        lambda: batches.write(app),
    ):
        PeriodicTask(step, throttled=throttled).run()
    consumer.close()  # last: what was taken and not acknowledged is redelivered
