"""Limits how many imports run concurrently in this server."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, cast

from fastapi import Depends, Request

from linkshot.errors import TooMany


class ImportLimiter:
    """Each import occupies one of the server's threads and, row by row, the catalogue.

    Slots are counted in this process, not in the catalogue: an aborted import leaks none.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._free = threading.BoundedSemaphore(most)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Holds a slot while the block runs; raises TooMany at once when all are taken."""
        if not self._free.acquire(blocking=False):
            raise TooMany(
                f"{self.most} imports are running, which is the limit (imports_at_once); "
                "nothing of this one was taken, send it again when one of them has ended.",
                code="imports.too_many",
                limit=self.most,
            )
        try:
            yield
        finally:
            self._free.release()


async def import_limiter_of(request: Request) -> ImportLimiter:
    """FastAPI dependency: the limiter of this server."""
    return cast("ImportLimiter", request.app.state.imports)


ImportLimiterDep = Annotated[ImportLimiter, Depends(import_limiter_of)]
