"""Time limits of the steps of a visit, and the record of what each of them cost and left out."""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from playwright.async_api import Error as PlaywrightError

from crawler.page.isolated_world import ScriptError

T = TypeVar("T")
MAX_RECORDED = 100
"""Steps in the record of one visit; a page that replaces itself makes some run again."""


class PageLost(Exception):
    """The page, its context or its browser is gone."""

    by_other = False
    """Whether the browser was killed because of another page."""
    kind = "crash"
    """Failure kind if it happens again: crash or memory."""


@dataclass(slots=True)
class Steps:
    """Runs steps with a cap each; a step that fails degrades the snapshot, none ends the visit."""

    seconds: dict[str, float] = field(default_factory=dict)
    """Step → its duration."""
    partial: list[str] = field(default_factory=list)
    """Stable words for what is missing or cut short."""
    log: list[dict[str, str | float]] = field(default_factory=list)
    """Each step that was run: `step`, when it began (`at`, RFC 3339), `seconds`, and `ended`: `done`, `timeout`
    or `failed`."""

    async def run(
        self, name: str, work: Awaitable[T], cap_s: float, *, promised: bool = True
    ) -> T | None:
        """The result of the step, None when it timed out or failed.

        That marks the snapshot as partial, unless the page did not promise what the step wanted
        (a `/favicon.ico` that nothing refers to).
        """
        at, started, ended = datetime.now(UTC), time.monotonic(), "failed"
        try:
            async with asyncio.timeout(cap_s):
                result = await work
            ended = "done"
            return result
        except (TimeoutError, ScriptError, PlaywrightError) as exc:
            if is_gone(exc):
                raise PageLost(str(exc)) from exc
            ended = "timeout" if isinstance(exc, TimeoutError) else "failed"
            if promised:
                self.mark_partial(name)
        finally:
            self.record(name, at, time.monotonic() - started, ended)
        return None

    def record(self, name: str, at: datetime, seconds: float, ended: str) -> None:
        """Record a step that has ended."""
        self.seconds[name] = round(seconds, 3)
        if len(self.log) < MAX_RECORDED:
            began = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            took = self.seconds[name]
            self.log.append({"step": name, "at": began, "seconds": took, "ended": ended})

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
