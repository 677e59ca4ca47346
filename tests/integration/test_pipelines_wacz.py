"""archive.wacz: what is in it, that it is read back whole, and when it is made."""

import io
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from linkshot.app import App
from linkshot.domain.model import Capture, Change, ChangeKind, Exchange, Reason, Role, Verdict
from linkshot.domain.signatures import check_signature
from linkshot.maintenance.archive_check import check_archive
from linkshot.system.config import Settings
from linkshot.use_cases import blobs
from linkshot.wiring import open_app
from pipelines.archive.wacz_pipeline import SWEEP_AFTER_S, WaczPipeline, sweep
from pipelines.item import PendingArtifact, SnapshotItem
from pipelines.quality import QualityPipeline
from pipelines.store import StorePipeline
from tests.integration.pipelines_world import NOW, REQUEST, capture, item, through

URL = "http://a.example/d/p.html"
HTML = "<title>页</title><p>正文</p>"


def exchange(path: str = "/d/p.html", n: int = 0, **given: Any) -> Exchange:
    known: dict[str, Any] = {
        "url": f"http://a.example{path}",
        "method": "GET",
        "status": 200,
        "reason": "OK",
        "request_headers": (("User-Agent", "own/1"),),
        "response_headers": (("Content-Type", "text/html"), ("Content-Encoding", "gzip")),
        "resource_type": "document",
        "body": HTML.encode(),
        "started_at": NOW + timedelta(milliseconds=n),
        "remote_address": "192.0.2.7",
        "tls": "TLS 1.3",
    }
    return Exchange(**(known | given))


def archived(*exchanges: Exchange, **given: Any) -> SnapshotItem:
    """An item with its archive."""
    brought = capture(HTML, exchanges=exchanges, final_url=URL)
    one = item(brought, title="页", text="正文", **given)
    text = PendingArtifact(
        role=Role.TEXT, name="text.txt", media_type="text/plain", data="正文".encode()
    )
    one.artifacts.append(text)
    return through(one, WaczPipeline(enabled=True))


@pytest.fixture
def made() -> Iterator[Path]:
    """The archive of a page with a redirect, a sheet, a POST and a cut picture."""
    kind = (("Content-Type", "text/css"),)
    one = archived(
        exchange("/old", 0, status=302, body=b"", response_headers=(("Location", "/d/p.html"),)),
        exchange(n=1),
        exchange("/s.css", 2, resource_type="stylesheet", response_headers=kind, body=b"p{}"),
        exchange("/api", 3, method="POST", post_data=b'{"a": 1}', resource_type="xhr", body=b"{}",
                 request_headers=(("Content-Type", "application/json"),)),
        exchange("/p.png", 4, resource_type="image", body=b"\x89PNG", truncated="length"),
    )  # fmt: skip
    path = one.artifacts[-1].data
    assert isinstance(path, Path)
    yield path
    path.unlink()


def records(path: Path) -> list[tuple[Any, bytes]]:
    with zipfile.ZipFile(path) as packed:
        warc = io.BytesIO(packed.read("archive/data.warc.gz"))
    found = []
    for record in ArchiveIterator(warc, check_digests="raise"):
        found.append((record, record.content_stream().read()))
    return found


def test_an_archive_has_nothing_that_its_check_finds(made: Path) -> None:
    with made.open("rb") as source:
        assert check_archive(source) == []


def test_records_are_answers_each_before_its_request(made: Path) -> None:
    kinds = [record.rec_type for record, _ in records(made)]
    assert kinds == ["warcinfo", *["response", "request"] * 5, "resource", "resource"]


def test_an_answer_is_stored_decoded_and_says_what_it_was(made: Path) -> None:
    (record, body) = records(made)[3]
    headers, facts = record.http_headers, record.rec_headers
    assert body == HTML.encode()
    assert headers.get_header("x-orig-content-encoding") == "gzip"
    assert headers.get_header("content-encoding") is None
    assert headers.get_header("content-length") == str(len(body))
    assert facts.get_header("WARC-Page-ID") == REQUEST
    assert facts.get_header("WARC-IP-Address") == "192.0.2.7"
    assert facts.get_header("WARC-Protocol") == "tls/1.3"
    assert facts.get_header("WARC-Payload-Digest").startswith("sha256:")


def test_a_body_that_was_cut_says_so(made: Path) -> None:
    cut = [r.rec_headers.get_header("WARC-Truncated") for r, _ in records(made)]
    assert [one for one in cut if one] == ["length"]


def test_the_text_of_the_page_is_a_record(made: Path) -> None:
    found = {r.rec_headers.get_header("WARC-Target-URI"): body for r, body in records(made)}
    assert found[f"urn:text:{URL}"] == "正文".encode()
    assert (
        json.loads(found[f"urn:pageinfo:{URL}"])["urls"]["http://a.example/s.css"]["status"] == 200
    )


def test_the_index_finds_a_request_by_its_body(made: Path) -> None:
    with zipfile.ZipFile(made) as packed:
        lines = packed.read("indexes/index.cdxj").decode().splitlines()
    (line,) = [one for one in lines if "/api" in one]
    assert line.startswith("example,a)/api?__wb_method=post&a=1 20260102000000003 ")
    assert json.loads(line.partition(" {")[2].join(("{", "")))["requestBody"] == "a=1"


def test_the_page_and_the_package_name_the_main_answer(made: Path) -> None:
    with zipfile.ZipFile(made) as packed:
        page = json.loads(packed.read("pages/pages.jsonl").splitlines()[1])
        about = json.loads(packed.read("datapackage.json"))
    assert (page["id"], page["url"], page["title"], page["text"]) == (REQUEST, URL, "页", "正文")
    assert (about["mainPageUrl"], about["mainPageURL"], about["wacz_version"]) == (
        URL,
        URL,
        "1.1.1",
    )


def test_the_same_page_gives_the_same_bytes(made: Path) -> None:
    first, again = (archived(exchange()).artifacts[-1].data for _ in range(2))
    assert isinstance(first, Path)
    assert isinstance(again, Path)
    assert first.read_bytes() == again.read_bytes()
    first.unlink()
    again.unlink()


def test_a_large_index_is_compressed_in_blocks_and_whole() -> None:
    many = [exchange(f"/{n}", n) for n in range(2500)]
    path = archived(*many, exchange(n=9999)).artifacts[-1].data
    assert isinstance(path, Path)
    with zipfile.ZipFile(path) as packed, path.open("rb") as source:
        assert check_archive(source) == []
        assert packed.read("indexes/index.idx").count(b"\n") == 4
    path.unlink()


@pytest.mark.parametrize(
    ("enabled", "given", "brought"),
    [
        (False, {}, capture(HTML, exchanges=(exchange(),))),
        (True, {}, capture(HTML)),
        (
            True,
            {"reason": Reason.SCHEDULE, "change": Change(kind=ChangeKind.SAME)},
            capture(HTML, exchanges=(exchange(),)),
        ),
    ],
    ids=["switched off", "nothing recorded", "not changed"],
)
def test_no_archive_is_made(enabled: bool, given: dict[str, Any], brought: Capture) -> None:
    one = through(item(brought, **given), WaczPipeline(enabled=enabled))
    assert (one.artifacts, one.partial) == ([], [])


def test_a_page_that_moved_on_without_a_request_is_found_by_its_answer() -> None:
    brought = capture(HTML, exchanges=(exchange(),), final_url="http://a.example/moved")
    one = through(item(replace(brought)), WaczPipeline(enabled=True))
    path = one.artifacts[-1].data
    assert isinstance(path, Path)
    with path.open("rb") as source:
        assert check_archive(source) == []
    path.unlink()


def test_the_store_keeps_the_archive_and_its_file_is_gone(kept: App) -> None:
    one = archived(exchange())
    path = one.artifacts[-1].data
    assert isinstance(path, Path)
    data = path.read_bytes()
    stored = through(one, StorePipeline(kept))
    assert stored.finished is not None
    (found,) = [a for a in stored.finished.artifacts if a.role is Role.WACZ]
    assert (found.name, found.media_type) == ("archive.wacz", "application/wacz")
    assert blobs.read(kept.store, found.sha256, found.bytes) == data
    assert not path.exists()


def test_of_several_screenshots_the_first_is_the_view(tmp_path: Path) -> None:
    one = item(capture(HTML, exchanges=(exchange(),), final_url=URL), title="页", text="正文")
    one.artifacts += [
        PendingArtifact(
            role=Role.SCREENSHOT, name=f"{n}.webp", media_type="image/webp", data=b"%d" % n
        )
        for n in (1, 2)
    ]
    path = through(one, WaczPipeline(enabled=True)).artifacts[-1].data
    assert isinstance(path, Path)
    with zipfile.ZipFile(path) as archive, archive.open("archive/data.warc.gz") as records:
        views = [
            record.content_stream().read()
            for record in ArchiveIterator(records)
            if record.rec_headers.get_header("WARC-Target-URI") == f"urn:view:{URL}"
        ]
    path.unlink()
    assert views == [b"1"]


def test_what_killed_workers_left_is_swept_after_a_day(tmp_path: Path) -> None:
    for name in ("linkshot-a.wacz", "linkshot-b.wacz", "other.wacz"):
        (tmp_path / name).write_bytes(b"")
    now = (tmp_path / "other.wacz").stat().st_mtime
    os.utime(tmp_path / "linkshot-a.wacz", (now, now - SWEEP_AFTER_S - 1))
    sweep(tmp_path, now)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["linkshot-b.wacz", "other.wacz"]


def test_a_page_whose_main_answer_was_not_recorded_lacks_its_archive_and_keeps_its_verdict() -> (
    None
):
    login = "<title>Log in</title><form><input type=password></form><p>Please log in with your account.</p>"
    brought = capture(
        login, exchanges=(exchange("/other", body=b"x"),), final_url=URL, title="Log in"
    )
    one = item(brought, title="Log in", text="Please log in with your account.")
    # somebody who keeps the address of a login page means the form
    one.request = replace(one.request, url="http://a.example/login")
    made = through(one, QualityPipeline(), WaczPipeline(enabled=True))
    assert (made.artifacts, made.partial) == ([], ["wacz"])
    assert (made.quality.verdict, made.quality.reasons) == (Verdict.PARTIAL, ("wacz",))


def test_an_archive_is_signed_with_the_key_of_the_worker(kept: App) -> None:
    one = item(capture(HTML, exchanges=(exchange(),), final_url=URL))
    path = through(one, WaczPipeline(enabled=True, signer=lambda: kept.signer)).artifacts[-1].data
    assert isinstance(path, Path)
    with path.open("rb") as source, zipfile.ZipFile(path) as packed:
        told = json.loads(packed.read("datapackage-digest.json"))
        assert check_archive(source) == []
    path.unlink()
    check_signature(told["signedData"], told["hash"])


def test_a_worker_whose_key_cannot_be_used_keeps_the_archive_unsigned(tmp_path: Path) -> None:
    app = open_app(Settings(data=tmp_path, signing_key=str(tmp_path / "none.pem")))
    one = item(capture(HTML, exchanges=(exchange(),), final_url=URL))
    path = through(one, WaczPipeline(enabled=True, signer=lambda: app.signer)).artifacts[-1].data
    assert isinstance(path, Path)
    with zipfile.ZipFile(path) as packed:
        assert "signedData" not in json.loads(packed.read("datapackage-digest.json"))
    path.unlink()
