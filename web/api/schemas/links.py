"""Links as the API returns them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel

from linkshot import json_shapes
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


class LinkFields(BaseModel):
    """What lists, search results and single links have in common."""

    link_id: str
    url: str
    site: str
    title: str
    note: str
    tags: list[str]
    state: str
    activity: str
    """`` (nothing), `due` or `sent`."""
    unread: bool
    watched: bool
    added_at: datetime
    changed_at: datetime | None
    """When the text of the page last changed; null as long as it is that of the first snapshot."""
    due_at: datetime | None
    next_visit_at: datetime | None
    """When it is visited next by itself, as a retry or by its watch."""
    no_snapshot_rule: str | None
    """The site whose rule keeps it from being visited; null: it may be."""
    deleted_at: datetime | None
    versions: int
    rev: int


class LinkOut(LinkFields):
    """A kept link."""

    progress: ProgressOut | None
    """Where it stands while it is due or sent; only where one link is asked for."""
    snapshot: SnapshotOut | None
    """The one shown: the last that passed the quality check."""
    last: SnapshotOut | None
    """The newest visit, whatever came of it."""

    @classmethod
    def of(cls, link: model.Link) -> Self:
        """Built from linkshot.json_shapes."""
        return cls.model_validate(json_shapes.link_detail(link))


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
        """Built from linkshot.json_shapes."""
        damaged = [json_shapes.damage(one) for one in found]
        body = json_shapes.link_detail(link, standing) | {"damaged": damaged}
        return cls.model_validate(body)


class AddedOut(LinkOut):
    """A link that is kept now."""

    existing: bool
    """It was known before."""
    warnings: list[str]
    """Codes of what was not taken as it was given, such as `note.joined`; docs/importing.md names them."""

    @classmethod
    def of_added(cls, added: AddedLink) -> Self:
        """Built from linkshot.json_shapes."""
        mine = {"existing": added.existing, "warnings": list(added.warnings)}
        return cls.model_validate(json_shapes.link_detail(added.link) | mine)


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
