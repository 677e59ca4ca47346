"""Keys of the objects in the store. (pure; docs/storage-layout.md)"""

import hashlib

ROOT_MARKER = "linkshot.json"
"""Written by the first process; also read to probe whether the store answers at all."""
ROOT_CONTENT = b'{"layout": 1}\n'
MESSAGE_KEY = "keys/messages.json"
"""The secret that signs messages between the roles; created by the first process."""
SNAPSHOTS_PREFIX = "snapshots/"
VIEWS_PREFIX = "views/"
BLOBS_PREFIX = "blobs/"
ATTEMPTS_PREFIX = "attempts/"
JOURNAL_PREFIX = "journal/"
DEAD_PREFIX = "dead/"
SKIP_PREFIX = "dead/skip/"
SKIPPED_PREFIX = "dead/skipped/"


def blob_key(sha256: str) -> str:
    """Key of the blob whose stored bytes have this sha256 (64 hex digits)."""
    return f"{BLOBS_PREFIX}sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def manifest_key(link_id: str, snapshot_id: str) -> str:
    """Key of the manifest whose existence makes the snapshot exist."""
    return f"{SNAPSHOTS_PREFIX}{link_id[:2]}/{link_id}/{snapshot_id}.json"


def view_key(link_id: str, snapshot_id: str, role: str) -> str:
    """Key of the record of a view that was made later from the archive of a snapshot."""
    return f"{VIEWS_PREFIX}{link_id[:2]}/{link_id}/{snapshot_id}.{role}.json"


def attempt_key(request_id: str) -> str:
    """Key of the mark of a visit that has begun and not ended."""
    return f"{ATTEMPTS_PREFIX}{request_id}"


def journal_key(batch_id: str) -> str:
    """Key of a journal batch; ids are UUIDv7, so keys sort by time."""
    return f"{JOURNAL_PREFIX}{batch_id}.jsonl.zst"


def dead_message_key(sha256: str) -> str:
    """Key of a message that a dead letter holds only in part."""
    return f"{DEAD_PREFIX}messages/{sha256}"


def skip_key(where: str) -> str:
    """Key of an operator's request to skip this delivery."""
    return f"{SKIP_PREFIX}{hashlib.sha256(where.encode()).hexdigest()}.json"


def skipped_key(letter_id: str) -> str:
    """Key of a dead letter that the queue refused; ids are UUIDv7, so keys sort by time."""
    return f"{SKIPPED_PREFIX}{letter_id}.json"
