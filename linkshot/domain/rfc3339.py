"""Writes instants as RFC 3339 has them, in UTC. (pure)"""

from datetime import UTC, datetime


def rfc3339(at: datetime, timespec: str = "auto") -> str:
    """`2026-11-30T20:00:00Z`; `timespec` as for datetime.isoformat()."""
    return at.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")
