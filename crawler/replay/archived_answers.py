"""Looks up the answers of a web archive (WACZ) by the request that a browser makes.

Addresses are compared as they were requested. Of several answers to equal requests each is given
once, in the order in which they were recorded, and the last one again after that. The records stay
in a file, so memory does not grow with the archive.
"""

import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from shutil import copyfileobj
from threading import Lock
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord

from linkshot.domain.urls import without_credentials
from linkshot.errors import Damaged
from linkshot.maintenance.archive_check import MAX_JSON_BYTES, PAGES, UNREADABLE, WARC

CACHE_BUSTER = re.compile(r"(?<=[?&])([^=&]*)=(?:\d{10,}|0?\.\d{6,})(?=&|$)")
"""A parameter whose value is an instant or a random number: another one with every visit."""
MAX_ANSWER_BYTES = 100_000_000
"""Longest body that is handed to the browser; visits record 50 MB at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedAnswer:
    """The answer of a server as the archive has it; the body is decoded."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(slots=True, eq=False)
class Place:
    """Where a `response` record lies, and what its request was."""

    url: str
    offset: int
    method: str = "GET"
    posted: str = sha256(b"").hexdigest()
    """Hash of the request's body."""
    used: bool = False


class EqualRequests:
    """The answers to equal requests, in the order in which they were recorded, and the next unused one.

    A page that asks the same address ten thousand times is answered in as many steps.
    """

    def __init__(self) -> None:
        self._all: list[Place] = []
        self._by_body: dict[str, list[Place]] = {}
        self._next: dict[str, int] = {}
        """Hash of a body, or `` for all → the first place that may be unused."""

    def add(self, place: Place) -> None:
        """After those before."""
        self._all.append(place)
        self._by_body.setdefault(place.posted, []).append(place)

    def take(self, posted: str) -> Place:
        """The next answer, preferably to the same body; the last one again when all were given."""
        same = self._by_body.get(posted)
        found, key = (self._all, "") if same is None else (same, posted)
        at = self._next.get(key, 0)
        while at < len(found) - 1 and found[at].used:
            at += 1
        self._next[key] = at
        found[at].used = True
        return found[at]


class ArchivedAnswers:
    """The answers in one archive; close it at the end. Raises Damaged when it cannot be read."""

    def __init__(self, source: BinaryIO) -> None:
        self._records = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close()
        self._lock = Lock()
        self._by_request: dict[tuple[str, str], EqualRequests] = {}
        try:
            with zipfile.ZipFile(source) as packed:
                self.page_url, self.page_at = _page(packed)
                with packed.open(WARC) as file:
                    copyfileobj(file, self._records)
            places = self._places()
        except UNREADABLE as exc:
            self.close()
            raise Damaged(f"The web archive cannot be read: {exc}") from exc
        for place in places:
            for url in dict.fromkeys((place.url, without_cache_busters(place.url))):
                self._by_request.setdefault((place.method, url), EqualRequests()).add(place)

    def close(self) -> None:
        """Remove the temporary file."""
        self._records.close()

    def has(self, url: str, methods: Iterable[str] = ("GET",)) -> bool:
        """Whether there is an answer for this address and one of these methods."""
        return any(self._found(method, url) is not None for method in methods)

    def find(
        self, method: str, url: str, body: bytes
    ) -> "Callable[[], ArchivedAnswer | None] | None":
        """Reads the answer for this request, preferably one that was given for the same body; blocks.

        None when there is no such answer. The reader gives None when its record is damaged.
        """
        found = self._found(method, url)
        if found is None:
            return None
        return partial(self._read, found.take(sha256(body).hexdigest()))

    def _found(self, method: str, url: str) -> EqualRequests | None:
        address = without_credentials(url).partition("#")[0]
        exact = self._by_request.get((method, address))
        return exact or self._by_request.get((method, without_cache_busters(address)))

    def _read(self, place: Place) -> ArchivedAnswer | None:
        try:
            with self._lock:
                self._records.seek(place.offset)
                record = next(iter(ArchiveIterator(self._records)))
                body = record.content_stream().read(MAX_ANSWER_BYTES)
            status = int(record.http_headers.get_statuscode())
        except (*UNREADABLE, StopIteration):
            return None
        reason = record.http_headers.statusline.partition(" ")[2].strip()
        headers = tuple((name, value) for name, value in record.http_headers.headers)
        return ArchivedAnswer(status=status, reason=reason, headers=headers, body=body)

    def _places(self) -> list[Place]:
        """Every recorded answer; of files that were asked for in parts only the whole ones."""
        self._records.seek(0)
        found: dict[str, Place] = {}
        records = ArchiveIterator(self._records)
        for record in records:
            offset, headers = records.get_record_offset(), record.rec_headers
            if record.rec_type == "response" and record.http_headers is not None:
                if record.http_headers.get_statuscode() != "206":
                    place = Place(headers.get_header("WARC-Target-URI") or "", offset)
                    found[headers.get_header("WARC-Record-ID") or ""] = place
            elif record.rec_type == "request":
                answered = found.get(headers.get_header("WARC-Concurrent-To") or "")
                if answered is not None:
                    answered.method, answered.posted = _request(record)
        return list(found.values())


def _request(record: ArcWarcRecord) -> tuple[str, str]:
    """Method, and hash of the body."""
    method = str(record.http_headers.protocol).split(" ")[0] if record.http_headers else "GET"
    return method, sha256(record.content_stream().read()).hexdigest()


def _page(packed: zipfile.ZipFile) -> tuple[str, datetime | None]:
    """Address of the page that the archive is of, and when it answered; empty when it names none."""
    if packed.getinfo(PAGES).file_size > MAX_JSON_BYTES:
        raise ValueError(f"{PAGES} is too large")
    lines = packed.read(PAGES).splitlines()
    if len(lines) < 2:
        return "", None
    page = json.loads(lines[1])
    return str(page["url"]), datetime.fromisoformat(page["ts"]) if "ts" in page else None


def without_cache_busters(url: str) -> str:
    """The address without the values of parameters that differ with every visit. (pure)"""
    return CACHE_BUSTER.sub(r"\1=", url)
