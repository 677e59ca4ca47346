"""What a visit that has not ended waits for: one word each, the most fundamental first."""

from datetime import UTC, datetime

import pytest

from linkshot.domain.visit_stage import (
    RunningRoles,
    Stage,
    VisitProgress,
    VisitState,
    visit_progress,
    visits_under_way,
)

BEGAN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
AT_WORK = RunningRoles(dispatch=True, crawl=True, workers=1)
DUE, SENT = VisitState(sent=False), VisitState(sent=True)
VISITED = VisitState(sent=True, visited_since=BEGAN)


@pytest.mark.parametrize(
    ("place", "roles", "stage"),
    [
        (DUE, AT_WORK, Stage.QUEUED),
        (SENT, AT_WORK, Stage.QUEUED),
        (VISITED, AT_WORK, Stage.VISITING),
        (VisitState(sent=True, host_is_busy=True), AT_WORK, Stage.WAITING_FOR_HOST),
        (VisitState(sent=False, host_is_busy=True), AT_WORK, Stage.WAITING_FOR_HOST),
        (DUE, RunningRoles(dispatch=True, crawl=False, workers=0), Stage.WAITING_FOR_WORKER),
        (SENT, RunningRoles(dispatch=False, crawl=False, workers=0), Stage.WAITING_FOR_WORKER),
        (VISITED, RunningRoles(dispatch=True, crawl=False, workers=0), Stage.WAITING_FOR_WORKER),
        (SENT, RunningRoles(dispatch=True, crawl=True, workers=0), Stage.WORKER_STARTING),
        (DUE, RunningRoles(dispatch=False, crawl=True, workers=1), Stage.WAITING_FOR_DISPATCH),
        (SENT, RunningRoles(dispatch=False, crawl=True, workers=1), Stage.QUEUED),
        (DUE, RunningRoles(dispatch=None, crawl=None, workers=None), Stage.NOT_KNOWN),
        (SENT, RunningRoles(dispatch=None, crawl=None, workers=None), Stage.NOT_KNOWN),
        (VisitState(sent=True, marks_known=False), AT_WORK, Stage.NOT_KNOWN),
        (VisitState(sent=False, marks_known=False), AT_WORK, Stage.QUEUED),
    ],
)
def test_each_place_has_its_word(place: VisitState, roles: RunningRoles, stage: Stage) -> None:
    assert visit_progress(place, roles).stage is stage


@pytest.mark.parametrize(
    ("marks", "visited"),
    [
        ({}, {}),
        ({"a1": 50}, {"a1": 50}),
        ({"a1": 50, "a2": 60}, {"a2": 60}),
        ({"a1": 50, "a2": 60, "b1": 55}, {"a2": 60, "b1": 55}),
        ({"a1": 9, "b1": 10}, {"b1": 10}),
        ({"of another": 50}, {}),
    ],
    ids=["none", "one", "two of a host", "two hosts", "too old for a visit", "not open"],
)
def test_of_a_host_only_the_newest_visit_is_under_way(
    marks: dict[str, int], visited: dict[str, int]
) -> None:
    assert visits_under_way({"a": ["a1", "a2"], "b": ["b1"]}, marks, 10) == visited


def test_a_visit_says_since_when() -> None:
    assert visit_progress(VISITED, AT_WORK) == VisitProgress(stage=Stage.VISITING, since=BEGAN)


def test_a_host_that_asked_for_a_pause_says_until_when() -> None:
    resting = VisitState(sent=False, host_rests_until=BEGAN)
    assert visit_progress(resting, AT_WORK) == VisitProgress(
        stage=Stage.WAITING_FOR_HOST, until=BEGAN
    )
