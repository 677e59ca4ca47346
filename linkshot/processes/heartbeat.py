"""The heartbeat of a role: a file that its loop renews, so that its age tells whether the loop goes round.

Each role that runs for ever writes it when `heartbeat_file` names one; `linkshot healthcheck` reads
it. It says nothing of servers: a role that waits for one that is away is well.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path

logger = logging.getLogger(__name__)

BEAT_INTERVAL_S = 5.0
"""Between two beats, at least."""


class Heartbeat:
    """Renews the file when its role's loop calls beat(); does nothing without a file."""

    def __init__(self, file: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._file = Path(file) if file else None
        self._clock = clock
        self._next = clock()
        self._has_warned = False

    def beat(self) -> None:
        """Called once a round; writes at most every BEAT_INTERVAL_S. A file that cannot be written goes stale."""
        if self._file is None or self._clock() < self._next:
            return
        self._next = self._clock() + BEAT_INTERVAL_S
        try:
            self._file.touch()
        except OSError as exc:
            if not self._has_warned:
                logger.warning("The heartbeat cannot be written", extra={"why": exc.strerror})
            self._has_warned = True


def age_s(file: str, now: float | None = None) -> float | None:
    """Seconds since the last beat; None when there was none."""
    try:
        beaten_at = Path(file).stat().st_mtime
    except OSError:
        return None
    return max(0.0, (time.time() if now is None else now) - beaten_at)
