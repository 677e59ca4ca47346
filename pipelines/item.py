"""What travels through the item pipelines: one request, what its visit brought, what was made of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from linkshot.domain.messages import SnapshotFinished, SnapshotRequested
from linkshot.domain.model import Capture, Change, Failure, Quality, Role


@dataclass(slots=True, kw_only=True)
class Kept:
    """Bytes that will become an artifact."""

    role: Role
    name: str
    """File name for people, `reader.html`."""
    media_type: str
    data: bytes | Path


@dataclass(slots=True, kw_only=True)
class SnapshotItem:
    """Filled in by one pipeline after the other; either `capture` or `failure` is set at first."""

    request: SnapshotRequested
    ack: Callable[[], None]
    """Ends the delivery: removes the mark and settles; called once, by publish.py, last."""
    capture: Capture | None = None
    failure: Failure | None = None
    text: str = ""
    """All visible text."""
    article: str = ""
    """Plain text of the article, for the reader and the change signatures."""
    language: str = ""
    title: str = ""
    meta: dict[str, Any] = field(default_factory=dict)
    partial: list[str] = field(default_factory=list)
    """Kept forms that could not be made whole: `text`, `reader`, `meta`, `screenshot`, `page`, …"""
    quality: Quality = field(default_factory=Quality)
    change: Change | None = None
    text_sha256: str | None = None
    source_text_sha256: str | None = None
    kept: list[Kept] = field(default_factory=list)
    finished: SnapshotFinished | None = None
    """Made by keep.py (stored, failed) and announced by publish.py."""
