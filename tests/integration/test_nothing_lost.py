"""Everything may be killed at any moment: nothing accepted is lost, nothing exists twice."""

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from linkshot.app import App
from linkshot.catalogue.snapshots import snapshots as rows
from linkshot.domain.messages import SUBMISSIONS
from linkshot.domain.model import Link, NewLink, Outcome
from linkshot.maintenance import rebuild
from linkshot.maintenance.verify import verify
from linkshot.ports import Message, PageRequest
from linkshot.query import All
from linkshot.system.config import Settings
from linkshot.use_cases import links, snapshots, uploads
from tests.fleet import GONE_S, OF_COMMANDS, Fleet, all_settled, failpoint_names, fleet, opened
from tests.site import Site

pytestmark = pytest.mark.browser

RANDOM_MOMENTS = 20
WALKS = {
    "dispatch and index": (
        "dispatch-leased", "dispatch-published", "dispatch-sent", "message-applied",
        "dispatch-upload-leased", "dispatch-upload-published", "announce-published", "journal-written", "before-apply", "after-apply",
    ),
    "before and after the work": ("after-take", "before-mark", "before-ack", "after-ack"),
    "marked, first blob": ("after-mark", "before-put"),
    "visiting, blob there": ("before-visit", "after-put"),
    "visited, no manifest yet": ("after-visit", "before-manifest"),
    "the snapshot exists": ("after-manifest", "before-publish", "after-publish"),
}  # fmt: skip
"""Each point kills once for all processes together; at most two in a row lose a visit, because a
visit that is lost three times while it is alone counts as poison."""


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def accept(app: App, site: Site) -> int:
    """Two links by hand, one through the front door and one with an uploaded page; how many links that
    makes."""
    links.add(app, NewLink(url=site.url("/stable"), tags=("标签/一",)))
    links.add(app, NewLink(url=site.url("/zh/article")))
    submission = f'{{"url": "{site.url("/text")}", "tags": ["door"]}}'.encode()
    app.queue.publish(SUBMISSIONS, [Message(key="a", value=submission)])
    page = (
        "<!doctype html><title>会员</title><p>只有登录以后才能看到的正文，讲的是图优化与代码生成。"
    )
    uploads.add(app, NewLink(url="https://members.example/"), page.encode())
    return 4


def assert_whole(app: App, count: int) -> None:
    """verify is content, and every link has a stored snapshot; further visits found it unchanged, or kept it
    again when they were asked for before the first one was known."""
    report = verify(app, deep=True)
    assert report.findings == []
    assert report.counts["links"] == count
    with app.catalogue.read() as conn:
        outcomes = conn.execute(sa.select(rows.c.link_id, rows.c.outcome)).all()
    stored = {row.link_id for row in outcomes if row.outcome == Outcome.STORED.value}
    assert sorted(stored) == sorted(str(one.link_id) for one in snapshots_of(app)), outcomes
    others = {row.outcome for row in outcomes} - {Outcome.STORED.value}
    assert others <= {Outcome.UNCHANGED.value}, outcomes


def snapshots_of(app: App) -> list[Link]:
    return list(links.list_links(app, All(), PageRequest(limit=200)).items)


def test_every_fail_point_of_the_source_is_walked() -> None:
    walked = {point for points in WALKS.values() for point in points}
    assert walked | set(OF_COMMANDS) == set(failpoint_names())


@pytest.mark.slow
@pytest.mark.parametrize("points", WALKS.values(), ids=WALKS)
def test_a_kill_at_each_of_these_points_loses_nothing(
    place: Settings, tmp_path: Path, site: Site, points: tuple[str, ...]
) -> None:
    with opened(place) as app, fleet(place, tmp_path) as processes:
        count = accept(app, site)
        processes.fail_at(*(f"{point}:kill" for point in points))
        processes.until(lambda: all_settled(app, count) and walked(app, site, processes, points))
        processes.stop()
        assert_whole(app, count)


def walked(app: App, site: Site, processes: Fleet, points: tuple[str, ...]) -> bool:
    """Whether every point killed; when the work was done without one of them, there is more work."""
    if set(points) <= processes.fired():
        return True
    snapshots.request(app, [links.get(app, site.url("/stable")).link_id])
    return False


@pytest.mark.slow
def test_kills_at_random_moments_lose_nothing(place: Settings, tmp_path: Path, site: Site) -> None:
    seed = int(os.environ.get("LINKSHOT_TEST_SEED", str(time.time_ns() % 1_000_000)))
    print(f"seed {seed}")
    chance = random.Random(seed)
    with opened(place) as app, fleet(place, tmp_path) as processes:
        count = accept(app, site)
        for _ in range(RANDOM_MOMENTS):
            processes.keep_running()
            time.sleep(chance.uniform(0.2, 3.0))
            processes.kill()
            snapshots.request(app, [links.get(app, site.url("/stable")).link_id])
        processes.until(lambda: all_settled(app, count))
        processes.stop()
        report = verify(app, deep=True)
        assert report.findings == [], f"seed {seed}"
        assert report.counts["links"] == count


def test_killing_up_alone_leaves_no_worker_and_no_browser(
    settings: Settings, tmp_path: Path, site: Site
) -> None:
    with opened(settings) as app, fleet(settings, tmp_path) as processes:
        links.add(app, NewLink(url=site.url("/slow?s=20")))
        processes.until(lambda: _visits(site, "/slow"))
        below = processes.kill(signal.SIGKILL)
        assert any("chromium" in name for name in _names(below)) or below
        _, left = psutil.wait_procs(below, timeout=GONE_S)
        assert left == []


def test_index_and_catalogue_come_back_from_the_store(
    settings: Settings, tmp_path: Path, site: Site
) -> None:
    from indexer.document import documents

    with opened(settings) as app, fleet(settings, tmp_path) as processes:
        count = accept(app, site)
        processes.until(lambda: all_settled(app, count))
        processes.stop()
        before = _set(app)
        wanted = dict(app.index.revisions())
    for file in settings.data.glob("catalogue.db*"):
        file.unlink()
    with opened(settings) as app:
        rebuild.rebuild_catalogue(app, lambda _what, _count: None)
        rebuild.rebuild_index(app, documents, lambda _what, _count: None)
        assert _set(app) == before
        assert set(dict(app.index.revisions())) == set(wanted)
        assert verify(app).findings == []


def test_an_edit_after_an_older_catalogue_was_restored_reaches_the_index(
    settings: Settings, tmp_path: Path, site: Site
) -> None:
    with opened(settings) as app, fleet(settings, tmp_path) as processes:
        links.add(app, NewLink(url=site.url("/stable")))
        processes.until(lambda: all_settled(app, 1))
        processes.stop()
    older = (settings.data / "catalogue.db").read_bytes()
    with opened(settings) as app, fleet(settings, tmp_path) as processes:
        links.edit(app, site.url("/stable"), note="später")
        processes.until(lambda: all_settled(app, 1))
        processes.stop()
    for file in settings.data.glob("catalogue.db*"):
        file.unlink()
    (settings.data / "catalogue.db").write_bytes(older)
    with opened(settings) as app, fleet(settings, tmp_path) as processes:
        links.edit(app, site.url("/stable"), note="恢复之后")
        processes.until(lambda: all_settled(app, 1))
        processes.stop()
        assert verify(app).findings == []


def _set(app: App) -> set[tuple[object, ...]]:
    return {
        (
            one.link_id,
            one.url,
            one.title,
            tuple(t.name for t in one.tags),
            one.by_added,
            one.versions,
        )
        for one in snapshots_of(app)
    }


def _visits(site: Site, path: str) -> bool:
    return any(request.path.startswith(path) for request in site.requests)


def _names(processes: list[psutil.Process]) -> list[str]:
    names = []
    for process in processes:
        try:
            names.append(process.name())
        except psutil.Error:
            continue
    return names
