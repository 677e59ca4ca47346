"""A page as somebody's browser had it becomes a snapshot of its link, without a visit."""

from collections.abc import Iterator

import pytest
from web_client import Client

from linkshot.app import App
from linkshot.domain.model import Role
from linkshot.system.config import load_settings
from linkshot.use_cases import links, snapshots
from tests.fleet import Fleet, fleet, opened

URL = "https://members.example/文章?id=7"
PAGE = """<!DOCTYPE html> <html lang=zh><!--
 Page saved with SingleFile
 url: https://members.example/%E6%96%87%E7%AB%A0?id=7
 saved date: Mon Jan 05 2026 10:00:00 GMT+0800 (China Standard Time)
--><head><meta charset=utf-8><title>机器学习编译器</title>
<link rel=icon href="data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=">
</head><body onload="alert(1)"><script>document.title='x'</script>
<article><h1>机器学习编译器</h1><p>只有登录以后才能看到的正文，讲的是图优化与代码生成。</p></article>
</body></html>"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fleet, App]]:
    """A real `linkshot up` beside an App on its data."""
    folder = tmp_path_factory.mktemp("up")
    settings = load_settings(data=folder / "data", disk_floor_bytes=0)
    with opened(settings) as app, fleet(settings, folder) as processes:
        yield processes, app


def until_kept(running: tuple[Fleet, App], link_id: str, snapshot_id: str) -> None:
    processes, app = running

    def kept() -> bool:
        current = links.get(app, link_id).current
        return current is not None and current.snapshot_id == snapshot_id

    processes.until(kept)


def test_an_uploaded_page_is_the_current_snapshot_and_was_not_visited(
    running: tuple[Fleet, App],
) -> None:
    _, app = running
    answer = Client(app).post(
        "/api/v1/uploads",
        data={"url": URL},
        files={"file": ("page.html", PAGE.encode(), "text/html")},
        headers={},
    )
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert not told["existing"]
    until_kept(running, told["link_id"], told["snapshot_id"])
    link = links.get(app, told["link_id"])
    assert (link.title, link.state, link.activity) == ("机器学习编译器", "ok", "")
    shown = link.current
    assert shown is not None
    assert shown.quality.reasons[0] == "uploaded"
    assert (shown.reason, shown.http_status) == ("upload", None)
    assert [visit.snapshot_id for visit in snapshots.history(app, link.link_id)] == [
        told["snapshot_id"]
    ]
    kept = {
        role: snapshots.artifact(app, shown.snapshot_id, role) for role in (Role.HTML, Role.TEXT)
    }
    page, text = (snapshots.read(app, artifact).decode() for artifact in kept.values())
    assert "图优化与代码生成" in text
    assert "图优化与代码生成" in page
    assert "alert" not in page
    assert "<script" not in page
    original = snapshots.artifact(app, shown.snapshot_id, Role.ORIGINAL)
    assert snapshots.read(app, original) == PAGE.encode()
