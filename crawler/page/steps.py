"""Time limits of the steps of a visit, and the record of what each of them cost and left out."""

import asyncio
import math
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from playwright.async_api import Error as PlaywrightError

from crawler.page.isolated_world import ScriptError
from linkshot.domain.model import OUT_OF_TIME
from linkshot.domain.rfc3339 import rfc3339

T = TypeVar("T")
MAX_RECORDED = 100
"""Steps in the record of one visit; a page that replaces itself makes some run again."""

SETTLED_BY, CAPTURED_BY = 0.65, 0.95
"""Shares of a visit's time after which a page is waited for no longer, and after which its capture ends: what
is there by then is kept."""
MIN_S = 0.1
"""A step with less time than this is left out."""


class PageLost(Exception):
    """The page, its context or its browser is gone; `said` is how Playwright reports it."""

    def __init__(self, said: str) -> None:
        # what follows is the browser's command line and log
        super().__init__(said.partition("\n")[0])

    by_other = False
    """Whether the browser was killed because of another page."""
    was_alone = False
    """Whether no other page was in the browser."""
    kind = "crash"
    """Failure kind if it happens again: crash or memory."""


@dataclass(slots=True)
class Steps:
    """Runs steps with a cap each; a step that fails degrades the snapshot, none ends the visit.

    A step takes half of the time that is left at most, so that those after it have some, too. When the time of
    the visit is up, steps are left out.
    """

    deadline_s: float = math.inf
    """The time of the whole visit."""
    began: float = field(default_factory=time.monotonic)
    has_settled: bool = False
    """Whether what is left is the capture; until then a part of the time is reserved for it."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Step → its duration."""
    partial: list[str] = field(default_factory=list)
    """Stable words for what is missing or cut short."""
    log: list[dict[str, str | float]] = field(default_factory=list)
    """Each step that was run: `step`, when it began (`at`, RFC 3339), `seconds`, and `ended`: `done`, `timeout`
    or `failed`."""

    async def run(
        self, name: str, work: Coroutine[Any, Any, T], cap_s: float, *, promised: bool = True
    ) -> T | None:
        """The result of the step, None when it timed out, failed or was left out.

        That marks the snapshot as partial, unless the page did not promise what the step wanted
        (a `/favicon.ico` that nothing refers to).
        """
        at, started, ended = datetime.now(UTC), time.monotonic(), "failed"
        within_s = min(cap_s, self.left_s / 2)
        try:
            if within_s < MIN_S:
                work.close()
                raise TimeoutError
            async with asyncio.timeout(within_s):
                result = await work
            ended = "done"
            return result
        except (TimeoutError, ScriptError, PlaywrightError) as exc:
            if is_gone(exc):
                raise PageLost(str(exc)) from exc
            ended = "timeout" if isinstance(exc, TimeoutError) else "failed"
            if promised:
                self.mark_partial(name)
            if promised and isinstance(exc, TimeoutError) and within_s < cap_s:
                self.mark_partial(OUT_OF_TIME)
        finally:
            self.record(name, at, time.monotonic() - started, ended)
        return None

    def record(self, name: str, at: datetime, seconds: float, ended: str) -> None:
        """Record a step that has ended."""
        self.seconds[name] = round(seconds, 3)
        if len(self.log) < MAX_RECORDED:
            took, began = self.seconds[name], rfc3339(at, "milliseconds")
            self.log.append({"step": name, "at": began, "seconds": took, "ended": ended})

    @property
    def left_s(self) -> float:
        """Until the page has to have settled, or then until the capture has to be there."""
        share = CAPTURED_BY if self.has_settled else SETTLED_BY
        return self.began + self.deadline_s * share - time.monotonic()

    def mark_partial(self, name: str) -> None:
        """Record that something is missing or cut short; repeatable."""
        if name not in self.partial:
            self.partial.append(name)


def is_gone(exc: Exception) -> bool:
    """Whether the error means that the page cannot be asked for anything any more.

    Playwright has a class for this (TargetClosedError) but does not export it, and a renderer that
    crashed is only told by the text of a general error.
    """
    text = str(exc)
    return isinstance(exc, PlaywrightError) and (
        type(exc).__name__ == "TargetClosedError"
        or "Target crashed" in text
        or "has been closed" in text
    )
