"""What is published of a failure is what the retry decision does, for every kind."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from linkshot import json_shapes
from linkshot.domain.failures import FAILURES, is_retryable, make_failure
from linkshot.domain.messages import SnapshotFinished
from linkshot.domain.model import (
    Failure,
    LinkId,
    Outcome,
    Quality,
    Reason,
    Snapshot,
    SnapshotId,
    Verdict,
)
from linkshot.domain.outcomes import next_state
from linkshot.domain.retry import decide
from linkshot.domain.visit_problem import problem
from web.api.schemas.snapshots import ErrorOut

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DOCS = Path(__file__).parent.parent.parent / "docs"
every_kind = pytest.mark.parametrize("kind", [*FAILURES, "from_the_future"])


def is_retried(kind: str) -> bool:
    return decide(kind, attempts=0).due_in is not None


@every_kind
def test_a_worker_publishes_what_is_decided(kind: str) -> None:
    assert make_failure(kind).retryable is is_retried(kind)
    assert make_failure(kind).retryable is is_retried(kind)


@every_kind
@pytest.mark.parametrize("sent", [True, False])
def test_rest_and_command_line_say_what_is_decided_whatever_an_older_worker_sent(
    kind: str, sent: bool
) -> None:
    old = Failure(kind=kind, retryable=sent)
    visit = Snapshot(
        snapshot_id=SnapshotId("s"), link_id=LinkId("l"), outcome=Outcome.FAILED,
        reason=Reason.ADD, finished_at=NOW, failure=old,
    )  # fmt: skip
    assert ErrorOut.model_validate(json_shapes.visit_error(old)).retryable is is_retried(kind)
    assert json_shapes.snapshot(visit)["error"]["retryable"] is is_retried(kind)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (401, Verdict.BLOCKED), (403, Verdict.BLOCKED), (404, Verdict.HTTP_ERROR),
        (410, Verdict.HTTP_ERROR), (418, Verdict.HTTP_ERROR), (500, Verdict.HTTP_ERROR),
        (200, Verdict.EMPTY),
    ],
)  # fmt: skip
def test_a_page_that_came_in_place_of_another_is_retried_as_its_kind_says(
    status: int, verdict: Verdict
) -> None:
    result = SnapshotFinished(
        request_id=SnapshotId("s"), link_id=LinkId("l"), url="https://example.com/",
        outcome=Outcome.STORED, reason=Reason.ADD, started_at=NOW, finished_at=NOW,
        http_status=status, quality=Quality(verdict=verdict),
    )  # fmt: skip
    after = next_state(result, attempts=0, gone_count=0, failing_for_us=0, jitter=0.5)
    assert after.failure_kind is not None
    assert is_retryable(after.failure_kind) is (after.due_in is not None)


def test_the_table_of_retries_in_the_docs_has_every_kind() -> None:
    page = (DOCS / "reliability.md").read_text("utf-8")
    table = page.partition("## Retries")[2].partition("## ")[0]
    assert set(re.findall(r"`([a-z_0-9]+)`", table)) >= set(FAILURES)


@pytest.mark.parametrize("verdict", Verdict)
def test_only_a_page_that_is_the_page_has_no_problem(verdict: Verdict) -> None:
    assert verdict.is_page is (problem(Outcome.STORED, verdict, 200) is None)
