"""Exit codes of a crawl worker, and the watch on its parent process."""

import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum

from linkshot.system.signals import SIGNALLED_EXIT_CODE

logger = logging.getLogger(__name__)


class ExitCode(IntEnum):
    """Exit codes of a crawl worker."""

    OK = SIGNALLED_EXIT_CODE
    FAILED = 1
    """An error of our own; the log has it."""
    PARENT_GONE = 3
    UNREACHABLE = 75
    """Store or queue did not answer for too long (EX_TEMPFAIL of sysexits.h)."""
    STUCK = 70
    """The event loop stood still past a visit's deadline and grace (EX_SOFTWARE)."""
    CONFIG = 78
    """A setting cannot work (EX_CONFIG)."""


class ParentProcess:
    """The process that started this one; a pipe from it closes when it ends, even by SIGKILL."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self.gone: Callable[[], None] = lambda: os._exit(ExitCode.PARENT_GONE)
        """Called from a thread of its own when the parent has ended."""

    def watch(self) -> None:
        """Begin to wait for its end, in a thread."""
        threading.Thread(target=self._wait, name="parent", daemon=True).start()

    def _wait(self) -> None:
        with suppress(OSError):
            while os.read(self._pipe, 1):
                pass
        logger.warning("The parent process is gone; the worker ends")
        self.gone()
