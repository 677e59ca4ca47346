"""The manifest: the object whose existence makes a snapshot exist. (pure; docs/storage-layout.md)"""

import json
from dataclasses import dataclass, field
from typing import Any

from linkshot.domain.messages import SnapshotFinished, plain_value, read_value
from linkshot.domain.model import ManifestReference
from linkshot.domain.storage_layout import blob_key
from linkshot.errors import Damaged, InvalidMessage

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One snapshot: its result, its artifacts (in `finished`) and where they came from."""

    finished: SnapshotFinished
    previous: ManifestReference | None = None
    """The newest manifest of the link when this one was written; None for the first, and in manifests of before."""
    requested_url: str = ""
    final_url: str = ""
    """Whole, also where the result leaves it out for its length; empty in manifests of before."""
    hops: tuple[dict[str, Any], ...] = ()
    """Redirects on the way: url, status."""
    software: dict[str, str] = field(default_factory=dict)
    """Versions of linkshot, browser, libraries."""
    partial: tuple[str, ...] = ()
    notes: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    """What shaped the visit; empty in manifests of before."""

    def encode(self) -> bytes:
        """JSON, keys in a fixed order."""
        body = {
            "manifest": FORMAT,
            "snapshot_id": self.finished.request_id,
            "link_id": self.finished.link_id,
            "previous": plain_value(self.previous) if self.previous else None,
            "requested_url": self.requested_url,
            "final_url": self.final_url,
            "hops": list(self.hops),
            "software": self.software,
            "partial": list(self.partial),
            "notes": self.notes,
            "headers": self.headers,
            "options": self.options,
            # as in `finished`, where readers of archives look for it
            "fidelity": plain_value(checked) if (checked := self.finished.fidelity) else None,
            "finished": plain_value(self.finished),
        }
        return json.dumps(body, ensure_ascii=False, indent=1, default=str).encode(
            "utf-8", "replace"
        )

    @classmethod
    def decode(cls, data: bytes) -> "Manifest":
        """Damaged for anything that is not a whole manifest of ours."""
        try:
            raw = json.loads(data)
            if not isinstance(raw, dict) or raw.get("manifest") != FORMAT:
                raise Damaged("a manifest is not of a known format")
            manifest = cls(
                finished=read_value(SnapshotFinished, raw["finished"], "finished"),
                previous=_previous(raw.get("previous")),
                requested_url=str(raw.get("requested_url", "")),
                final_url=str(raw.get("final_url", "")),
                hops=tuple(dict(hop) for hop in raw.get("hops", ())),
                software=dict(raw.get("software", {})),
                partial=tuple(map(str, raw.get("partial", ()))),
                notes=dict(raw.get("notes", {})),
                headers=dict(raw.get("headers", {})),
                options=dict(raw.get("options", {})),
            )
        except (ValueError, KeyError, TypeError, InvalidMessage, RecursionError) as exc:
            raise Damaged("a manifest cannot be read") from exc
        _check(manifest.finished, raw)
        return manifest


def _previous(raw: object) -> ManifestReference | None:
    return None if raw is None else read_value(ManifestReference, raw, "previous")


def _check(finished: SnapshotFinished, raw: dict[str, Any]) -> None:
    """The manifest names this snapshot, and every artifact's key matches its hash."""
    if raw.get("snapshot_id") != finished.request_id or raw.get("link_id") != finished.link_id:
        raise Damaged("a manifest names another snapshot")
    for artifact in finished.artifacts:
        if artifact.bytes < 0 or artifact.key != blob_key(artifact.sha256):
            raise Damaged(f"a manifest names an impossible artifact: {artifact.role}")
