"""Work under way, failures and dead letters."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from linkshot import json_shapes
from linkshot.use_cases import jobs
from web.api.schemas.snapshots import HopOut


class HostOut(BaseModel):
    """A host with work."""

    host: str
    due: int
    sent: int
    visiting: int | None
    """Of those sent; null: not known."""
    blocked_until: datetime | None


class FailedOut(BaseModel):
    """A link whose last visit failed, and when it is tried again."""

    link_id: str
    url: str
    title: str
    state: str
    kind: str
    detail: str
    attempts: int
    activity: str
    next_try: datetime | None
    """As a retry or by its watch; null: not by itself, or under way."""
    watch_at: datetime | None
    hops: list[HopOut]
    """Redirects that were followed until it failed."""


class JobsOut(BaseModel):
    """The state of the work."""

    due: int
    later: int
    sent: int
    visiting: int | None
    """Of those sent; null: not known, the queue or the store does not answer."""
    workers: int | None
    """Workers that read the queue; null: not known."""
    not_running: list[str]
    """Roles that nobody does while links or edits wait for them: `dispatch`, `crawl`, `index`."""
    dead: int
    unannounced: int
    """Edits that dispatch has not announced to the index."""
    unindexed: int | None
    """Edits that the index does not know yet, announced or not; null: not known."""
    indexed_until: datetime | None
    hosts: list[HostOut]
    failed: list[FailedOut]

    @classmethod
    def of(cls, overview: jobs.Overview) -> Self:
        """Built from linkshot.json_shapes."""
        return cls.model_validate(json_shapes.jobs(overview))


class DeadOut(BaseModel):
    """A message nobody could work on."""

    dead_id: str
    topic: str
    where: str
    reason: str
    detail: str
    attempts: int
    at: datetime
    requeued_at: datetime | None
    bytes: int | None = None
    """Of the whole message; null in a letter of an older linkshot."""
    cut: bool = False
    """Whether the letter holds only the beginning of the message."""
    complete: bool = True
    """Whether the message can be sent again as it was."""

    @classmethod
    def of(cls, summary: jobs.DeadLetterSummary) -> Self:
        """The response for a dead letter."""
        return cls.model_validate(json_shapes.dead_letter(summary))


class DeadLettersOut(BaseModel):
    """Dead letters, newest first."""

    items: list[DeadOut]


class CountOut(BaseModel):
    """How many were changed."""

    count: int
