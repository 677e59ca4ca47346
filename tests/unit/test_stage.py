"""What a visit that has not ended waits for: one word each, the most fundamental first."""

from datetime import UTC, datetime

import pytest

from linkshot.domain.visit_stage import Place, Roles, Stage, Standing, being_visited, standing

BEGAN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
AT_WORK = Roles(dispatch=True, crawl=True, workers=1)
DUE, SENT = Place(sent=False), Place(sent=True)
VISITED = Place(sent=True, visited_since=BEGAN)


@pytest.mark.parametrize(
    ("place", "roles", "stage"),
    [
        (DUE, AT_WORK, Stage.QUEUED),
        (SENT, AT_WORK, Stage.QUEUED),
        (VISITED, AT_WORK, Stage.VISITING),
        (Place(sent=True, host_is_busy=True), AT_WORK, Stage.WAITING_FOR_HOST),
        (Place(sent=False, host_is_busy=True), AT_WORK, Stage.WAITING_FOR_HOST),
        (DUE, Roles(dispatch=True, crawl=False, workers=0), Stage.WAITING_FOR_WORKER),
        (SENT, Roles(dispatch=False, crawl=False, workers=0), Stage.WAITING_FOR_WORKER),
        (VISITED, Roles(dispatch=True, crawl=False, workers=0), Stage.WAITING_FOR_WORKER),
        (SENT, Roles(dispatch=True, crawl=True, workers=0), Stage.WORKER_STARTING),
        (DUE, Roles(dispatch=False, crawl=True, workers=1), Stage.WAITING_FOR_DISPATCH),
        (SENT, Roles(dispatch=False, crawl=True, workers=1), Stage.QUEUED),
        (DUE, Roles(dispatch=None, crawl=None, workers=None), Stage.NOT_KNOWN),
        (SENT, Roles(dispatch=None, crawl=None, workers=None), Stage.NOT_KNOWN),
        (Place(sent=True, marks_known=False), AT_WORK, Stage.NOT_KNOWN),
        (Place(sent=False, marks_known=False), AT_WORK, Stage.QUEUED),
    ],
)
def test_each_place_has_its_word(place: Place, roles: Roles, stage: Stage) -> None:
    assert standing(place, roles).stage is stage


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
    assert being_visited({"a": ["a1", "a2"], "b": ["b1"]}, marks, 10) == visited


def test_a_visit_says_since_when() -> None:
    assert standing(VISITED, AT_WORK) == Standing(stage=Stage.VISITING, since=BEGAN)


def test_a_host_that_asked_for_a_pause_says_until_when() -> None:
    resting = Place(sent=False, host_rests_until=BEGAN)
    assert standing(resting, AT_WORK) == Standing(stage=Stage.WAITING_FOR_HOST, until=BEGAN)
