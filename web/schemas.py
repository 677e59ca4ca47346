"""Which shapes does the API take and give? What comes in holds known fields only."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from linkshot import jobs, model
from linkshot.import_run import LedgerRow
from linkshot.imports import ImportReport
from linkshot.links import Added
from linkshot.paging import Facets
from linkshot.search import Found, SearchPage
from linkshot.watches import Watch

MAX_BATCH = 100
"""Links in one call; more is an import."""


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class LinkIn(_In):
    """A link to keep."""

    url: str
    tags: list[str] = []
    note: str = ""
    title: str = ""
    unread: bool = False

    def new(self) -> model.NewLink:
        """The same as a value of the core."""
        return model.NewLink(
            url=self.url,
            tags=tuple(self.tags),
            note=self.note,
            title=self.title,
            unread=self.unread,
        )


class BatchIn(_In):
    """Several links to keep, at most 100."""

    items: list[LinkIn]


class LinkEdit(_In):
    """What to change; absent fields stay."""

    title: str | None = None
    note: str | None = None
    unread: bool | None = None
    tags: list[str] | None = None


class RefsIn(_In):
    """Some links, by id, unique beginning of an id, or URL."""

    links: Annotated[list[str], Field(min_length=1, max_length=1000)]


class TagIn(_In):
    """A tag's full name, `ai/编译器`."""

    name: str


class WatchIn(_In):
    """How often to visit again: `12h`, `1d`, `2w`."""

    every: str


class DeadIn(_In):
    """Dead letters to send again."""

    ids: Annotated[list[str], Field(min_length=1, max_length=1000)]


class ArtifactOut(BaseModel):
    """One kept form of a page."""

    role: str
    name: str
    key: str
    bytes: int
    media_type: str
    sha256: str

    @classmethod
    def of(cls, artifact: model.Artifact) -> Self:
        """As the API gives it."""
        return cls(
            role=artifact.role.value,
            name=artifact.name,
            key=artifact.key,
            bytes=artifact.bytes,
            media_type=artifact.media_type,
            sha256=artifact.sha256,
        )


class ChangeOut(BaseModel):
    """How a snapshot differs from the one before."""

    kind: str
    score: float


class QualityOut(BaseModel):
    """Whether what was captured is the page."""

    verdict: str
    reasons: list[str]


class ErrorOut(BaseModel):
    """Why a visit brought nothing."""

    kind: str
    retryable: bool
    detail: str


class SnapshotOut(BaseModel):
    """One visit that ended."""

    snapshot_id: str
    link_id: str
    outcome: str
    reason: str
    finished_at: datetime
    taken_at: datetime | None
    final_url: str | None
    http_status: int | None
    title: str | None
    language: str | None
    change: ChangeOut | None
    quality: QualityOut
    artifacts: list[ArtifactOut]
    error: ErrorOut | None

    @classmethod
    def of(cls, snapshot: model.Snapshot) -> Self:
        """As the API gives it."""
        change, failure = snapshot.change, snapshot.failure
        return cls(
            snapshot_id=snapshot.snapshot_id,
            link_id=snapshot.link_id,
            outcome=snapshot.outcome.value,
            reason=snapshot.reason.value,
            finished_at=snapshot.finished_at,
            taken_at=snapshot.taken_at,
            final_url=snapshot.final_url,
            http_status=snapshot.http_status,
            title=snapshot.title,
            language=snapshot.language,
            change=ChangeOut(kind=change.kind.value, score=change.score) if change else None,
            quality=QualityOut(
                verdict=snapshot.quality.verdict.value, reasons=list(snapshot.quality.reasons)
            ),
            artifacts=[ArtifactOut.of(artifact) for artifact in snapshot.artifacts],
            error=ErrorOut(kind=failure.kind, retryable=failure.retryable, detail=failure.detail)
            if failure
            else None,
        )


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
    unread: bool
    watched: bool
    added_at: datetime
    changed_at: datetime
    due_at: datetime | None
    deleted_at: datetime | None
    versions: int
    rev: int
    snapshot: SnapshotOut | None
    """The one shown: the last that passed the quality check."""
    last: SnapshotOut | None
    """The newest visit, whatever came of it."""

    @classmethod
    def of(cls, link: model.Link) -> Self:
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
            unread=link.unread,
            watched=link.watched,
            added_at=link.added_at,
            changed_at=link.changed_at,
            due_at=link.due_at,
            deleted_at=link.deleted_at,
            versions=link.versions,
            rev=link.rev,
            snapshot=SnapshotOut.of(link.current) if link.current else None,
            last=SnapshotOut.of(link.last) if link.last else None,
        )


class AddedOut(LinkOut):
    """A link that is kept now."""

    existing: bool
    """It was known before."""
    warnings: list[str]

    @classmethod
    def of_added(cls, added: Added) -> Self:
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


class HitOut(BaseModel):
    """One link of an answer."""

    link_id: str
    url: str
    site: str
    title: str
    tags: list[str]
    snippet: str
    """HTML: escaped text with the hits in `<mark>`."""
    score: float
    added_at: datetime
    changed_at: datetime
    state: str
    seen_from: datetime | None
    seen_to: datetime | None

    @classmethod
    def of(cls, found: Found) -> Self:
        """As the API gives it."""
        link = found.link
        return cls(
            link_id=link.link_id,
            url=link.url,
            site=link.host,
            title=link.title,
            tags=[tag.name for tag in link.tags],
            snippet=marked(found.snippet),
            score=found.score,
            added_at=link.added_at,
            changed_at=link.changed_at,
            state=link.state.value,
            seen_from=found.seen_from,
            seen_to=found.seen_to,
        )


class FacetOut(BaseModel):
    """One value of a facet and how many links have it."""

    value: str
    label: str
    count: int


class PageOut(BaseModel):
    """Part of an answer."""

    total: int
    items: list[HitOut]
    facets: dict[str, list[FacetOut]]
    next_cursor: str | None
    indexed_until: datetime | None

    @classmethod
    def of(cls, page: SearchPage) -> Self:
        """As the API gives it."""
        return cls(
            total=page.total,
            items=[HitOut.of(found) for found in page.items],
            facets=facets_out(page.facets),
            next_cursor=page.next_cursor,
            indexed_until=page.indexed_until,
        )


class SnapshotsOut(BaseModel):
    """All visits of a link, newest first."""

    items: list[SnapshotOut]


class AskedOut(BaseModel):
    """A visit that was asked for; look at `job` to see how it goes."""

    link_id: str
    activity: str
    due_at: datetime | None
    job: str


class TagOut(BaseModel):
    """A tag and how many links carry it itself."""

    tag_id: str
    name: str
    parent_id: str | None
    count: int

    @classmethod
    def of(cls, tag: model.Tag) -> Self:
        """As the API gives it."""
        return cls(tag_id=tag.tag_id, name=tag.name, parent_id=tag.parent_id, count=tag.count)


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
        )


class RowsOut(BaseModel):
    """Part of a ledger; the next part begins after `next_after`."""

    items: list[RowOut]
    next_after: int | None


class ImportOut(BaseModel):
    """How an import went."""

    import_id: str
    name: str
    format: str
    accepted: int
    duplicate: int
    rejected: int
    notices: int
    started_at: datetime
    finished_at: datetime | None
    rows: list[RowOut]
    """The first rejected rows; of a dry run the first rows."""

    @classmethod
    def of(cls, report: ImportReport, rows: list[RowOut]) -> Self:
        """As the API gives it."""
        return cls(
            import_id=report.import_id,
            name=report.name,
            format=report.format,
            accepted=report.accepted,
            duplicate=report.duplicate,
            rejected=report.rejected,
            notices=report.notices,
            started_at=report.started_at,
            finished_at=report.finished_at,
            rows=rows,
        )


class ImportsOut(BaseModel):
    """Imports, newest first."""

    items: list[ImportOut]


class HostOut(BaseModel):
    """A host with work."""

    host: str
    due: int
    sent: int
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
    next_try: datetime | None


class JobsOut(BaseModel):
    """The state of the work."""

    due: int
    later: int
    sent: int
    dead: int
    unannounced: int
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


class DeadLettersOut(BaseModel):
    """Dead letters, newest first."""

    items: list[DeadOut]


class CountOut(BaseModel):
    """How many were changed."""

    count: int


class HealthOut(BaseModel):
    """Whether the parts answer."""

    status: str
    """`ok` or `degraded`."""
    parts: dict[str, str] = {}
    """`catalogue`, `queue`, `store`, `index`: `ok` or a code. Only for those who may look."""
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


def facets_out(facets: Facets) -> dict[str, list[FacetOut]]:
    """Facets as the API gives them."""
    return {
        name: [FacetOut(value=v.value, label=v.label, count=v.count) for v in values]
        for name, values in facets.items()
    }


def marked(pieces: tuple[tuple[str, bool], ...]) -> str:
    """Escaped text, the hits in <mark>."""
    from html import escape

    return "".join(f"<mark>{escape(text)}</mark>" if hit else escape(text) for text, hit in pieces)
