"""Links as the API returns them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel

from linkshot.domain import model
from linkshot.domain.visit_stage import VisitProgress
from linkshot.use_cases.damaged_objects import DamagedObject
from linkshot.use_cases.links import AddedLink
from web.api.schemas.snapshots import SnapshotOut


class ProgressOut(BaseModel):
    """Where a link stands whose visit is due or sent."""

    stage: str
    """`queued`, `waiting_for_host`, `waiting_for_worker` (none is running), `worker_starting`,
    `waiting_for_dispatch`, `visiting` or `not_known`."""
    since: datetime | None
    """When the visit began; null: it has not."""
    until: datetime | None
    """Before when its host asked not to be visited."""

    @classmethod
    def of(cls, standing: VisitProgress) -> Self:
        """As the API gives it."""
        return cls(stage=standing.stage.value, since=standing.since, until=standing.until)


class LinkOut(BaseModel):
    """A kept link."""

    link_id: str
    url: str
    site: str
    title: str
    note: str
    tags: list[str]
    state: str
    activity: str
    """`` (nothing), `due` or `sent`."""
    progress: ProgressOut | None
    """Where it stands while it is due or sent; only where one link is asked for."""
    unread: bool
    watched: bool
    added_at: datetime
    changed_at: datetime | None
    """When the text of the page last changed; null as long as it is that of the first snapshot."""
    due_at: datetime | None
    next_visit_at: datetime | None
    """When it is visited next by itself, as a retry or by its watch."""
    deleted_at: datetime | None
    versions: int
    rev: int
    snapshot: SnapshotOut | None
    """The one shown: the last that passed the quality check."""
    last: SnapshotOut | None
    """The newest visit, whatever came of it."""

    @classmethod
    def of(cls, link: model.Link, standing: VisitProgress | None = None) -> Self:
        """As the API gives it."""
        return cls(
            link_id=link.link_id,
            url=link.url,
            site=link.host,
            title=link.title,
            note=link.note,
            tags=[tag.name for tag in link.tags],
            state=link.state.value,
            activity=link.activity,
            progress=ProgressOut.of(standing) if standing else None,
            unread=link.unread,
            watched=link.watched,
            added_at=link.added_at,
            changed_at=link.changed_at,
            due_at=link.due_at,
            next_visit_at=link.next_visit_at,
            deleted_at=link.deleted_at,
            versions=link.versions,
            rev=link.rev,
            snapshot=SnapshotOut.of(link.current) if link.current else None,
            last=SnapshotOut.of(link.last) if link.last else None,
        )


class DamageOut(BaseModel):
    """A stored object of the link that is damaged."""

    role: str
    key: str
    fault: str
    """`missing`, `size`, `content` or `unreadable`."""
    found_at: datetime


class LinkDetailOut(LinkOut):
    """A kept link, and what of its snapshots is damaged in the store."""

    damaged: list[DamageOut]

    @classmethod
    def of_link(
        cls, link: model.Link, found: Sequence[DamagedObject], standing: VisitProgress | None
    ) -> Self:
        """As the API gives it."""
        damaged = [
            DamageOut(
                role=one.role.value, key=one.key, fault=one.fault.value, found_at=one.found_at
            )
            for one in found
        ]
        return cls(**dict(LinkOut.of(link, standing)), damaged=damaged)


class AddedOut(LinkOut):
    """A link that is kept now."""

    existing: bool
    """It was known before."""
    warnings: list[str]

    @classmethod
    def of_added(cls, added: AddedLink) -> Self:
        """As the API gives it."""
        link = LinkOut.of(added.link)
        return cls(**dict(link), existing=added.existing, warnings=list(added.warnings))


class RowError(BaseModel):
    """Why one link of a batch was not kept."""

    row: int
    """0-based place in the batch."""
    code: str
    detail: str
    field: str | None


class BatchOut(BaseModel):
    """What became of a batch."""

    items: list[AddedOut]
    errors: list[RowError]


class LinksOut(BaseModel):
    """Some links."""

    items: list[LinkOut]
