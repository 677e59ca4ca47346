"""Owns a crawl worker as a child process, which ends when the pipe from here closes."""

import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

from linkshot.system.backoff import Backoff
from linkshot.system.config import Settings, settings_env

logger = logging.getLogger(__name__)

EXCLUDED_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "LINKSHOT_PASSWORD")
"""Not for the child: proxies would go round the egress guard, the password is the web's."""

RESTART_MIN_S, RESTART_MAX_S = 1.0, 60.0
NACK_TIMEOUT_S = 25.0
"""After its drain a worker may need so long to give everything back and to end its browser."""


class CrawlProcess:
    """`python -m crawler` in its own process group, started again when it dies."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe = -1
        self._backoff = Backoff(RESTART_MIN_S, RESTART_MAX_S)
        self._not_before = 0.0

    @property
    def pid(self) -> int | None:
        """Of the child, None when none runs."""
        return self._process.pid if self._process else None

    def ensure(self) -> None:
        """Start it when it is not running and its pause is over; call this now and then."""
        if self._process and (code := self._process.poll()) is not None:
            self._ended(code)
        if self._process is None and time.monotonic() >= self._not_before:
            self._start()

    def stop(self, timeout_s: float) -> None:
        """SIGTERM, wait, then SIGKILL for the whole group; nothing of it is left."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout_s + NACK_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            logger.warning("The crawl worker did not end in time and is killed")
        self._forget()

    def abort(self) -> None:
        """A second SIGTERM: the worker returns its visits to the queue at once (nack)."""
        if self._process:
            self._process.send_signal(signal.SIGTERM)

    def _start(self) -> None:
        # However this process ends, its end of the pipe closes, and the child, which reads, ends too.
        read_end, write_end = os.pipe()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "crawler", "--parent-fd", str(read_end)],
                env=_environment(self.settings),
                stdin=subprocess.DEVNULL,
                pass_fds=(read_end,),
                start_new_session=True,
            )
        finally:
            os.close(read_end)
        self._pipe = write_end

    def _ended(self, code: int) -> None:
        pause_s = self._backoff.next()
        logger.warning(
            "The crawl worker ended and is started again",
            extra={"action": "crawl_restarted", "exit_code": code, "pause_s": pause_s},
        )
        self._not_before = time.monotonic() + pause_s
        self._forget()

    def _forget(self) -> None:
        if self._process is None:
            return
        # The whole group: the browser is in it and may have outlived the worker.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._pipe)
        self._process, self._pipe = None, -1


def _environment(settings: Settings) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k.upper() not in EXCLUDED_VARIABLES}
    given = settings_env(settings)
    given.pop("LINKSHOT_PASSWORD", None)
    return kept | given
