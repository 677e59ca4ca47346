"""Broken archives, each with the one fault that its check must find."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from linkshot.domain.model import Exchange
from linkshot.domain.signatures import Signer
from linkshot.maintenance.archive_check import check_archive
from pipelines.archive.wacz import ArchivedPage, write_wacz

NOW = datetime(2026, 1, 2, tzinfo=UTC)
Files = dict[str, bytes]
SIGNER = Signer(ec.generate_private_key(ec.SECP384R1()), "linkshot")


def whole(tmp_path: Path) -> Files:
    """The files of a right archive of three exchanges."""
    exchanges = [
        Exchange(
            url=f"http://a.example/{name}", method="GET", status=200, body=name.encode() * 9,
            started_at=NOW + timedelta(seconds=n),
        )
        for n, name in enumerate(("page", "one.css", "two.png"))
    ]  # fmt: skip
    page = ArchivedPage(
        page_id="0190b6e0-0000-7000-8000-000000000001", url="http://a.example/page", at=NOW,
        made_at=NOW, title="", text="", mime="text/html", status=200,
    )  # fmt: skip
    path = tmp_path / "archive.wacz"
    write_wacz(path, page, exchanges, (), "linkshot", "", SIGNER)
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed(files: Files, *, honest: bool = True, deflate: bool = False) -> io.BytesIO:
    """The ZIP file; its description fits the files unless it is not honest."""
    if honest and "datapackage.json" in files:
        about = json.loads(files["datapackage.json"])
        for one in about["resources"]:
            data = files.get(one["path"], b"")
            one |= {"bytes": len(data), "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}
        files["datapackage.json"] = json.dumps(about).encode()
        digest = hashlib.sha256(files["datapackage.json"]).hexdigest()
        told = {"path": "datapackage.json", "hash": f"sha256:{digest}"}
        files["datapackage-digest.json"] = json.dumps(told).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(
        out, "w", zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
    ) as target:
        for name, data in files.items():
            target.writestr(name, data)
    return out


def _reversed_index(files: Files) -> None:
    lines = files["indexes/index.cdxj"].splitlines(keepends=True)
    files["indexes/index.cdxj"] = b"".join(reversed(lines))


def _offset_off_by_one(files: Files) -> None:
    lines = files["indexes/index.cdxj"].splitlines(keepends=True)
    key, _, facts = lines[0].partition(b" {")
    entry = json.loads(b"{" + facts)
    entry["offset"] += 1
    lines[0] = key + b" " + json.dumps(entry).encode() + b"\n"
    files["indexes/index.cdxj"] = b"".join(lines)


def _other_page(files: Files) -> None:
    pages = files["pages/pages.jsonl"]
    files["pages/pages.jsonl"] = pages.replace(b"a.example/page", b"b.example/page")


def _no_page(files: Files) -> None:
    files["pages/pages.jsonl"] = files["pages/pages.jsonl"].splitlines()[0] + b"\n"


def _cut_warc(files: Files) -> None:
    files["archive/data.warc.gz"] = files["archive/data.warc.gz"][:-9]


def _extra_file(files: Files) -> None:
    files["archive/more.warc.gz"] = b""


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda files: files.pop("indexes/index.cdxj"), "wacz.file"),
        (lambda files: files.pop("pages/pages.jsonl"), "wacz.file"),
        (lambda files: files.pop("datapackage-digest.json"), "wacz.file"),
        (_extra_file, "wacz.file"),
        (_reversed_index, "wacz.index"),
        (_offset_off_by_one, "wacz.index"),
        (_other_page, "wacz.page"),
        (_no_page, "wacz.page"),
    ],
    ids=["no index", "no pages", "no digest", "unlisted file", "unsorted", "offset", "other page", "no page"],
)  # fmt: skip
def test_a_broken_archive_is_found(
    tmp_path: Path, damage: Callable[[Files], object], code: str
) -> None:
    files = whole(tmp_path)
    damage(files)
    # a description that fits would name the files that are missing, and hide those that are too many
    faults = check_archive(packed(files, honest=code != "wacz.file"))
    assert {found for found, _ in faults} == {code}


def test_a_changed_file_does_not_have_its_hash(tmp_path: Path) -> None:
    files = whole(tmp_path)
    files["pages/pages.jsonl"] += b"\n"
    codes = [code for code, _ in check_archive(packed(files, honest=False))]
    assert codes[0] == "wacz.hash"


def test_a_changed_description_does_not_have_its_digest(tmp_path: Path) -> None:
    files = whole(tmp_path)
    files["datapackage.json"] = files["datapackage.json"].replace(b'"title"', b'"Title"')
    codes = [code for code, _ in check_archive(packed(files, honest=False))]
    assert codes == ["wacz.hash", "wacz.signature"]


def test_a_signed_archive_is_whole(tmp_path: Path) -> None:
    files = whole(tmp_path)
    told = json.loads(files["datapackage-digest.json"])
    assert told["signedData"]["hash"] == told["hash"]
    assert check_archive(packed(files, honest=False)) == []


@pytest.mark.parametrize(
    "change",
    [{"signature": "AAAA"}, {"hash": "sha256:0"}, {"created": "2020-01-01T00:00:00.000Z"}],
    ids=["signature", "hash", "time"],
)
def test_a_signature_that_does_not_fit_is_found(tmp_path: Path, change: dict[str, str]) -> None:
    files = whole(tmp_path)
    told = json.loads(files["datapackage-digest.json"])
    told["signedData"] |= change
    files["datapackage-digest.json"] = json.dumps(told).encode()
    assert [code for code, _ in check_archive(packed(files, honest=False))] == ["wacz.signature"]


def test_a_warc_that_breaks_off_is_found(tmp_path: Path) -> None:
    files = whole(tmp_path)
    _cut_warc(files)
    assert check_archive(packed(files)) != []


def test_a_warc_that_is_packed_twice_is_found(tmp_path: Path) -> None:
    faults = check_archive(packed(whole(tmp_path), deflate=True))
    assert [code for code, _ in faults] == ["wacz.file"]


@pytest.mark.parametrize("data", [b"", b"PK", b"\0" * 999], ids=["nothing", "two bytes", "zeros"])
def test_what_is_no_archive_is_unreadable(data: bytes) -> None:
    assert [code for code, _ in check_archive(io.BytesIO(data))] == ["wacz.unreadable"]
