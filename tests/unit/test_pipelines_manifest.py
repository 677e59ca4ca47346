"""What a manifest says, and which bytes are none."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from linkshot.adapters.store_keys import check_key
from linkshot.domain.manifest import Manifest
from linkshot.domain.messages import SnapshotFinished
from linkshot.domain.model import Artifact, LinkId, Outcome, Reason, Role, SnapshotId
from linkshot.domain.storage_layout import attempt_key, blob_key, journal_key, manifest_key
from linkshot.errors import Damaged

SHA = "ab" * 32
NOW = datetime(2026, 1, 2, tzinfo=UTC)
TEXT = Artifact(
    role=Role.TEXT, name="text.txt", key=blob_key(SHA), media_type="text/plain", bytes=3, sha256=SHA
)
FINISHED = SnapshotFinished(
    request_id=SnapshotId("0190b6e0-0000-7000-8000-000000000001"),
    link_id=LinkId("0" * 32),
    url="http://a.example/",
    outcome=Outcome.STORED,
    reason=Reason.ADD,
    started_at=NOW,
    finished_at=NOW,
    title="山茶",
    artifacts=(TEXT,),
)
MANIFEST = Manifest(
    finished=FINISHED,
    requested_url="http://a.example/",
    hops=({"url": "http://a.example/r", "status": 302},),
    software={"linkshot": "0.1.0"},
    partial=("load",),
    notes={"requests": 7},
    headers={"etag": "x"},
    final_url="http://a.example/p",
    options={"viewport": {"width": 1280}},
)


def changed(**given: Any) -> bytes:
    """The manifest with some fields replaced."""
    return json.dumps(json.loads(MANIFEST.encode()) | given).encode()


def finished(**given: Any) -> bytes:
    """The manifest with some fields of its result replaced."""
    raw = json.loads(MANIFEST.encode())
    return json.dumps(raw | {"finished": raw["finished"] | given}).encode()


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert Manifest.decode(MANIFEST.encode()) == MANIFEST


def test_fields_of_later_versions_are_passed_over() -> None:
    assert Manifest.decode(changed(fidelity=0.99)) == MANIFEST


ARTIFACT = {"role": "text", "name": "t", "key": blob_key(SHA), "media_type": "t/p", "bytes": 3}


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"\xff\xfe", b"[]", b"null", b"[" * 100_000, MANIFEST.encode()[:-20],
        changed(manifest=2), changed(finished=None), changed(finished=[]), changed(hops=7),
        changed(hops=["x"]), changed(notes=[1]), changed(partial=None), changed(software="x"),
        changed(link_id="1" * 32), changed(snapshot_id="another"),
        finished(outcome="perhaps"), finished(started_at="yesterday"), finished(artifacts="x"),
        finished(artifacts=[ARTIFACT | {"sha256": "cd" * 32}]),
        finished(artifacts=[ARTIFACT | {"sha256": SHA, "key": "../../etc/passwd"}]),
        finished(artifacts=[ARTIFACT | {"sha256": SHA, "bytes": -1}]),
        finished(artifacts=[ARTIFACT | {"sha256": SHA, "bytes": "3"}]),
    ],
)  # fmt: skip
def test_what_is_no_whole_manifest_is_damaged(data: bytes) -> None:
    with pytest.raises(Damaged):
        Manifest.decode(data)


@pytest.mark.parametrize(
    "key",
    [
        blob_key(SHA),
        manifest_key("0" * 32, FINISHED.request_id),
        attempt_key(FINISHED.request_id),
        journal_key(FINISHED.request_id),
    ],
)
def test_every_key_of_the_layout_is_a_store_key(key: str) -> None:
    assert check_key(key) == key


def test_blobs_are_spread_by_the_first_two_bytes_of_their_hash() -> None:
    assert blob_key(SHA) == f"blobs/sha256/ab/ab/{SHA}"
