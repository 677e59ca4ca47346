"""Snapshots: the visits that ended, what they kept and why they failed."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from linkshot import json_shapes
from linkshot.domain import model
from linkshot.use_cases.uploads import Uploaded


class ArtifactOut(BaseModel):
    """One kept form of a page."""

    role: str
    name: str
    key: str
    bytes: int
    media_type: str
    sha256: str


class ChangeOut(BaseModel):
    """How a snapshot differs from the one before."""

    kind: str
    score: float


class QualityOut(BaseModel):
    """Whether what was captured is the page."""

    verdict: str
    reasons: list[str]


class RenderingOut(BaseModel):
    """One stored form of a page, shown again without a network and compared with the visit."""

    pixels: float | None
    """Share of the screenshots' pixels that look different, 0 to 1; null: no picture to compare."""
    text: float | None
    """Share of the words of text.txt that are found again, 0 to 1; null: there are none."""
    missing: int
    """Different requests that nothing stored has an answer for."""
    leaks: int
    """Attempts to reach the network by other ways than HTTP; they were refused."""
    failed: str
    """Why it could not be shown: time, crash, not_shown, unreadable, browser; else empty."""


class FidelityOut(BaseModel):
    """How well what is stored of a page shows it again."""

    checked_at: datetime
    page: RenderingOut | None
    """page.html with scripts off."""
    archive: RenderingOut | None
    """archive.wacz with the page's own scripts."""


class HopOut(BaseModel):
    """One redirect that was followed."""

    url: str
    status: int


class ErrorOut(BaseModel):
    """Why a visit brought nothing."""

    kind: str
    retryable: bool
    """Whether a first failure of this kind is retried by itself; docs/reliability.md has the delays."""
    retry_after_s: float | None
    """Pause that the site asked for, seconds; null: none."""
    detail: str
    hops: list[HopOut]
    """Redirects that were followed until it failed, at most 20."""


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
    fidelity: FidelityOut | None
    """Null: it was not checked."""
    artifacts: list[ArtifactOut]
    error: ErrorOut | None

    @classmethod
    def of(cls, snapshot: model.Snapshot) -> Self:
        """Built from linkshot.json_shapes."""
        return cls.model_validate(json_shapes.snapshot(snapshot))


class SnapshotsOut(BaseModel):
    """All visits of a link, newest first."""

    items: list[SnapshotOut]


class VisitAcceptedOut(BaseModel):
    """A visit that was asked for; look at `job` to see how it goes."""

    link_id: str
    activity: str
    due_at: datetime | None
    job: str
    snapshot_id: str | None = None
    """Of the snapshot that an uploaded page becomes; null for a visit."""
    repeated: bool = False
    """The same file was uploaded before, and is the newest snapshot or about to be."""


class UploadedOut(BaseModel):
    """An uploaded page; look at `job` to see when its snapshot is there."""

    link_id: str
    url: str
    existing: bool
    """The link was known before."""
    snapshot_id: str
    """Of the snapshot that it becomes."""
    repeated: bool
    """The same file was uploaded before, and is the newest snapshot or about to be."""
    job: str

    @classmethod
    def of(cls, kept: Uploaded, job: str) -> Self:
        """Built from what the use case answers."""
        return cls.model_validate(json_shapes.uploaded(kept) | {"job": job})
