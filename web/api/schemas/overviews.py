"""Tags, watches, imports, jobs, health and errors as the API gives them."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from linkshot.domain import model
from linkshot.use_cases import jobs
from linkshot.use_cases.import_batches import LedgerRow
from linkshot.use_cases.imports import ImportReport
from linkshot.use_cases.watches import Watch
from web.api.schemas.links import HopOut


class TagOut(BaseModel):
    """A tag and how many links it has."""

    tag_id: str
    name: str
    parent_id: str | None
    count: int
    """Links that carry the tag or one below it, each once."""
    own: int
    """Links that carry the tag itself."""

    @classmethod
    def of(cls, tag: model.Tag) -> Self:
        """As the API gives it."""
        return cls(
            tag_id=tag.tag_id,
            name=tag.name,
            parent_id=tag.parent_id,
            count=tag.count,
            own=tag.own,
        )


class TagsOut(BaseModel):
    """Some tags in order of their names."""

    items: list[TagOut]


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


class RowOut(BaseModel):
    """What became of one row of an import."""

    row: int
    line: int
    outcome: str
    code: str | None
    reason: str | None
    url: str
    link_id: str | None
    notices: list[str] = []
    """Codes of what was cut, clamped, dropped or left as it was while the link is kept."""

    @classmethod
    def of(cls, row: LedgerRow) -> Self:
        """As the API gives it."""
        return cls(
            row=row.row,
            line=row.line,
            outcome=row.outcome,
            code=row.code,
            reason=row.reason,
            url=row.url,
            link_id=row.link_id,
            notices=list(row.notices),
        )


class RowsOut(BaseModel):
    """Part of a ledger; the next part begins after `next_after`."""

    items: list[RowOut]
    next_after: int | None


class ImportListedOut(BaseModel):
    """An import among others; what its notices and rejected rows are, the import itself tells."""

    import_id: str
    name: str
    format: str
    accepted: int
    duplicate: int
    rejected: int
    notices: int
    """Rows with a notice."""
    started_at: datetime
    finished_at: datetime | None

    @classmethod
    def listed(cls, report: ImportReport) -> Self:
        """As lists give it."""
        return cls.model_validate(report, from_attributes=True)


class ImportOut(ImportListedOut):
    """How an import went."""

    noticed: dict[str, int]
    """Code of a notice → rows."""
    rows: list[RowOut]
    """The first rejected rows; of a dry run the first rows."""

    @classmethod
    def of(cls, report: ImportReport, rows: list[RowOut]) -> Self:
        """As the API gives it."""
        listed = ImportListedOut.listed(report)
        return cls(**listed.model_dump(), noticed=dict(report.noticed), rows=rows)


class ImportsOut(BaseModel):
    """Part of the imports, newest first; the next part begins after `next_after`."""

    items: list[ImportListedOut]
    next_after: str | None


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
    next_try: datetime | None = Field(validation_alias="next_visit_at")
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
        """As the API gives it."""
        return cls.model_validate(overview, from_attributes=True)


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


class DeadLettersOut(BaseModel):
    """Dead letters, newest first."""

    items: list[DeadOut]


class CountOut(BaseModel):
    """How many were changed."""

    count: int


class HealthProblem(BaseModel):
    """What is wrong with a part."""

    part: str
    code: str
    detail: str


class HealthOut(BaseModel):
    """Whether the parts answer and are whole."""

    status: str
    """`ok`; `degraded`: it serves, and something is wrong; `down`: it cannot serve."""
    parts: dict[str, str] = {}
    """`catalogue`, `queue`, `store`, `index`: `ok` or a code. Only for those who may look."""
    problems: list[HealthProblem] = []
    """A sentence for each part that is not `ok`. Only for those who may look."""
    indexed_until: datetime | None = None


class Problem(BaseModel):
    """The body of every error (RFC 9457), as application/problem+json."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | None = None
    position: int | None = None
