"""A page as somebody's browser had it becomes a snapshot of its link, without a visit."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from web_client import Client, open_web

from linkshot.app import App
from linkshot.cli.main import main
from linkshot.dispatch import lost_messages
from linkshot.dispatch.results import apply_result
from linkshot.dispatch.upload_publisher import publish_uploads
from linkshot.domain.failures import make_failure
from linkshot.domain.messages import SnapshotFinished, SnapshotRequested
from linkshot.domain.model import NewLink, Outcome, Reason, Role, Snapshot
from linkshot.maintenance import gc
from linkshot.system.config import Settings, load_settings
from linkshot.use_cases import links, snapshots, trash
from linkshot.use_cases.uploads import MAX_BYTES
from tests.fleet import Fleet, fleet, opened
from tests.saved_pages import ARCHIVE

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


@pytest.fixture
def client(app: App) -> Client:
    return Client(app)


def send(client: Client, data: bytes, url: str = URL, **headers: str) -> httpx.Response:
    """As the SingleFile extension does."""
    files = {"file": ("page.html", data, "text/html")}
    return client.post("/api/v1/uploads", data={"url": url}, files=files, headers=headers)


@pytest.mark.parametrize(
    ("data", "url", "status", "code"),
    [
        (b"", URL, 422, "upload.empty"),
        (bytes(range(256)) * 9, URL, 422, "upload.not_a_page"),
        (PAGE.encode(), "https://other.example/", 422, "upload.other_address"),
        (PAGE.encode(), "file:///etc/passwd", 422, "url.scheme_not_allowed"),
        (PAGE.encode(), "http://10.0.0.1/", 422, "url.address_blocked"),
        (b"<html>" + b"x" * MAX_BYTES, URL, 413, "body.too_large"),
    ],
    ids=["empty", "garbage", "another address", "no web address", "a private address", "too large"],
)
def test_what_cannot_be_taken_is_refused_and_leaves_nothing(
    client: Client, app: App, data: bytes, url: str, status: int, code: str
) -> None:
    answer = send(client, data, url)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert links.counts(app)["all"] == 0
    assert list(app.store.list("blobs/")) == []


def test_the_same_file_again_is_no_second_snapshot(client: Client) -> None:
    first, second = send(client, PAGE.encode()), send(client, PAGE.encode())
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json() | {"existing": True, "repeated": True}


def test_a_known_link_takes_the_page_as_the_body(client: Client, app: App) -> None:
    link = links.add(app, NewLink(url=URL)).link
    answer = client.post(
        f"/api/v1/links/{link.link_id}/snapshots",
        content=PAGE.encode(),
        headers={"Content-Type": "text/html"},
    )
    assert answer.status_code == 202, answer.text
    assert answer.json()["snapshot_id"]
    visited = client.post(f"/api/v1/links/{link.link_id}/snapshots", headers={})
    assert (visited.status_code, visited.json()["snapshot_id"]) == (202, None)


def test_a_page_of_another_address_is_taken_when_that_is_wanted(client: Client, app: App) -> None:
    link = links.add(app, NewLink(url="https://short.example/x")).link
    path, files = f"/links/{link.link_id}/upload", {"file": ("a.html", PAGE.encode(), "text/html")}
    assert client.post(path, files=files).status_code == 422
    taken = client.post(path, files=files, data={"any_address": "true"})
    assert (taken.status_code, taken.headers["location"]) == (303, f"/links/{link.link_id}")


def test_a_waiting_upload_is_not_garbage(client: Client, app: App) -> None:
    send(client, PAGE.encode())
    (blob,) = app.store.list("blobs/")
    later = replace(app, now=lambda: datetime.now(UTC) + timedelta(days=9))
    assert gc.collect(later).blobs == 0
    assert app.store.stat(blob.key) is not None


def test_a_purged_link_takes_its_waiting_upload_along(client: Client, app: App) -> None:
    link_id = send(client, PAGE.encode()).json()["link_id"]
    trash.remove(app, [link_id])
    trash.purge(app, [link_id])
    assert publish_uploads(app, "test") == 0


def test_an_upload_is_published_again_until_its_result_is_there(client: Client, app: App) -> None:
    told = send(client, PAGE.encode()).json()
    assert [publish_uploads(app, "test") for _ in range(2)] == [1, 0]
    lost_messages.resend(app, told["snapshot_id"])
    assert publish_uploads(app, "test") == 1
    request = SnapshotRequested(
        request_id=told["snapshot_id"], link_id=told["link_id"], url=URL, host="members.example",
        reason=Reason.UPLOAD,
    )  # fmt: skip
    now = app.now()
    failed = SnapshotFinished.of(request, Outcome.FAILED, now, now, make_failure("upload_lost"))
    assert apply_result(app, failed)
    lost_messages.resend(app, told["snapshot_id"])
    assert publish_uploads(app, "test") == 0
    assert links.get(app, told["link_id"]).state == "failing"


def test_an_extension_sends_with_the_password_as_its_token(tmp_path: Path) -> None:
    origin = {"Origin": "chrome-extension://mpiodijhokgodhhofbcjdecpffjipkle"}
    with open_web(tmp_path, password="geheim") as client:
        sent = send(client, PAGE.encode(), **origin, Authorization="Bearer geheim")
        assert sent.status_code == 201
        wrong = send(client, PAGE.encode(), **origin, Authorization="Bearer falsch")
        assert (wrong.status_code, wrong.json()["code"]) == (401, "login.required")
        bare = send(client, PAGE.encode(), **origin)
        assert (bare.status_code, bare.json()["code"]) == (403, "csrf")


def test_a_page_of_another_site_cannot_upload(client: Client) -> None:
    answer = send(client, PAGE.encode(), Origin="https://evil.example")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")


def test_the_command_keeps_a_page(
    tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(PAGE.encode())
    words = ["--data", str(settings.data), "upload", URL, str(file), "--tag", "会员", "--json"]
    assert main(words) == 0
    (told,) = json.loads(capsys.readouterr().out)["items"]
    assert (told["tags"], told["activity"], told["repeated"]) == (["会员"], "sent", False)


def test_an_uploaded_archive_is_a_page_with_its_pictures(running: tuple[Fleet, App]) -> None:
    _, app = running
    told = send(Client(app), ARCHIVE, "https://example.com/a").json()
    until_kept(running, told["link_id"], told["snapshot_id"])
    page = snapshots.artifact(app, told["snapshot_id"], Role.HTML)
    html = snapshots.read(app, page).decode()
    assert "data:image/png;base64," in html
    assert "color:red" in html
    shown = snapshots.get(app, None, told["snapshot_id"])
    assert set(shown.quality.reasons) == {"uploaded", "parts_left_out:1"}
    assert snapshots.artifact(app, told["snapshot_id"], Role.MHTML).bytes == len(ARCHIVE)


def test_what_no_parser_reads_fails_with_a_reason(running: tuple[Fleet, App]) -> None:
    processes, app = running
    broken = ARCHIVE.replace(b"boundary", b"boundery")
    told = send(Client(app), broken, "https://example.com/a").json()

    def ended() -> list[Snapshot]:
        kept = snapshots.history(app, told["link_id"])
        return [one for one in kept if one.snapshot_id == told["snapshot_id"]]

    processes.until(lambda: bool(ended()))
    (visit,) = ended()
    assert visit.failure is not None
    assert visit.failure.kind == "upload_unreadable"
    assert links.get(app, told["link_id"]).activity == ""
