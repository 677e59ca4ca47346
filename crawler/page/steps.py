"""How long may each step of a visit take, and what became of it?"""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import TypeVar

from playwright.async_api import Error as PlaywrightError

from crawler.page.isolated_world import ScriptFailed

T = TypeVar("T")


class PageLost(Exception):
    """The page, its context or its browser is gone."""

    by_other = False
    """Whether the browser was killed because of another page."""
    kind = "crash"
    """The failure it is when it happens again: crash or memory."""


@dataclass(slots=True)
class Steps:
    """Each step has a cap and degrades the snapshot when it fails; none ends the visit."""

    seconds: dict[str, float] = field(default_factory=dict)
    """Step → how long it took."""
    partial: list[str] = field(default_factory=list)
    """Stable words for what was cut short."""

    async def do(
        self, name: str, work: Awaitable[T], cap_s: float, *, promised: bool = True
    ) -> T | None:
        """The result of the step, None when it did not end in time or failed; what nobody promised
        is then not missing."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(cap_s):
                return await work
        except (TimeoutError, ScriptFailed, PlaywrightError) as exc:
            if is_gone(exc):
                raise PageLost(str(exc)) from exc
            if promised:
                self.cut(name)
        finally:
            self.seconds[name] = round(time.monotonic() - started, 3)
        return None

    def cut(self, name: str) -> None:
        """Something was cut short."""
        if name not in self.partial:
            self.partial.append(name)


def is_gone(exc: Exception) -> bool:
    """Whether nothing more can be asked of the page."""
    text = str(exc)
    return isinstance(exc, PlaywrightError) and (
        type(exc).__name__ == "TargetClosedError"
        or "Target crashed" in text
        or "has been closed" in text
    )
