"""Messages of the queue: what a reader tolerates, what it refuses, and that writing and reading agree."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from linkshot.domain.messages import (
    CurrentSnapshot,
    LinkChanged,
    SeenText,
    SnapshotFinished,
    SnapshotRequested,
    Submission,
)
from linkshot.domain.model import (
    Failure,
    Hop,
    LinkId,
    Outcome,
    Reason,
    SnapshotId,
    TagId,
)
from linkshot.errors import InvalidMessage

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
REQUESTED = SnapshotRequested(
    request_id=SnapshotId("r"),
    link_id=LinkId("l"),
    url="https://example.com/",
    host="example.com",
    reason=Reason.RETRY,
    not_after=NOON,
)
FINISHED = SnapshotFinished(
    request_id=SnapshotId("r"),
    link_id=LinkId("l"),
    url="https://example.com/",
    outcome=Outcome.FAILED,
    reason=Reason.RETRY,
    started_at=NOON,
    finished_at=NOON.replace(microsecond=5),
    title="网页 🀄",
    error=Failure(kind="dns", retryable=True, hops=(Hop(url="https://example.com/", status=301),)),
)
CHANGED = LinkChanged(
    link_id=LinkId("l"),
    rev=2**62,
    tag_ids=(TagId("a"), TagId("b")),
    current=CurrentSnapshot(snapshot_id=SnapshotId("s"), taken_at=NOON),
    new_versions=(SeenText(text_sha256="h", text_key="k", seen_from=NOON, seen_to=NOON),),
)


def changed(message: Any, **fields: object) -> bytes:
    return json.dumps({**json.loads(message.encode()), **fields}).encode()


@pytest.mark.parametrize(
    "message", [REQUESTED, FINISHED, CHANGED, Submission(url="x", tags=("中",))]
)
def test_a_message_is_read_as_it_was_written(message: Any) -> None:
    assert type(message).decode(message.encode()) == message


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-30T12:00:00Z", NOON),
        ("2026-11-30T20:00:00+08:00", NOON),
        ("2026-11-30T12:00:00", NOON),
        ("2026-11-30 12:00", NOON),
        ("20261130T120000Z", NOON),
        ("2026-11-30", NOON.replace(hour=0)),
    ],
)
def test_an_instant_may_have_any_form_of_iso_8601(text: str, instant: datetime) -> None:
    read = SnapshotRequested.decode(changed(REQUESTED, not_after=text)).not_after
    assert (read, read and read.tzinfo) == (instant, UTC)


def test_null_means_that_a_field_is_absent() -> None:
    submission = b'{"url":"x","tags":null,"note":null,"v":1}'
    assert Submission.decode(submission) == Submission(url="x")
    assert SnapshotRequested.decode(changed(REQUESTED, not_after=None)) == replace(
        REQUESTED, not_after=None
    )


def test_unknown_fields_are_ignored_at_every_level() -> None:
    hop = {"url": "https://example.com/", "status": 301, "new": float("nan")}
    error = {"kind": "dns", "retryable": True, "hops": [hop], "newer": [{}]}
    assert SnapshotFinished.decode(changed(FINISHED, error=error, z={"a": 1})) == FINISHED


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        pytest.param({"url": 1}, "`message.url`", id="a number for a text"),
        pytest.param({"url": "\ud800"}, "half a character", id="half a character"),
        pytest.param({"reason": "\ud800"}, "surrogates", id="half a character for a word"),
        pytest.param({"reason": "?" * 9000}, "`message.reason`", id="an unknown word, a long one"),
        pytest.param({"not_after": 5}, "not_after", id="a number for an instant"),
        pytest.param({"not_after": "2026-02-30"}, "'2026-02-30'", id="a day that does not exist"),
        pytest.param({"not_after": "0001-01-01T00:00:00+14:00"}, "not_after", id="no year 0"),
        pytest.param({"previous": []}, "`message.previous`", id="a list for an object"),
        pytest.param({"url": None}, "url", id="null for a required field"),
        pytest.param({"previous": 7}, "`message.previous`", id="a number for an object"),
    ],
)
def test_a_wrong_field_is_refused_by_name_in_a_short_sentence(
    fields: dict[str, object], named: str
) -> None:
    with pytest.raises(InvalidMessage, match=named) as refused:
        SnapshotRequested.decode(changed(REQUESTED, **fields))
    assert (refused.value.code, len(refused.value.message) <= 300) == ("message.undecodable", True)
    refused.value.message.encode()
