"""Watches: the schedules of links."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from linkshot import json_shapes
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
        """Built from linkshot.json_shapes."""
        return cls.model_validate(json_shapes.watch(watch))


class WatchesOut(BaseModel):
    """All watches, the next visit first."""

    items: list[WatchOut]
