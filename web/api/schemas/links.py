"""Links, snapshots and searches as the API gives them."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Self

from pydantic import BaseModel

from linkshot.domain import model
from linkshot.domain.visit_problem import problem_of
from linkshot.domain.visit_stage import VisitProgress
from linkshot.use_cases.damaged_objects import Damage
from linkshot.use_cases.index_completeness import Gaps
from linkshot.use_cases.links import Added
from linkshot.use_cases.paging import Facets
from linkshot.use_cases.search import SearchHit, SearchPage


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


class HopOut(BaseModel):
    """One redirect that was followed."""

    url: str
    status: int


class ErrorOut(BaseModel):
    """Why a visit brought nothing."""

    kind: str
    retryable: bool
    detail: str
    hops: list[HopOut]
    """Redirects that were followed until it failed, at most 20."""

    @classmethod
    def of(cls, failure: model.Failure) -> Self:
        """As the API gives it."""
        return cls(
            kind=failure.kind,
            retryable=failure.retryable,
            detail=failure.detail,
            hops=[HopOut(url=hop.url, status=hop.status) for hop in failure.hops],
        )


class SnapshotOut(BaseModel):
    """One visit that ended."""

    snapshot_id: str
    link_id: str
    outcome: str
    problem: str | None
    """Why the visit did not bring the page, as a stable code; null when it did."""
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
            problem=problem_of(snapshot),
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
            error=ErrorOut.of(failure) if failure else None,
        )


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
        cls, link: model.Link, found: Sequence[Damage], standing: VisitProgress | None
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
    changed_at: datetime | None
    """When the text of the page last changed; null as long as it is that of the first snapshot."""
    state: str
    seen_from: datetime | None
    seen_to: datetime | None

    @classmethod
    def of(cls, found: SearchHit) -> Self:
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
    incomplete: bool
    """Links may be missing: not visited or not indexed yet, or the index is being made again."""
    unvisited: int
    """Links not visited yet: the words of their pages cannot be found. Counted up to 100,000;
    100001 stands for more."""
    unindexed: int | None
    """Changes that are not in the search index yet, counted likewise; null: not known, the queue
    does not answer."""
    unreadable: int
    """Links of which a text is damaged in the store: its words cannot be found."""
    not_running: list[str]
    """Roles that nobody does and without which it stays so: `dispatch`, `crawl`, `index`."""

    @classmethod
    def of(cls, page: SearchPage, missing: Gaps) -> Self:
        """As the API gives it."""
        return cls(
            total=page.total,
            items=[HitOut.of(found) for found in page.items],
            facets=facets_out(page.facets),
            next_cursor=page.next_cursor,
            indexed_until=page.indexed_until,
            incomplete=missing.incomplete,
            unvisited=missing.unvisited,
            unindexed=missing.unindexed,
            unreadable=missing.unreadable,
            not_running=list(missing.not_running),
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


def facets_out(facets: Facets) -> dict[str, list[FacetOut]]:
    """Facets as the API gives them."""
    return {
        name: [FacetOut(value=v.value, label=v.label, count=v.count) for v in values]
        for name, values in facets.items()
    }


def marked(pieces: tuple[tuple[str, bool], ...]) -> str:
    """Escaped text, the hits in <mark>."""
    return "".join(f"<mark>{escape(text)}</mark>" if hit else escape(text) for text, hit in pieces)
