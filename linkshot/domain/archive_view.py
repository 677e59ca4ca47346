"""Views of a snapshot that were made later from its archive: a record beside the manifest. (pure; docs/storage-layout.md)

The manifest is sealed and named by the next one, so it never changes. A record says from which archive a view was made,
when and by what; its bytes are blobs like others.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from linkshot.domain.messages import plain_value, read_value
from linkshot.domain.model import Artifact, Role
from linkshot.domain.storage_layout import blob_key
from linkshot.errors import Damaged, InvalidMessage

FORMAT = 1
VIEW_MEDIA_TYPES = {Role.PDF: "application/pdf", Role.MOBILE: "image/webp"}
VIEW_ROLES = frozenset(VIEW_MEDIA_TYPES)


def view_file_name(role: Role, number: int = 1) -> str:
    """The file name of a view, or of the nth of its pictures."""
    if role is Role.PDF:
        return "page.pdf"
    return "mobile.webp" if number == 1 else f"mobile-{number}.webp"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveViewRecord:
    """One view of one snapshot."""

    snapshot_id: str
    link_id: str
    artifacts: tuple[Artifact, ...]
    """All of one role."""
    made_at: datetime
    archive_sha256: str
    """Of the archive.wacz that it was made from."""
    missing: int = 0
    """Requests that the archive had no answer for."""
    cut_at: int = 0
    """Height of the whole page in CSS pixels where the pictures end before it."""
    software: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def role(self) -> Role:
        """Which view this is."""
        return self.artifacts[0].role

    def encode(self) -> bytes:
        """JSON, keys in a fixed order."""
        body = {"view": FORMAT, **plain_value(self)}
        return json.dumps(body, ensure_ascii=False, indent=1).encode()

    @classmethod
    def decode(cls, data: bytes) -> "ArchiveViewRecord":
        """Damaged for anything that is not a whole record of ours."""
        try:
            raw = json.loads(data)
            if not isinstance(raw, dict) or raw.get("view") != FORMAT:
                raise Damaged("the record of a view is not of a known format")
            record = read_value(cls, raw, "view")
        except (ValueError, InvalidMessage, RecursionError) as exc:
            raise Damaged("the record of a view cannot be read") from exc
        if not record.artifacts or {one.role for one in record.artifacts} - VIEW_ROLES:
            raise Damaged("the record of a view names no view")
        if any(one.key != blob_key(one.sha256) for one in record.artifacts):
            raise Damaged("the record of a view names an impossible artifact")
        return record
