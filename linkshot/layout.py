"""Under which keys do things lie in the store? (pure; docs/storage-layout.md)"""


def manifest_key(link_id: str, snapshot_id: str) -> str:
    """Key of the manifest whose existence makes the snapshot exist."""
    return f"snapshots/{link_id[:2]}/{link_id}/{snapshot_id}.json"


def attempt_key(request_id: str) -> str:
    """Key of the mark of a visit that has begun and not ended."""
    return f"attempts/{request_id}"
