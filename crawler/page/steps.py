"""Time limits of the steps of a visit, and the record of what each of them cost and left out."""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import TypeVar

from playwright.async_api import Error as PlaywrightError

from crawler.page.isolated_world import ScriptError

T = TypeVar("T")


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

    async def run(
        self, name: str, work: Awaitable[T], cap_s: float, *, promised: bool = True
    ) -> T | None:
        """The result of the step, None when it timed out or failed.

        That marks the snapshot as partial, unless the page did not promise what the step wanted
        (a `/favicon.ico` that nothing refers to).
        """
        started = time.monotonic()
        try:
            async with asyncio.timeout(cap_s):
                return await work
        except (TimeoutError, ScriptError, PlaywrightError) as exc:
            if is_gone(exc):
                raise PageLost(str(exc)) from exc
            if promised:
                self.mark_partial(name)
        finally:
            self.seconds[name] = round(time.monotonic() - started, 3)
        return None

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
