"""Snapshots: the visits that ended, what they kept and why they failed."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from linkshot.domain import model
from linkshot.domain.failures import is_retryable
from linkshot.domain.visit_problem import problem_of


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
    """Whether a first failure of this kind is retried by itself; docs/reliability.md has the delays."""
    detail: str
    hops: list[HopOut]
    """Redirects that were followed until it failed, at most 20."""

    @classmethod
    def of(cls, failure: model.Failure) -> Self:
        """As the API gives it."""
        return cls(
            kind=failure.kind,
            retryable=is_retryable(failure.kind),
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


class SnapshotsOut(BaseModel):
    """All visits of a link, newest first."""

    items: list[SnapshotOut]


class VisitAcceptedOut(BaseModel):
    """A visit that was asked for; look at `job` to see how it goes."""

    link_id: str
    activity: str
    due_at: datetime | None
    job: str
