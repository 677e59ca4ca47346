"""A shared/exclusive lock for visits: a suspect visit runs with nothing else in the worker. (asyncio)"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class VisitGate:
    """Shared visits run together; an exclusive one waits until all have left and keeps others out."""

    def __init__(self) -> None:
        self._inside = 0
        self._exclusive = False
        self._waiting_exclusive = 0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def enter(self, *, exclusive: bool) -> AsyncIterator[None]:
        """Hold the lock while the block runs; a waiting exclusive visit goes before later shared ones."""
        await (self._enter_exclusive() if exclusive else self._enter())
        try:
            yield
        finally:
            async with self._changed:
                self._inside -= 1
                self._exclusive = False
                self._changed.notify_all()

    async def _enter(self) -> None:
        async with self._changed:
            await self._changed.wait_for(
                lambda: not self._exclusive and not self._waiting_exclusive
            )
            self._inside += 1

    async def _enter_exclusive(self) -> None:
        async with self._changed:
            self._waiting_exclusive += 1
            try:
                await self._changed.wait_for(lambda: self._inside == 0)
                self._inside, self._exclusive = 1, True
            finally:
                self._waiting_exclusive -= 1
                self._changed.notify_all()
