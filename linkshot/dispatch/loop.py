"""Runs the loops of dispatch in one thread until it is told to stop."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable

from linkshot.app import App
from linkshot.catalogue.keys import renew_unseen, unseen
from linkshot.dispatch import announcing, journal, losses, sending
from linkshot.dispatch.comparing import Comparison
from linkshot.dispatch.dead_letters import take_in_skipped
from linkshot.dispatch.intake import Intake
from linkshot.dispatch.scheduling import make_watches_due
from linkshot.errors import Unavailable
from linkshot.forgetting import forget
from linkshot.logs import Seldom
from linkshot.wiring import is_embedded

logger = logging.getLogger(__name__)

FORGET_EVERY_S = 3600.0
"""A purge does it itself; this takes what one that was killed left, and results that came late."""
RENEW_EVERY_S = 60.0
"""While the processes of a cluster are exchanged one by one, older ones still add links by their rule."""
SKIPPED_EVERY_S = 10.0
BACKOFF_MIN_S, BACKOFF_MAX_S = 0.5, 30.0


class Step:
    """One recurring piece of work that backs off by itself while its part does not answer."""

    def __init__(
        self, work: Callable[[], int], every_s: float = 0.0, seldom: Seldom | None = None
    ) -> None:
        self.work = work
        self.every_s = every_s
        self._not_before = 0.0
        self._backoff = BACKOFF_MIN_S
        self._seldom = seldom or Seldom()

    def run(self) -> int:
        """How much was done; 0 when it is not its turn or its part does not answer."""
        if time.monotonic() < self._not_before:
            return 0
        try:
            done = self.work()
        except Unavailable as exc:
            self._wait(exc)
            return 0
        self._backoff = BACKOFF_MIN_S
        self._not_before = time.monotonic() + self.every_s
        return done

    def _wait(self, exc: Unavailable) -> None:
        sentence = "Dispatch waits for a part that does not answer"
        self._seldom.warn(logger, sentence, exc.message, action="dispatch_waits")
        self._not_before = time.monotonic() + self._backoff
        self._backoff = min(self._backoff * 2, BACKOFF_MAX_S)


def run_dispatch(app: App, stop: threading.Event, beat: Callable[[], None] = lambda: None) -> None:
    """Work until `stop` is set; then take in what is already there, announce and journal it.

    `beat` is called after each step, also while a part does not answer.
    """
    alone = is_embedded(app.settings, "queue")
    holder = "embedded" if alone else f"{socket.gethostname()}-{os.getpid()}"
    intake = Intake(app)
    seldom = Seldom()
    compare, every_s = Comparison(app).step, app.settings.loss_check_s
    steps = [
        Step(lambda: losses.look(app), every_s=every_s, seldom=seldom),
        Step(intake.work_once, seldom=seldom),
        Step(lambda: make_watches_due(app), every_s=1.0, seldom=seldom),
        Step(lambda: sending.send_due(app, holder), seldom=seldom),
        Step(lambda: announcing.announce(app), seldom=seldom),
        Step(lambda: journal.write_if_due(app), seldom=seldom),
        Step(lambda: announcing.note_freshness(app), every_s=2.0, seldom=seldom),
        Step(compare, every_s=every_s, seldom=seldom),
        Step(lambda: renew_keys(app), every_s=RENEW_EVERY_S, seldom=seldom),
        Step(lambda: take_in_skipped(app), every_s=SKIPPED_EVERY_S, seldom=seldom),
        Step(lambda: forget(app), every_s=FORGET_EVERY_S, seldom=seldom),
    ]
    Step(lambda: sending.resume(app), seldom=seldom).run()
    try:
        while not stop.is_set():
            done = 0
            for step in steps:
                done += step.run()
                beat()
            if not done:
                stop.wait(app.settings.dispatch_interval_s)
    finally:
        _last_round(app, intake)


def renew_keys(app: App) -> int:
    """Keys of the current rule for links that a process of an older version added; how many changed."""
    with app.catalogue.read() as conn:
        if unseen(conn) is None:
            return 0
    with app.catalogue.edit() as conn:
        return renew_unseen(conn)


def _last_round(app: App, intake: Intake) -> None:
    seldom = Seldom()
    for step in (
        intake.work_once,
        lambda: announcing.announce(app),
        lambda: journal.write(app),
    ):
        Step(step, seldom=seldom).run()
    intake.close()
