"""A worker visits as the rules in the request say, and records what was in force."""

import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from crawl_worker import Worker, request, results, send

from crawler.replay.snapshot_check import user_agent_of, viewport_of
from linkshot.app import App
from linkshot.domain.model import Outcome, Reason, Role
from linkshot.domain.site_rules import Viewport, VisitOptions
from linkshot.samples.loopback import Request, Response
from linkshot.system.config import Settings
from linkshot.use_cases import snapshots
from linkshot.wiring import open_app
from tests.site import Site

PHONE = Viewport(width=390, height=844)
WIDTH = """<!doctype html><html lang=en><title>Width</title><p id=w></p>
<script>w.textContent = `wide ${innerWidth} high ${innerHeight}`</script></html>"""
FORBIDS = Response(body=b"User-agent: *\nDisallow: /", content_type="text/plain")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    settings = Settings(
        data=tmp_path, allow_networks=("127.0.0.0/8",), host_gap_s=0.1, host_gap_factor=0.0,
        disk_floor_bytes=0, self_check="off",
    )  # fmt: skip
    opened = open_app(settings)
    yield opened
    opened.close()


def options_of(app: App, manifest: str | None) -> dict[str, object]:
    found: dict[str, object] = json.loads(app.store.read(str(manifest)))["options"]
    return found


def test_user_agent_window_and_consent_are_those_of_the_rules_and_recorded(
    app: App, site: Site
) -> None:
    agents: dict[str, str] = {}

    def page(asked: Request) -> Response:
        agents[next(iter(asked.query), "")] = asked.headers["User-Agent"]
        return Response(body=WIDTH.encode())

    site.put("/width", page)
    rules = VisitOptions(user_agent="Mine/1 (phone)", viewport=PHONE, consent="leave")
    ruled, plain = (
        request(site.url("/width?ruled=1"), site=rules),
        request(site.url("/width?plain=1")),
    )
    send(app, ruled, plain)
    with Worker(app, LINKSHOT_SELF_CHECK="always") as worker:
        found = results(app, 2)
        worker.end()
    kept = options_of(app, found[ruled.request_id].manifest)
    assert (kept["user_agent"], kept["viewport"]) == (
        "Mine/1 (phone)",
        {"width": 390, "height": 844},
    )
    assert (kept["site_rules"], kept["robots"]) == (["user_agent", "consent", "viewport"], "ignore")
    assert kept["settings"]["consent"] == "leave"  # type: ignore[index]
    assert agents["ruled"] == "Mine/1 (phone)" != agents["plain"]
    text = next(one for one in found[ruled.request_id].artifacts if one.role is Role.TEXT)
    assert b"wide 390 high 844" in snapshots.read(app, text)
    checked = found[ruled.request_id].fidelity
    assert checked is not None
    assert checked.archive is not None
    assert (checked.archive.text, checked.archive.pixels) == (1.0, 0.0)
    other = options_of(app, found[plain.request_id].manifest)
    assert (other["viewport"], other["site_rules"]) == ({"width": 1280, "height": 800}, [])


def test_the_pause_of_a_rule_is_kept_between_two_visits(app: App, site: Site) -> None:
    came: list[float] = []

    def picture(_: Request) -> Response:
        came.append(time.monotonic())
        return Response(content_type="image/png", body=b"\x89PNG\r\n\x1a\n")

    site.put("/paused.png", picture)
    rules = VisitOptions(delay_s=2.0)
    send(app, *(request(site.url(f"/paused.png?{n}"), site=rules) for n in range(3)))
    with Worker(app) as worker:
        results(app, 3)
        worker.end()
    assert all(after - before >= 2.0 for before, after in itertools.pairwise(came))


@pytest.fixture
def forbidden() -> Iterator[Site]:
    with Site() as running:
        running.put("/robots.txt", FORBIDS)
        yield running


def test_robots_txt_is_obeyed_by_the_reason_of_a_visit_and_by_the_rule_before_it(
    app: App, forbidden: Site
) -> None:
    url = forbidden.url
    asked = {
        "imported": replace(request(url("/image.png?1")), reason=Reason.IMPORT),
        "asked for": replace(request(url("/image.png?2")), reason=Reason.MANUAL),
        "imported, ignored by a rule": replace(
            request(url("/image.png?3"), site=VisitOptions(robots="ignore")), reason=Reason.IMPORT
        ),
        "asked for, obeyed by a rule": replace(
            request(url("/image.png?4"), site=VisitOptions(robots="obey", user_agent="Mine/1")),
            reason=Reason.MANUAL,
        ),
        "retry of an import": replace(
            request(url("/image.png?5"), retry_of=Reason.IMPORT), reason=Reason.RETRY
        ),
        "retry of what was asked for": replace(
            request(url("/image.png?6"), retry_of=Reason.MANUAL), reason=Reason.RETRY
        ),
    }
    send(app, *asked.values())
    with Worker(app, LINKSHOT_ROBOTS="import,schedule") as worker:
        found = results(app, len(asked))
        worker.end()
    ended = {name: found[one.request_id] for name, one in asked.items()}
    assert {name: one.error.kind if one.error else one.outcome for name, one in ended.items()} == {
        "imported": "robots",
        "asked for": Outcome.STORED,
        "imported, ignored by a rule": Outcome.STORED,
        "asked for, obeyed by a rule": "robots",
        "retry of an import": "robots",
        "retry of what was asked for": Outcome.STORED,
    }
    assert len(forbidden.seen("/robots.txt")) == 1


def test_what_a_manifest_notes_of_window_and_user_agent_is_read_back() -> None:
    noted = {"viewport": {"width": 390, "height": 844}, "user_agent": "Mine/1"}
    assert (viewport_of(noted), user_agent_of(noted)) == (PHONE, "Mine/1")
    for odd in (
        {},
        {"viewport": {"width": "390"}, "user_agent": 5},
        {"viewport": [], "user_agent": "a\nb"},
    ):
        assert (viewport_of(odd), user_agent_of(odd)) == (Viewport(width=1280, height=800), "")
