"""Checks an archive.wacz strictly: its files, hashes, index and records.

Stricter than `wacz validate`, which passes an archive without pages and index. The archive is read
through a seekable file, so that one larger than memory is checked, too.
"""

import gzip
import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator

from linkshot.archives.warc_records import BROKEN, READ_BYTES
from linkshot.domain.signatures import check_signature
from linkshot.errors import Damaged

PACKAGE, DIGEST = "datapackage.json", "datapackage-digest.json"
WARC, PAGES = "archive/data.warc.gz", "pages/pages.jsonl"
PLAIN_INDEX, PACKED_INDEX, BLOCKS = (
    "indexes/index.cdxj",
    "indexes/index.cdx.gz",
    "indexes/index.idx",
)
MAX_JSON_BYTES = 64_000_000
"""Longest index, page list and description; they are read into memory."""
MAX_FAULTS = 20
"""Faults told of one archive; a broken index would give one for each line."""


@dataclass(slots=True)
class ArchiveFaults:
    """What is not as it should be in one archive: stable code and detail, MAX_FAULTS at most."""

    found: list[tuple[str, str]] = field(default_factory=list)

    def add(self, code: str, detail: str) -> None:
        """Note a fault."""
        if len(self.found) < MAX_FAULTS:
            self.found.append((code, detail))


def check_archive(source: BinaryIO) -> list[tuple[str, str]]:
    """Code and detail of each fault; none when the archive is whole."""
    faults = ArchiveFaults()
    try:
        with zipfile.ZipFile(source) as packed:
            _ArchiveCheck(packed, faults).run()
    except BROKEN as exc:
        faults.add("wacz.unreadable", f"it cannot be read: {exc}")
    return faults.found


class _ArchiveCheck:
    def __init__(self, packed: zipfile.ZipFile, faults: ArchiveFaults) -> None:
        self._packed = packed
        self._names = packed.namelist()
        self._faults = faults
        self._indexed: set[str] = set()
        """Addresses in the index."""

    def run(self) -> None:
        if self._files():
            self._package()
            self._records()
            self._index()
            self._pages()

    def _files(self) -> bool:
        """Every required file is there, once, and what players read in ranges is not compressed."""
        index = (PACKED_INDEX, BLOCKS) if PACKED_INDEX in self._names else (PLAIN_INDEX,)
        missing = [
            name for name in (PACKAGE, DIGEST, WARC, PAGES, *index) if name not in self._names
        ]
        for name in missing:
            self._faults.add("wacz.file", f"{name} is missing")
        if len(set(self._names)) != len(self._names):
            self._faults.add("wacz.file", "a file is there twice")
        for entry in self._packed.infolist():
            if entry.filename.endswith(".gz") and entry.compress_type != zipfile.ZIP_STORED:
                self._faults.add("wacz.file", f"{entry.filename} is compressed twice")
        return not missing

    def _package(self) -> None:
        """The description names every file with its length and hash, and is what its digest says."""
        about = self._read(PACKAGE)
        told = json.loads(self._read(DIGEST))
        signed = told.pop("signedData", None)
        if told != {"path": PACKAGE, "hash": _sha256(about)}:
            self._faults.add("wacz.hash", f"{DIGEST} does not fit {PACKAGE}")
        described = json.loads(about)
        if signed is not None:
            self._signature(signed, _sha256(about), described)
        if described["profile"] != "data-package":
            self._faults.add("wacz.file", f"{PACKAGE} is not a data package")
        listed = {one["path"]: one for one in described["resources"]}
        others = set(self._names) - {PACKAGE, DIGEST}
        for name in sorted(listed.keys() ^ others):
            self._faults.add("wacz.file", f"{name} is not in both the archive and its list")
        for name in sorted(listed.keys() & others):
            with self._packed.open(name) as file:
                digest, size = hashlib.sha256(), 0
                while piece := file.read(READ_BYTES):
                    digest.update(piece)
                    size += len(piece)
            if (listed[name]["bytes"], listed[name]["hash"]) != (
                size,
                f"sha256:{digest.hexdigest()}",
            ):
                self._faults.add("wacz.hash", f"{name} is not what is listed")

    def _signature(self, signed: dict[str, Any], digest: str, described: dict[str, Any]) -> None:
        """The signature is of the description; archives without one are older, or had no key."""
        try:
            check_signature(signed, digest)
        except Damaged as exc:
            self._faults.add("wacz.signature", exc.message)
        if signed.get("created") != described.get("created"):
            self._faults.add("wacz.signature", "it was signed at another time than it was made")

    def _records(self) -> None:
        """Every record of the WARC can be read, and its digests are those of its bytes."""
        with self._packed.open(WARC) as file:
            for record in ArchiveIterator(file, check_digests=True):
                stream = record.content_stream()
                while stream.read(READ_BYTES):
                    pass
                if record.digest_checker.passed is False:
                    url = record.rec_headers.get_header("WARC-Target-URI")
                    self._faults.add("wacz.record", f"the digest of {url} is another")

    def _index(self) -> None:
        """The index is sorted by bytes, and each line leads to its record."""
        lines = self._index_lines()
        if lines != sorted(lines):
            self._faults.add("wacz.index", "the index is not sorted")
        entries = [json.loads(line[line.index(b" {") :]) for line in lines]
        with self._packed.open(WARC) as file:
            # seeking backwards in a ZIP file reads it from its beginning
            for entry in sorted(entries, key=lambda one: int(one["offset"])):
                self._indexed.add(entry["url"])
                file.seek(entry["offset"])
                if not _leads_to(entry, file.read(entry["length"])):
                    said = f"the index leads to no record of {entry['url']}"
                    self._faults.add("wacz.index", said)

    def _index_lines(self) -> list[bytes]:
        if PLAIN_INDEX in self._names:
            return self._read(PLAIN_INDEX).splitlines()
        packed, lines = self._read(PACKED_INDEX), list[bytes]()
        for line in self._read(BLOCKS).splitlines()[1:]:
            place = json.loads(line[line.index(b" {") :])
            block = packed[place["offset"] : place["offset"] + place["length"]]
            if _sha256(block) != place["digest"]:
                self._faults.add("wacz.index", "a block of the index is another")
            unpacked = io.BytesIO(block)
            with gzip.open(unpacked) as text:
                found = text.read(MAX_JSON_BYTES).splitlines()
            if not found or not found[0].startswith(line[: line.index(b" {")] + b" "):
                self._faults.add("wacz.index", "a block of the index begins elsewhere")
            lines += found
        return lines

    def _pages(self) -> None:
        """There is a page, and the index has its address."""
        pages = [json.loads(line) for line in self._read(PAGES).splitlines()[1:]]
        if not pages:
            self._faults.add("wacz.page", "there is no page in it")
        for page in pages:
            if page["url"] not in self._indexed:
                self._faults.add("wacz.page", f"the index lacks the page {page['url']}")

    def _read(self, name: str) -> bytes:
        if self._packed.getinfo(name).file_size > MAX_JSON_BYTES:
            raise ValueError(f"{name} is too large")
        return self._packed.read(name)


def _leads_to(entry: dict[str, Any], member: bytes) -> bool:
    """Whether these bytes are the record that the line of the index describes."""
    try:
        record = next(iter(ArchiveIterator(io.BytesIO(member))))
    except (*BROKEN, StopIteration):
        return False
    headers = record.rec_headers
    found = (headers.get_header("WARC-Target-URI"), headers.get_header("WARC-Payload-Digest"))
    return found == (entry["url"], entry["digest"]) and entry["recordDigest"] == _sha256(member)


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
