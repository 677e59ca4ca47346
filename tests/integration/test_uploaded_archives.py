"""A page of an uploaded web archive becomes a snapshot of its link: shown in the browser, nothing fetched."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from web_client import Client

from linkshot.app import App
from linkshot.cli.main import main
from linkshot.domain.model import NewLink, Role, Snapshot
from linkshot.maintenance.verify import verify
from linkshot.system.config import Settings, load_settings
from linkshot.use_cases import links, snapshots
from tests.fleet import Fleet, fleet, opened
from tests.web_archives import Recorded, page, shop, wacz, warc

SHOP = shop()
PAGE, OTHER = SHOP[1].url, SHOP[-1].url
ONE = Recorded(url="https://one.example/", body=page("只有一页", "<p>这个存档里只有一个网页。</p>"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fleet, App]]:
    """A real `linkshot up` beside an App on its data."""
    folder = tmp_path_factory.mktemp("up")
    settings = load_settings(data=folder / "data", disk_floor_bytes=0)
    with opened(settings) as app, fleet(settings, folder) as processes:
        yield processes, app


def send(app: App, data: bytes, url: str = "") -> httpx.Response:
    files = {"file": ("a.wacz", data, "application/wacz")}
    form = {"url": url} if url else {}
    return Client(app).post("/api/v1/uploads", data=form, files=files, headers={})


def ended(running: tuple[Fleet, App], told: dict[str, str]) -> Snapshot:
    """The snapshot of this upload, once there is one."""
    processes, app = running

    def found() -> Snapshot | None:
        visits = snapshots.history(app, told["link_id"])
        return next((one for one in visits if one.snapshot_id == told["snapshot_id"]), None)

    processes.until(lambda: found() is not None)
    made = found()
    assert made is not None
    return made


def text_of(app: App, made: Snapshot, role: Role) -> str:
    return snapshots.read(app, snapshots.artifact(app, made.snapshot_id, role)).decode()


@pytest.mark.parametrize("kind", ["wacz", "warc.gz", "warc"])
def test_the_page_of_an_archive_is_shown_with_its_scripts_and_pictures(
    running: tuple[Fleet, App], kind: str
) -> None:
    _, app = running
    records = shop(f"https://{kind.replace('.', '-')}.example")
    url = records[1].url
    data = warc(records, packed=kind != "warc", requests_first=kind != "wacz")
    if kind == "wacz":
        data = wacz({"a.warc.gz": data}, [url])
    made = ended(running, send(app, data, url).json())
    assert made.failure is None
    assert set(made.quality.reasons) == {"uploaded_archive"}, made.quality
    assert (made.title, made.http_status, made.final_url) == ("机器学习编译器", 200, url)
    assert "由脚本写入" in text_of(app, made, Role.TEXT)
    saved = text_of(app, made, Role.HTML)
    assert "rgb(1, 2, 3)" in saved or "rgb(1,2,3)" in saved
    assert "data:image/png;base64," in saved
    assert "<script" not in saved
    assert made.artifact(Role.SCREENSHOT) is not None
    role = Role.WACZ if kind == "wacz" else Role.WARC
    assert snapshots.read(app, snapshots.artifact(app, made.snapshot_id, role)) == data
    assert links.get(app, made.link_id).state == "ok"


@pytest.mark.parametrize(
    ("data", "url", "code", "pages"),
    [
        (warc(SHOP), "https://shop.example/nowhere", "upload.no_such_page", [PAGE, OTHER]),
        (warc(SHOP), "", "upload.several_pages", [PAGE, OTHER]),
        (warc([]), "", "upload.no_page", None),
        (b"PK\x03\x04archive/PK\x05\x06" + bytes(18), "", "upload.archive_unreadable", None),
        (warc([Recorded(url="http://10.0.0.1/", body=ONE.body)]), "", "url.address_blocked", None),
        (b"<html><p>Says nothing of where it is from", "", "upload.no_address", None),
    ],
    ids=["another page", "several pages", "no page", "broken", "a private address", "no address"],
)
def test_an_archive_without_the_page_is_refused_and_leaves_nothing(
    app: App, data: bytes, url: str, code: str, pages: list[str] | None
) -> None:
    answer = send(app, data, url)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json().get("pages") == pages
    assert links.counts(app)["all"] == 0
    assert list(app.store.list("blobs/")) == []


def test_the_link_page_names_the_pages_that_are_there(app: App) -> None:
    link = links.add(app, NewLink(url="https://shop.example/nowhere")).link
    files = {"file": ("a.warc.gz", warc(SHOP), "application/gzip")}
    answer = Client(app).post(
        f"/links/{link.link_id}/upload", files=files, headers={"Accept-Language": "zh-CN"}
    )
    assert answer.status_code == 422
    assert "这个存档里没有该网址的网页" in answer.text
    assert PAGE in answer.text


def test_a_single_page_brings_its_own_address(running: tuple[Fleet, App]) -> None:
    _, app = running
    told = send(app, wacz({"a.warc.gz": warc([ONE])}, [ONE.url])).json()
    assert links.get(app, told["link_id"]).url == ONE.url
    made = ended(running, told)
    assert "这个存档里只有一个网页" in text_of(app, made, Role.TEXT)
    report = verify(app, told["link_id"], deep=True)
    assert (report.findings, report.remarks) == ([], [])
    assert report.counts["uploaded_archives"] == 1


def test_what_is_wrong_with_an_uploaded_archive_is_a_remark(running: tuple[Fleet, App]) -> None:
    _, app = running
    url = "https://wrong.example/"
    right = warc([Recorded(url=url, body=page("Wrong", "<p>Written once."))], packed=False)
    told = send(app, right.replace(b"Written once", b"Written anew")).json()
    made = ended(running, told)
    assert set(made.quality.reasons) == {"uploaded_archive", "archive_digests:1"}
    report = verify(app, told["link_id"], deep=True)
    assert report.findings == []
    assert [one.code for one in report.remarks] == ["uploaded.digest"]


def test_the_command_keeps_every_page_of_an_archive(
    tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "shop.wacz"
    inner = Recorded(url="http://10.0.0.1/in", body=ONE.body)
    file.write_bytes(wacz({"a.warc.gz": warc([*SHOP, inner])}, [PAGE, OTHER, inner.url]))
    words = ["--data", str(settings.data), "upload", str(file)]
    assert main(words) == 2
    assert "upload.several_pages" in capsys.readouterr().err
    assert main([*words, "--all-pages", "--tag", "店", "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert [one["url"] for one in told["items"]] == [PAGE, OTHER]
    assert [one["code"] for one in told["refused"]] == ["url.address_blocked"]
    assert {tuple(one["tags"]) for one in told["items"]} == {("店",)}
