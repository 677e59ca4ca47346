"""A snapshot is checked right after its visit: by the worker, when it is asked for or sampled."""

import json
import shutil
from typing import Any

import pytest
import uuid_utils
from cli_world import CommandLine

from crawler.replay.self_check import SAMPLE_EVERY, is_checkable, is_wanted
from linkshot.domain.messages import SnapshotRequested
from linkshot.domain.model import (
    LinkId,
    Previous,
    Quality,
    Reason,
    SnapshotId,
    Verdict,
)
from linkshot.use_cases import links
from pipelines.quality import with_doubts
from tests.integration.pipelines_world import capture, item
from tests.site import Site

needs_browser = pytest.mark.skipif(
    not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
    reason="no Chromium on this machine",
)
PAINTS_ONCE = (
    "<!DOCTYPE html><body><p>page<script>fetch('/once/' + Math.random()).then(() => {"
    "document.body.append('painted '.repeat(9));"
    "document.body.style.background = '#135'})%s</script>"
)
"""The archive cannot answer this request again: its address is another one each time."""


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Links to the test site may be added."""
    settings = {"ALLOW_NETWORKS": "127.0.0.0/8", "DISK_FLOOR_BYTES": "0", "HOST_GAP_S": "0"}
    for name, value in (settings | {"HOST_GAP_FACTOR": "0", "LOAD_TIMEOUT_S": "4"}).items():
        monkeypatch.setenv(f"LINKSHOT_{name}", value)


def shown(cli: CommandLine, link_id: str) -> dict[str, Any]:
    """The snapshot that is shown, as `show` prints it."""
    return dict(cli("--json", "show", link_id).json["snapshot"])


@needs_browser
@pytest.mark.browser
@pytest.mark.usefixtures("here")
def test_a_snapshot_is_checked_when_it_is_asked_for(cli: CommandLine, site: Site) -> None:
    url = site.put("/plain", "<!DOCTYPE html><p>一页 plain")
    added = cli("--json", "add", url, "--wait")
    assert added.code == 0
    (link_id,) = (one["link_id"] for one in added.json["items"])
    assert shown(cli, link_id)["fidelity"] is None
    assert "not checked: nobody has compared it" in cli("show", link_id).out

    site.requests.clear()
    assert cli("snapshot", link_id, "--check", "--wait").code == 0
    assert len(site.seen("/plain")) == 1
    visit = shown(cli, link_id)
    whole = {"pixels": 0.0, "text": 1.0, "missing": 0, "leaks": 0, "failed": ""}
    assert (visit["fidelity"]["page"], visit["fidelity"]["archive"]) == (whole, whole)
    assert (visit["reason"], visit["quality"]["verdict"]) == ("manual", "good")
    assert "the web archive: 0.0% of the picture differ" in cli("show", link_id).out
    with cli.app() as app:
        current = links.get(app, link_id).current
        assert current is not None
        manifest = json.loads(app.store.read(str(current.manifest)))
    assert manifest["fidelity"]["archive"] == whole


@needs_browser
@pytest.mark.browser
@pytest.mark.usefixtures("here")
def test_a_snapshot_that_does_not_show_its_page_is_doubtful(
    cli: CommandLine, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINKSHOT_SELF_CHECK", "always")
    url = site.put("/painted", PAINTS_ONCE % "")
    (link_id,) = (one["link_id"] for one in cli("--json", "add", url, "--wait").json["items"])
    visit = shown(cli, link_id)
    assert visit["quality"] == {"verdict": "doubtful", "reasons": ["archive_differs"]}
    assert visit["fidelity"]["archive"]["missing"] == 1
    assert visit["fidelity"]["page"]["pixels"] == 0.0
    assert cli("--json", "search", "is:doubtful").json["total"] == 1


@needs_browser
@pytest.mark.browser
@pytest.mark.usefixtures("here")
def test_a_page_that_hangs_when_it_is_shown_again_is_kept(
    cli: CommandLine, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINKSHOT_SELF_CHECK", "always")
    url = site.put("/hangs", PAINTS_ONCE % ".catch(() => {for (;;);})")
    (one,) = cli("--json", "add", url, "--wait").json["items"]
    visit = shown(cli, one["link_id"])
    assert visit["outcome"] == "stored"
    assert visit["fidelity"]["page"]["pixels"] == 0.0


def request(**given: Any) -> SnapshotRequested:
    known = {
        "request_id": SnapshotId(str(uuid_utils.uuid7())), "link_id": LinkId("0" * 32),
        "url": "http://a.example/", "host": "a.example", "reason": Reason.ADD,
    }  # fmt: skip
    return SnapshotRequested(**(known | given))


BEFORE = Previous(snapshot_id=SnapshotId("a"), manifest="m")


def test_what_is_asked_for_is_checked_whatever_the_setting_says() -> None:
    assert [is_wanted(request(check=True), how, idle=False) for how in ("off", "sample")] == [
        True,
        True,
    ]


def test_the_first_snapshot_of_a_link_is_checked_while_the_worker_is_idle() -> None:
    assert all(is_wanted(request(), "sample", idle=True) for _ in range(50))
    assert not any(is_wanted(request(), "off", idle=True) for _ in range(50))


@pytest.mark.parametrize(
    ("given", "idle"), [({}, False), ({"previous": BEFORE}, True)], ids=["busy", "not the first"]
)
def test_of_other_snapshots_one_in_twenty_is_checked(given: dict[str, Any], *, idle: bool) -> None:
    asked = [request(**given) for _ in range(4000)]
    wanted = [one for one in asked if is_wanted(one, "sample", idle=idle)]
    assert 0.5 < len(wanted) * SAMPLE_EVERY / len(asked) < 1.5
    assert all(is_wanted(one, "sample", idle=idle) for one in wanted)
    assert all(is_wanted(one, "always", idle=idle) for one in asked)


def test_doubts_are_about_pages_only_and_come_first() -> None:
    partial = Quality(verdict=Verdict.PARTIAL, reasons=("parts",))
    both = ("page_differs", "parts")
    assert with_doubts(partial, ("page_differs",)) == Quality(
        verdict=Verdict.DOUBTFUL, reasons=both
    )
    assert with_doubts(partial, ()) is partial
    wall = Quality(verdict=Verdict.BLOCKED, reasons=("bot_wall",))
    assert with_doubts(wall, ("page_differs",)) is wall


def test_a_page_that_ended_a_browser_or_a_worker_is_not_shown_again() -> None:
    assert is_checkable(item(brought := capture("<p>x")), brought)
    assert not is_checkable(item(brought, isolated=True), brought)
    assert not is_checkable(item(brought := capture("<p>x", partial=("crash",))), brought)
