"""Looks up the answers of a web archive (WACZ or WARC) by the request that a browser makes.

Addresses are compared as they were requested. Of several answers to equal requests each is given
once, in the order in which they were recorded, and the last one again after that. The records stay
in a file, so memory does not grow with the archive.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from threading import Lock
from typing import BinaryIO

from warcio.recordloader import ArcWarcRecord

from crawler.replay.content_decoding import UNDECODABLE, decoded_body
from linkshot.archives.answers import Answer
from linkshot.archives.warc_records import BROKEN, record_at
from linkshot.archives.web_archive import WebArchive
from linkshot.domain.upload_format import WACZ
from linkshot.domain.urls import without_credentials

CACHE_BUSTER = re.compile(r"(?<=[?&])([^=&]*)=(?:\d{10,}|0?\.\d{6,})(?=&|$)")
"""A parameter whose value is an instant or a random number: another one with every visit."""
MAX_ANSWER_BYTES = 100_000_000
"""Longest body that is handed to the browser; visits record 50 MB at most."""
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
"""A token (RFC 9110 §5.6.2). The browser takes no answer with another name, or a value with a line break."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedAnswer:
    """The answer of a server as the archive has it; the body is decoded."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class EqualRequests:
    """The answers to equal requests, in the order in which they were recorded, and the next unused one.

    A page that asks the same address ten thousand times is answered in as many steps.
    """

    def __init__(self) -> None:
        self._all: list[Answer] = []
        self._by_body: dict[str, list[Answer]] = {}
        self._next: dict[str, int] = {}
        """Hash of a body, or `` for all → the first answer that may be unused."""

    def add(self, answer: Answer) -> None:
        """After those before."""
        self._all.append(answer)
        self._by_body.setdefault(answer.posted, []).append(answer)

    @property
    def newest(self) -> Answer:
        """The last one."""
        return self._all[-1]

    def take(self, posted: str) -> Answer:
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

    def __init__(
        self, source: BinaryIO, media_type: str = WACZ, max_bytes: int = MAX_ANSWER_BYTES
    ) -> None:
        """`max_bytes`: bodies are cut there."""
        self.archive = WebArchive(source, media_type)
        pages = self.archive.pages()
        self.page_url = pages[0].url if pages else ""
        self.page_at = pages[0].at if pages else None
        self._max_bytes = max_bytes
        self._lock = Lock()
        self.restart()

    def close(self) -> None:
        """Remove the temporary files."""
        self.archive.close()

    def use_page(self, url: str) -> None:
        """Of an archive of several pages, show this one."""
        listed = next((one for one in self.archive.pages() if one.url == url), None)
        found = self._found("GET", url)
        self.page_url = url
        self.page_at = listed.at if listed else found.newest.at if found else None

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

    def restart(self) -> None:
        """Give the answers from the first on, for a page that is opened anew."""
        self._by_request: dict[tuple[str, str], EqualRequests] = {}
        for one in self.archive.answers.found:
            one.used = False
            for url in dict.fromkeys((one.url, without_cache_busters(one.url))):
                self._by_request.setdefault((one.method, url), EqualRequests()).add(one)

    def _found(self, method: str, url: str) -> EqualRequests | None:
        address = without_credentials(url).partition("#")[0]
        exact = self._by_request.get((method, address))
        return exact or self._by_request.get((method, without_cache_busters(address)))

    def _read(self, answer: Answer) -> ArchivedAnswer | None:
        try:
            with self._lock:
                record = self._record(answer)
                headers, reason = _head(record)
                source = record
                if answer.body_of is not None:
                    source = self._record(answer.body_of)
                    headers = headers or _head(source)[0]
                body = decoded_body(source, self._max_bytes)
        except (*BROKEN, *UNDECODABLE):
            return None
        return ArchivedAnswer(status=answer.status, reason=reason, headers=headers, body=body)

    def _record(self, answer: Answer) -> ArcWarcRecord:
        return record_at(self.archive.section_of(answer), answer.offset)


def _head(record: ArcWarcRecord) -> tuple[tuple[tuple[str, str], ...], str]:
    """Headers and phrase; of a file that was recorded without an answer (`resource`) its type."""
    http = record.http_headers
    if http is None:
        given = record.rec_headers.get_header("Content-Type") or ""
        return ((("Content-Type", given),) if given and record.rec_type == "resource" else ()), ""
    headers = tuple(
        (name, value)
        for name, value in http.headers
        if HEADER_NAME.fullmatch(name) and value.isprintable()
    )
    return headers, http.statusline.partition(" ")[2].strip()


def without_cache_busters(url: str) -> str:
    """The address without the values of parameters that differ with every visit. (pure)"""
    return CACHE_BUSTER.sub(r"\1=", url)
