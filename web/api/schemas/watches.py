"""Watches: the schedules of links."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from linkshot.use_cases.watches import Watch


class WatchOut(BaseModel):
    """A link that is visited again and again."""

    link_id: str
    url: str
    title: str
    every: str
    next_at: datetime

    @classmethod
    def of(cls, watch: Watch) -> Self:
        """As the API gives it."""
        link = watch.link
        return cls(
            link_id=link.link_id,
            url=link.url,
            title=link.title,
            every=watch.every,
            next_at=watch.next_at,
        )


class WatchesOut(BaseModel):
    """All watches, the next visit first."""

    items: list[WatchOut]
