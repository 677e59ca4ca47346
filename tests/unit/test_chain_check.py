"""The chain of a link's manifests: what holds, what is broken, and where it branches."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from linkshot.domain.manifest import Manifest
from linkshot.domain.messages import SnapshotFinished
from linkshot.domain.model import LinkId, ManifestReference, Outcome, Reason, SnapshotId
from linkshot.maintenance.chain_check import ChainCheck

LINK = LinkId("0" * 32)
AT = datetime(2026, 1, 2, tzinfo=UTC)
FINISHED = SnapshotFinished(
    request_id=SnapshotId("a"), link_id=LINK, url="http://a.example/", outcome=Outcome.STORED,
    reason=Reason.ADD, started_at=AT, finished_at=AT,
)  # fmt: skip


def manifest(name: str, before: tuple[str, bytes | None] | None = None) -> tuple[str, Manifest]:
    """A manifest under this key that names the one before it with the hash of these bytes."""
    finished, previous = replace(FINISHED, request_id=SnapshotId(name)), None
    if before is not None:
        digest = None if before[1] is None else sha256(before[1]).hexdigest()
        previous = ManifestReference(manifest=before[0], sha256=digest)
    return name, Manifest(finished=finished, previous=previous)


def found(*seen: tuple[str, bytes | None, Manifest | None]) -> list[tuple[str, str]]:
    """Code and key of each finding among these manifests."""
    findings: list[tuple[str, str]] = []
    check = ChainCheck(lambda code, key, _detail: findings.append((code, key)))
    for key, data, one in seen:
        check.see(LINK, key, data)
        if one is not None:
            check.name(key, one)
    check.finish()
    return findings


FIRST = manifest("a")
BYTES = FIRST[1].encode()
SECOND = manifest("b", ("a", BYTES))


def entry(one: tuple[str, Manifest]) -> tuple[str, bytes | None, Manifest | None]:
    return one[0], one[1].encode(), one[1]


def test_a_whole_chain_has_no_findings() -> None:
    assert found(entry(FIRST), entry(SECOND)) == []


def test_two_may_name_the_same_one() -> None:
    assert found(entry(FIRST), entry(SECOND), entry(manifest("c", ("a", BYTES)))) == []


def test_one_that_was_changed_is_found_by_its_successor() -> None:
    assert found(("a", BYTES + b" ", FIRST[1]), entry(SECOND)) == [("chain.altered", "b")]


def test_one_that_is_gone_is_found_by_its_successor() -> None:
    assert found(entry(SECOND)) == [("chain.missing", "b")]


@pytest.mark.parametrize(
    "seen",
    [
        (("a", None, None), entry(SECOND)),
        (entry(FIRST), entry(manifest("b", ("a", None)))),
    ],
    ids=["one that cannot be read", "one whose hash nobody knew"],
)
def test_what_cannot_be_compared_is_no_finding(
    seen: tuple[tuple[str, bytes | None, Manifest | None], ...],
) -> None:
    assert found(*seen) == []


def test_each_link_has_a_chain_of_its_own() -> None:
    findings: list[str] = []
    check = ChainCheck(lambda code, _key, _detail: findings.append(code))
    check.see(LINK, "a", BYTES)
    check.see("1" * 32, "b", SECOND[1].encode())
    check.name("b", SECOND[1])
    check.finish()
    assert findings == ["chain.missing"]
