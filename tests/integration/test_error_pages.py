"""A site's error page is never told as the page: command line, REST and pages agree."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from cli_world import CommandLine
from web_client import Client
from web_shelf import URL, WHEN, kept_link, stored_snapshot

from linkshot.app import App
from linkshot.catalogue.links import links as rows
from linkshot.cli import wait_for_visits
from linkshot.dispatch import request_publisher
from linkshot.dispatch.results import apply_result
from linkshot.domain.messages import SnapshotFinished
from linkshot.domain.model import Artifact, Failure, Link, Outcome, Quality, Reason, Role, Verdict
from linkshot.system import locks
from linkshot.system.config import load_settings
from linkshot.use_cases import links, snapshots, watches


@pytest.fixture
def link(cli_web: Client) -> Link:
    return kept_link(cli_web.app)


def ends(app: App, link: Link, **result: object) -> None:
    """A visit is asked for, sent, and ends so."""
    snapshots.request(app, [link.link_id])
    request_publisher.publish_due(app, "me")
    with app.catalogue.read() as conn:
        asked = conn.scalar(sa.select(rows.c.open_request_id).where(rows.c.link_id == link.link_id))
    known = {
        "request_id": asked, "link_id": link.link_id, "url": link.url, "outcome": Outcome.STORED,
        "reason": Reason.SCHEDULE, "started_at": WHEN, "finished_at": WHEN, "final_url": link.url,
    }  # fmt: skip
    apply_result(app, SnapshotFinished(**(known | result)))


def error_page(app: App, link: Link, status: int, verdict: Verdict = Verdict.HTTP_ERROR) -> None:
    """The site answers, but not with the page."""
    text = Artifact(
        role=Role.TEXT, name="error.txt", key=f"blobs/sha256/ab/cd/{'ab' * 32}",
        media_type="text/plain", bytes=12, sha256="ab" * 32,
    )  # fmt: skip
    quality = Quality(verdict=verdict, reasons=("http",))
    ends(app, link, http_status=status, title="Not Found", quality=quality, artifacts=(text,))


def failed_visit(app: App, link: Link, kind: str) -> None:
    """It brings nothing."""
    ends(app, link, outcome=Outcome.FAILED, error=Failure(kind=kind, retryable=True))


def test_show_says_which_files_are_the_pages_and_which_the_error_pages(cli, cli_web, link) -> None:
    stored_snapshot(cli_web.app, link)
    error_page(cli_web.app, link, 404)
    said = cli("show", URL).out
    assert "failing · 404, kept as the site's error page: the page was not found" in said
    assert "saved" not in said
    pages, _, errors = said.partition("files     of the site's error page of 2026-11-20")
    assert "files     of the page of 2026-11-20" in pages
    assert ("screenshot.webp" in pages, "error.txt" in pages) == (True, False)
    assert ("screenshot.webp" in errors, "error.txt" in errors) == (False, True)


def test_the_remarks_about_the_page_that_is_shown_stay_behind_an_error_page(
    cli, cli_web, link
) -> None:
    hidden = Quality(reasons=("consent_hidden:We value your privacy",))
    stored_snapshot(cli_web.app, link, quality=hidden)
    error_page(cli_web.app, link, 404)
    told = "the box that asked for consent was hidden (We value your privacy)"
    assert f"\nremarks   {told}\n" in cli("show", URL).out
    assert told in cli_web.get(f"/links/{link.link_id}?tab=details").text


def test_show_of_a_link_that_only_had_an_error_page_calls_its_files_so(cli, cli_web, link) -> None:
    error_page(cli_web.app, link, 404)
    said = cli("show", URL).out
    assert said.count("files     of ") == 1
    assert "files     of the site's error page of 2026-11-20" in said


@pytest.mark.parametrize(
    ("status", "verdict", "code"),
    [
        (404, Verdict.HTTP_ERROR, "http_404"),
        (410, Verdict.HTTP_ERROR, "http_410"),
        (503, Verdict.HTTP_ERROR, "http_5xx"),
        (401, Verdict.BLOCKED, "http_401"),
        (403, Verdict.BLOCKED, "blocked"),
        (200, Verdict.BLOCKED, "blocked"),
        (200, Verdict.EMPTY, "empty"),
    ],
)
def test_every_door_has_the_same_code(cli, cli_web, link, status, verdict, code) -> None:
    stored_snapshot(cli_web.app, link)
    error_page(cli_web.app, link, status, verdict)
    shown = cli("--json", "show", URL).json
    (failed,) = cli("--json", "jobs").json["failed"]
    answer = cli_web.get(f"/api/v1/links/{link.link_id}").json()
    assert [
        shown["last"]["problem"], failed["kind"], answer["last"]["problem"],
        cli_web.get("/api/v1/jobs").json()["failed"][0]["kind"],
    ] == [code] * 4  # fmt: skip
    assert [shown["snapshot"]["problem"], answer["snapshot"]["problem"]] == [None, None]


def test_a_watched_page_is_never_said_not_to_be_tried_again(cli, cli_web, link) -> None:
    watch = watches.set_schedule(cli_web.app, link.link_id, "5m")
    error_page(cli_web.app, link, 404)
    at = f"{watch.next_at:%Y-%m-%d %H:%M} UTC"
    assert f"(next visit {at})" in cli("jobs").out
    assert f"next visit {at}" in cli("show", URL).out
    assert cli_web.get("/api/v1/jobs").json()["failed"][0]["next_try"] is not None
    assert "in 5 minutes" in cli_web.get("/jobs").text
    assert "the page was not found, next visit in 5 minutes" in cli_web.get("/").text
    assert "by itself" not in cli("jobs").out + cli_web.get("/").text


def test_what_is_not_tried_by_itself_can_be_tried_by_a_person(cli, cli_web, link) -> None:
    failed_visit(cli_web.app, link, "too_large")
    assert (
        f"(not tried again by itself: `linkshot snapshot {link.link_id[:10]}` tries it)"
        in cli("jobs").out
    )
    assert f'action="/links/{link.link_id}/again"' in cli_web.get("/jobs").text


def test_a_link_that_is_being_tried_is_not_said_to_be_left_alone(cli, cli_web, link) -> None:
    failed_visit(cli_web.app, link, "too_large")
    snapshots.request(cli_web.app, [link.link_id])
    request_publisher.publish_due(cli_web.app, "me")
    assert "its next visit waits or is under way" in cli("jobs").out
    assert "its next visit waits or is under way" in cli_web.get("/jobs").text


def test_the_page_of_a_link_says_that_what_it_shows_is_an_error_page(cli_web, link) -> None:
    error_page(cli_web.app, link, 404)
    page = cli_web.get(f"/links/{link.link_id}").text
    assert "not the page but what the site showed in its place on" in page
    stored_snapshot(cli_web.app, link)
    assert "in its place" not in cli_web.get(f"/links/{link.link_id}").text


def test_http_200_of_the_page_does_not_stand_beside_not_found(cli_web, link) -> None:
    stored_snapshot(cli_web.app, link)
    assert "<span>HTTP 200</span>" in cli_web.get(f"/links/{link.link_id}").text
    error_page(cli_web.app, link, 404)
    page = cli_web.get(f"/links/{link.link_id}").text
    assert "the page was not found" in page
    assert "<span>HTTP 200</span>" not in page


def test_the_next_visit_of_a_link_is_the_earlier_of_retry_and_watch(cli_web, link) -> None:
    watches.set_schedule(cli_web.app, link.link_id, "5m")
    failed_visit(cli_web.app, link, "http_5xx")
    now = links.get(cli_web.app, link.link_id)
    assert now.due_at is not None
    assert now.watch_at is not None
    assert now.next_visit_at == min(now.due_at, now.watch_at)
    assert replace(now, watch_at=None).next_visit_at == now.due_at


def test_who_waits_longer_than_the_patience_is_told_what_has_ended_and_what_not(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else has the roles and does not get on."""
    monkeypatch.setattr(wait_for_visits, "LIMIT_S", 0.0)
    settings = load_settings(data=cli.data)
    with locks.hold_all(settings, locks.ROLES, 0.0):
        said = cli("add", URL, "--wait")
        body = cli("--json", "add", URL, "--wait")
    assert (said.code, body.code) == (1, 1)
    assert "not visited yet: the worker is starting" in said.out
    assert (body.json["items"][0]["snapshot"], body.json["items"][0]["activity"]) == (None, "due")
