"""Packs the exchanges of a page as WACZ 1.1.1 (https://specs.webrecorder.net/wacz/1.1.1/)."""

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BufferedRandom
from pathlib import Path
from typing import Any

from linkshot.domain.model import Exchange
from linkshot.domain.signatures import Signer
from pipelines.archive.cdxj import index_files
from pipelines.archive.warc import DerivedRecord, WarcWriter, iso_date

VERSION = "1.1.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedPage:
    """The page that an archive is of."""

    page_id: str
    """UUID; equal to the snapshot's id."""
    url: str
    """Address of the page's main answer, which the index has."""
    at: datetime
    made_at: datetime
    title: str
    text: str
    mime: str
    status: int


def write_wacz(
    path: Path,
    page: ArchivedPage,
    exchanges: Sequence[Exchange],
    derived: Sequence[DerivedRecord],
    software: str,
    user_agent: str,
    signer: Signer | None = None,
) -> None:
    """Writes the archive to `path`, signed when there is a signer. Equal arguments give equal bytes."""
    with tempfile.TemporaryFile() as raw:
        warc = WarcWriter(raw, page.page_id)
        info = {"software": software, "robots": "ignore"}
        if user_agent:
            info["http-header-user-agent"] = user_agent
        warc.add_info(page.at, info)
        for one in exchanges:
            warc.add_exchange(one)
        warc.add_derived(page.at, [*derived, _page_info(page, exchanges)])
        raw.seek(0)
        with zipfile.ZipFile(path, "w", allowZip64=True) as packed:
            whole = _Package(packed, page.made_at)
            whole.add_file("archive/data.warc.gz", raw)
            for name, data in index_files(warc.entries).items():
                whole.add(f"indexes/{name}", data)
            whole.add("pages/pages.jsonl", _pages(page, exchanges))
            whole.finish(_description(page, software), page.made_at, signer)


class _Package:
    """The ZIP file and the list of what is in it."""

    def __init__(self, packed: zipfile.ZipFile, at: datetime) -> None:
        self._packed = packed
        self._at = at.timetuple()[:6]
        self._resources: list[dict[str, Any]] = []

    def add_file(self, name: str, source: BufferedRandom) -> None:
        """A file that is compressed already; players read it in ranges, so it is stored."""
        digest = hashlib.file_digest(source, "sha256").hexdigest()
        size = source.tell()
        source.seek(0)
        with self._packed.open(self._entry(name), "w", force_zip64=size > 1 << 30) as target:
            shutil.copyfileobj(source, target)
        self._note(name, digest, size)

    def add(self, name: str, data: bytes) -> None:
        """A file from memory."""
        self._packed.writestr(self._entry(name), data)
        self._note(name, hashlib.sha256(data).hexdigest(), len(data))

    def finish(self, description: dict[str, Any], created: datetime, signer: Signer | None) -> None:
        """Adds the package's description with all files so far, and the hash of that, signed."""
        about = _json(description | {"resources": self._resources})
        digest = f"sha256:{hashlib.sha256(about).hexdigest()}"
        self._packed.writestr(self._entry("datapackage.json"), about)
        told: dict[str, Any] = {"path": "datapackage.json", "hash": digest}
        if signer is not None:
            told["signedData"] = signer.sign(digest, created)
        self._packed.writestr(self._entry("datapackage-digest.json"), _json(told))

    def _note(self, name: str, digest: str, size: int) -> None:
        short = name.rpartition("/")[2].lower()
        self._resources.append(
            {"name": short, "path": name, "hash": f"sha256:{digest}", "bytes": size}
        )

    def _entry(self, name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, self._at)
        stored = name.endswith(".gz")
        entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        return entry


def _description(page: ArchivedPage, software: str) -> dict[str, Any]:
    """The head of datapackage.json; the address under both names that readers look for."""
    return {
        "profile": "data-package",
        "wacz_version": VERSION,
        "software": software,
        "created": iso_date(page.made_at),
        "title": page.title or page.url,
        "mainPageUrl": page.url,
        "mainPageURL": page.url,
        "mainPageDate": iso_date(page.at),
    }


def _pages(page: ArchivedPage, exchanges: Sequence[Exchange]) -> bytes:
    head = {"format": "json-pages-1.0", "id": "pages", "title": "Pages", "hasText": True}
    entry = {
        "id": page.page_id,
        "url": page.url,
        "ts": iso_date(page.at),
        "title": page.title or page.url,
        "text": page.text,
        "size": sum(len(one.body) for one in exchanges),
        "mime": page.mime,
        "status": page.status,
        "loadState": 4,
        "seed": True,
    }
    lines = (json.dumps(one, ensure_ascii=False) for one in (head, entry))
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def _page_info(page: ArchivedPage, exchanges: Sequence[Exchange]) -> DerivedRecord:
    """What the page is made of, in the form that Browsertrix compares."""
    parts = {
        one.url: {
            "status": one.status,
            "mime": one.response_header("content-type").partition(";")[0],
            "type": one.resource_type,
        }
        for one in exchanges
    }
    info = {
        "pageid": page.page_id,
        "url": page.url,
        "ts": iso_date(page.at),
        "urls": parts,
        "counts": {"jsErrors": 0},
    }
    return DerivedRecord(
        url=f"urn:pageinfo:{page.url}", media_type="application/json", data=_json(info)
    )


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "replace")
