"""Exponential backoff: how long to pause before the next try of something that failed. (pure)

Keeps no time of its own and never sleeps. The caller waits in its own way, on an event, a clock or an
event loop, and calls reset() after a success. The delays have no jitter: each user retries a part of
linkshot from a single process, so there is no crowd to spread out. Visits of foreign hosts are retried
by domain/retry.py, which has jitter.
"""


class Backoff:
    """Delays in seconds: `first_s`, then each `factor` times the one before, at most `max_s`."""

    def __init__(self, first_s: float, max_s: float, *, factor: float = 2.0) -> None:
        self._first_s, self._max_s, self._factor = first_s, max_s, factor
        self._next_s = first_s

    def next(self) -> float:
        """The pause that is due now; the one after it is longer."""
        delay_s = self._next_s
        self._next_s = min(delay_s * self._factor, self._max_s)
        return delay_s

    def reset(self) -> None:
        """Begins again with the first delay."""
        self._next_s = self._first_s
