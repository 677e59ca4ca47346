"""`linkshot verify --replay`: what it prints of each snapshot, and how it ends."""

import shutil
from dataclasses import replace

import pytest
from cli_world import CommandLine

from linkshot.domain.model import Role
from linkshot.use_cases import links
from tests.integration import replay_world
from tests.integration.crawler_visitor import Visitor
from tests.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("sandbox_closed"),
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Links to the test site may be added."""
    monkeypatch.setenv("LINKSHOT_ALLOW_NETWORKS", "127.0.0.0/8")


def keep(cli: CommandLine, url: str, visit: Visitor, roles: tuple[Role, ...] = tuple(Role)) -> str:
    with cli.app() as app:
        return replay_world.keep(app, url, visit(url), roles)


@pytest.mark.usefixtures("network")
def test_a_snapshot_that_shows_its_page_passes(
    cli: CommandLine, site: Site, visit: Visitor
) -> None:
    link_id = keep(cli, site.put("/plain", "<!DOCTYPE html><p>一页 plain"), visit)
    site.requests.clear()
    said = cli("--json", "verify", "--replay", link_id)
    assert (said.code, said.json["ok"], said.json["counts"]["replayed"]) == (0, True, 1)
    (one,) = said.json["replays"]
    assert (one["link_id"], one["status"], one["reasons"]) == (link_id, "passed", [])
    whole = {"pixels": 0.0, "text": 1.0, "missing": 0, "leaks": 0, "failed": ""}
    assert (one["page"], one["archive"]) == (whole, whole)
    assert site.requests == []
    line = cli("verify", "--replay").out.splitlines()[0]
    assert line.startswith("passed ")
    assert "archive 0.00% of the pixels differ, 100.0% of the words are there" in line


@pytest.mark.usefixtures("network")
def test_a_snapshot_that_shows_something_else_is_a_finding(
    cli: CommandLine, site: Site, visit: Visitor
) -> None:
    site.put("/paint.js", "document.body.style.background = 'teal'; document.write('painted')")
    url = site.put("/painted", "<!DOCTYPE html><body><script src=/paint.js></script>")
    capture = visit(url)
    lost = replay_world.without(replay_world.archive_of(capture), lambda url: url.endswith(".js"))
    with cli.app() as app:
        link_id = replay_world.keep(app, url, capture, archive=lost)
    said = cli("--json", "verify", "--replay", link_id)
    assert (said.code, said.json["ok"]) == (1, False)
    (one,) = said.json["replays"]
    assert (one["status"], one["reasons"], one["archive"]["missing"]) == (
        "below", ["archive_differs"], 1,
    )  # fmt: skip
    (found,) = said.json["findings"]
    assert (found["check"], found["code"]) == ("V8", "replay.archive_differs")
    assert (found["subject"], found["link_id"]) == (one["snapshot_id"], link_id)


@pytest.mark.usefixtures("network")
def test_what_was_not_judged_is_said(cli: CommandLine, site: Site, visit: Visitor) -> None:
    site.put("/move.js", "document.body.style.background = 'teal'")
    url = site.put("/moving", "<!DOCTYPE html><body><p>动 moving<script src=/move.js></script>")
    capture = visit(url)
    lost = replay_world.without(replay_world.archive_of(capture), lambda url: url.endswith(".js"))
    with cli.app() as app:
        moved = replace(capture, partial=("settle",))
        link_id = replay_world.keep(app, url, moved, archive=lost)
    said = cli("--json", "verify", "--replay", link_id)
    (one,) = said.json["replays"]
    assert (said.code, one["status"], one["reasons"]) == (0, "partly_checked", ["moving"])
    assert one["not_judged"] == {"archive": "moving"}
    line, summary = cli("verify", "--replay", link_id).out.splitlines()
    assert line.startswith("partly checked ")
    assert line.endswith("archive not judged: the page never stood still at the visit")
    assert summary.startswith("nothing was found, but 1 of the snapshots were not checked whole: ")


@pytest.mark.usefixtures("network")
def test_an_older_snapshot_without_an_archive_is_not_replayable(
    cli: CommandLine, site: Site, visit: Visitor
) -> None:
    roles = (Role.TEXT, Role.HTML, Role.SCREENSHOT)
    link_id = keep(cli, site.put("/older", "<!DOCTYPE html><p>older"), visit, roles)
    said = cli("--json", "verify", "--replay", link_id)
    (one,) = said.json["replays"]
    assert (said.code, one["status"], one["reasons"]) == (0, "not_replayable", ["no_archive"])
    line = cli("verify", "--replay", link_id).out.splitlines()[0]
    assert (line[:14], line.endswith("it has no web archive")) == ("not replayable", True)


@pytest.mark.usefixtures("network")
def test_a_page_that_no_browser_could_show_is_not_shown_again(
    cli: CommandLine, site: Site, visit: Visitor
) -> None:
    url = site.put("/unrendered", "<!DOCTYPE html><p>一页 unrendered")
    capture = replace(visit(url), partial=("memory", "unrendered"))
    with cli.app() as app:
        link_id = replay_world.keep(app, url, capture)
    (one,) = cli("--json", "verify", "--replay", link_id).json["replays"]
    assert (one["status"], one["reasons"]) == ("not_replayable", ["unrendered"])


@pytest.mark.usefixtures("network")
def test_a_damaged_archive_is_told_by_verify_and_not_checked(
    cli: CommandLine, site: Site, visit: Visitor
) -> None:
    link_id = keep(cli, site.put("/harmed", "<!DOCTYPE html><p>harmed"), visit)
    with cli.app() as app:
        current = links.get(app, link_id).current
        assert current is not None
        text = current.artifact(Role.TEXT)
        assert text is not None
        app.store.delete([text.key])
    said = cli("--json", "verify", "--replay", link_id)
    assert [one["code"] for one in said.json["findings"]] == ["artifact.missing"]
    (one,) = said.json["replays"]
    assert (said.code, one["status"], one["reasons"]) == (1, "not_checked", ["damaged"])


def test_an_unknown_link_is_told_before_a_browser_starts(cli: CommandLine) -> None:
    said = cli("--json", "verify", "--replay", "https://nobody.example/")
    assert (said.code, said.error["code"]) == (1, "link.not_found")
