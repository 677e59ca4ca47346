"""Pages that cannot be rendered within their limits keep what can be had, and are not tried again.

Each in a worker of its own kind of trouble: memory, crash, deadline. What was asked of the site tells how often
a page was tried; the good page after it, that the worker goes on.
"""

import contextlib
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from crawl_worker import Worker, request, results, send

from linkshot.app import App
from linkshot.domain.manifest import Manifest
from linkshot.domain.messages import SnapshotFinished
from linkshot.domain.model import Outcome, Role, Verdict
from linkshot.samples.loopback import Raw, Request, Response, hold
from linkshot.system.config import Settings
from linkshot.wiring import open_app
from tests.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]

RENDERED = {
    Role.TEXT,
    Role.READER,
    Role.META,
    Role.HTML,
    Role.SCREENSHOT,
    Role.THUMBNAIL,
    Role.WACZ,
}
UNRENDERED = {Role.TEXT, Role.READER, Role.META, Role.ORIGINAL, Role.WACZ}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    settings = Settings(
        data=tmp_path, allow_networks=("127.0.0.0/8",), host_gap_s=0.1, host_gap_factor=0.0,
        disk_floor_bytes=0, page_slots=1, self_check="off",
    )  # fmt: skip
    opened = open_app(settings)
    yield opened
    opened.close()


End = tuple[SnapshotFinished, str]
"""The result of a page, and its text."""
Visit = Callable[..., End]


@pytest.fixture
def visit(app: App, site: Site) -> Visit:
    """Visits a hostile page and then a good one, in one worker with these settings."""

    def visit(path: str, meanwhile: Callable[[Worker], None] | None = None, **limits: str) -> End:
        site.requests.clear()
        hostile, good = request(site.url(path)), request(site.url("/stable"))
        send(app, hostile, good)
        environment = {f"LINKSHOT_{name.upper()}": value for name, value in limits.items()}
        with Worker(app, **environment) as worker:
            if meanwhile is not None:
                meanwhile(worker)
            found = results(app, 2)
            worker.end()
        assert worker.left() == []
        assert found[good.request_id].quality.verdict is Verdict.GOOD
        return found[hostile.request_id], text_of(app, found[hostile.request_id])

    return visit


def text_of(app: App, finished: SnapshotFinished) -> str:
    found = [one.key for one in finished.artifacts if one.role is Role.TEXT]
    return app.store.read(found[0]).decode() if found else ""


def roles(finished: SnapshotFinished) -> set[Role]:
    return {one.role for one in finished.artifacts} - {Role.ICON}


def is_kept(end: End, word: str, reasons: set[str]) -> None:
    """It is partial, for these reasons among others, and has its words."""
    finished, text = end
    assert finished.quality is not None
    assert (finished.outcome, finished.quality.verdict) == (Outcome.STORED, Verdict.PARTIAL), (
        finished.quality
    )
    assert reasons <= set(finished.quality.reasons)
    assert word in text


def test_p19_ten_thousand_frames(visit: Visit, site: Site) -> None:
    end = visit("/frames-many?n=10000")
    is_kept(end, "值得留下", {"frames_left_out:9901"})
    lost = {Role.SCREENSHOT} if "screenshot" in end[0].quality.reasons else set()
    assert roles(end[0]) == RENDERED - lost
    assert len(site.seen("/frames-many")) == 1


@pytest.mark.slow
def test_p19_half_a_million_elements(visit: Visit, site: Site) -> None:
    end = visit("/huge?nodes=500000")
    is_kept(end, "Brick 249999", {"first_screen"})
    # a slow machine has more of it in memory when it is cut short
    assert {"dom", "freeze"} <= set(reasons := end[0].quality.reasons) or "memory" in reasons
    assert roles(end[0]) == RENDERED
    assert len(site.seen("/huge")) == 1


@pytest.mark.slow
def test_p20_two_hundred_busy_workers(visit: Visit, site: Site) -> None:
    # how busy its own thread is, and so what is cut short, depends on when the workers are put back
    finished, text = visit("/workers?n=200")
    assert finished.quality.verdict in (Verdict.PARTIAL, Verdict.GOOD)
    assert (roles(finished), "带走" in text) == (RENDERED, True)
    assert len(site.seen("/workers")) == 1


def test_p20_a_drawing_that_unfolds_without_end(visit: Visit, site: Site) -> None:
    end = visit("/drawing-bomb", browser_memory_bytes="700000000")
    is_kept(end, "值得留下", {"memory", "unrendered"})
    assert "scripts_off" not in end[0].quality.reasons
    assert roles(end[0]) == UNRENDERED
    assert end[0].title == "A thicket"
    assert len(site.seen("/drawing-bomb")) == 2


def test_what_the_site_sent_is_kept_byte_for_byte_and_read_in_its_charset(
    visit: Visit, app: App, site: Site
) -> None:
    levels = (f"<g id=l{n}>" + f'<use href="#l{n - 1}"/>' * 10 + "</g>" for n in range(1, 10))
    drawing = f'<svg><defs><path id=l0 d="M0 0h9"/>{"".join(levels)}</defs><use href="#l9"/></svg>'
    words = "山茶开了三朵，邻居说去年没有开。" * 3
    sent = f"<!DOCTYPE html><title>山茶</title><p>{words}</p>{drawing}".encode("gbk")
    site.put("/in-gbk", Response(body=sent, content_type="text/html; charset=gb2312"))
    finished, text = visit("/in-gbk", page_deadline_s="6", browser_memory_bytes="8000000000")
    is_kept((finished, text), words, {"timeout", "unrendered"})
    (original,) = (one for one in finished.artifacts if one.role is Role.ORIGINAL)
    assert (original.name, original.media_type) == ("original.html", "text/html")
    assert app.store.read(original.key) == sent
    assert (finished.title, len(site.seen("/in-gbk"))) == ("山茶", 1)


@pytest.mark.parametrize(
    ("kills", "reason"), [(2, "scripts_off"), (3, "unrendered")], ids=["twice", "each time"]
)
def test_p34_a_page_whose_renderer_is_killed(
    visit: Visit, site: Site, kills: int, reason: str
) -> None:
    begun = threading.Semaphore(0)

    def part(asked: Request) -> Raw:
        begun.release()
        return Raw(pieces=hold(asked))

    page = "<!DOCTYPE html><title>渡口</title><p>" + "渡船每天开两班。" * 9 + "<img src=/part>"
    site.put("/part", part)
    site.put("/killed", page)

    def kill(worker: Worker) -> None:
        for _ in range(kills):
            assert begun.acquire(timeout=120)
            kill_renderers(worker)

    end = visit("/killed", kill, load_timeout_s="3")
    is_kept(end, "渡船每天开两班", {"crash", reason})
    assert (end[0].title, len(site.seen("/killed"))) == ("渡口", 3)


def kill_renderers(worker: Worker) -> None:
    for process in worker.family():
        with contextlib.suppress(psutil.Error):
            if "--type=renderer" in process.cmdline():
                process.kill()


def test_a_visit_that_runs_out_of_time_keeps_the_steps_that_were_done(
    visit: Visit, app: App, site: Site
) -> None:
    end = visit("/stuck-image", page_deadline_s="5")
    is_kept(end, "", {"load", "timeout"})
    assert roles(end[0]) == RENDERED
    seconds = Manifest.decode(app.store.read(str(end[0].manifest))).notes["seconds"]
    assert sum(seconds.values()) < 5
