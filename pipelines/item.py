"""The Scrapy item: one snapshot request, the capture of its visit, and the artifacts derived from it.

The pipelines run in the order of crawler/settings.py and each fills in its own fields.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from linkshot.domain.fidelity import Fidelity
from linkshot.domain.messages import SnapshotFinished, SnapshotRequested
from linkshot.domain.model import Capture, Change, Failure, Quality, Role


@dataclass(slots=True, kw_only=True)
class PendingArtifact:
    """An artifact that is not in the store yet."""

    role: Role
    name: str
    """File name for people, `reader.html`."""
    media_type: str
    data: bytes | Path


@dataclass(slots=True, kw_only=True)
class SnapshotItem:
    """Starts with either `capture` or `failure`; the pipelines fill in the rest."""

    request: SnapshotRequested
    ack: Callable[[], None]
    """Removes the attempt mark and acknowledges the delivery; publish.py calls it once, last."""
    capture: Capture | None = None
    failure: Failure | None = None
    optional_until: float = math.inf
    """By time.monotonic(): optional steps that begin later are left out, so that the snapshot is stored in time."""
    text: str = ""
    """All visible text."""
    article: str = ""
    """Plain text of the article, for the reader and the change signatures."""
    language: str = ""
    title: str = ""
    meta: dict[str, Any] = field(default_factory=dict)
    partial: list[str] = field(default_factory=list)
    """Artifacts that are missing or incomplete: `text`, `reader`, `meta`, `screenshot`, `page`, …"""
    notes: dict[str, object] = field(default_factory=dict)
    """Facts for the manifest, beside those of the visit."""
    quality: Quality = field(default_factory=Quality)
    change: Change | None = None
    text_sha256: str | None = None
    source_text_sha256: str | None = None
    artifacts: list[PendingArtifact] = field(default_factory=list)
    fidelity: Fidelity | None = None
    """How well it shows the page again; None: it was not checked."""
    isolated: bool = False
    """Whether an earlier visit of this request was lost: then nothing is done that is not needed."""
    finished: SnapshotFinished | None = None
    """Set by store.py, published by publish.py."""
