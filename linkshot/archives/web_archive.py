"""A web archive in a file: a WACZ, or a WARC as it is or compressed. Read within limits, never unpacked to disk
by the names in it."""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Self

from linkshot.archives.answers import WEB, Answer, ArchiveAnswers, find_answers, instant
from linkshot.archives.warc_records import (
    BROKEN,
    MAX_UNPACKED_BYTES,
    FileSection,
    OverLimit,
    ReadBudget,
    copy_within,
    one_member_each,
)
from linkshot.domain.upload_format import WACZ
from linkshot.errors import Damaged

MAX_FILES = 10_000
"""Files in a WACZ; what is written by crawlers has dozens."""
MAX_WARCS = 1000
MAX_LIST_BYTES = 64_000_000
"""Longest list of pages."""
MAX_PAGES = 10_000
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What WACZ allows (1.1.1 §3.1)."""
ENCRYPTED = 1
"""Bit 0 of the general purpose flags (APPNOTE 4.4.4)."""
HTML_TYPES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageInArchive:
    """A page that can be shown from an archive."""

    url: str
    at: datetime | None
    title: str = ""


class WebArchive:
    """The answers and pages of one archive; a context manager. Damaged when nothing of it can be read."""

    def __init__(
        self, source: BinaryIO, media_type: str, max_unpacked: int = MAX_UNPACKED_BYTES
    ) -> None:
        self._budget = ReadBudget(left=max_unpacked)
        self._spool = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close()
        self._sections: list[BinaryIO] = []
        self._listed: list[PageInArchive] = []
        try:
            if media_type == WACZ:
                self._open_wacz(source)
            else:
                self._add(source)
            self.answers: ArchiveAnswers = find_answers(self._sections, self._budget)
        except BROKEN as exc:
            self.close()
            raise Damaged(f"The web archive cannot be read: {exc}") from exc
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the temporary files."""
        for section in (*self._sections, self._spool):
            section.close()

    def section_of(self, answer: Answer) -> BinaryIO:
        """The WARC that it lies in."""
        return self._sections[answer.section]

    def pages(self) -> list[PageInArchive]:
        """What is listed as a page and was answered; without a list every HTML document, else every file."""
        shown = {one.url: one for one in self.answers.found if _is_shown(one)}
        listed = {page.url: page for page in self._listed if page.url.partition("#")[0] in shown}
        if listed:
            return list(listed.values())
        good = [one for one in shown.values() if one.status < 300]
        documents = [one for one in good if one.media_type in HTML_TYPES] or good
        return [PageInArchive(url=one.url, at=one.at) for one in documents[:MAX_PAGES]]

    def unanswered_pages(self) -> list[str]:
        """Addresses that are listed as pages and were not answered."""
        shown = {one.url for one in self.answers.found if _is_shown(one)}
        return [one.url for one in self._listed if one.url.partition("#")[0] not in shown]

    def shown_addresses(self) -> Iterator[tuple[str, datetime | None]]:
        """Every address that was answered with a document, a file or a redirect; the newest answer last."""
        return ((one.url, one.at) for one in self.answers.found if _is_shown(one))

    def _open_wacz(self, source: BinaryIO) -> None:
        with zipfile.ZipFile(source) as packed:
            entries = packed.infolist()
            if len(entries) > MAX_FILES:
                raise OverLimit(f"it has more than {MAX_FILES} files")
            warcs = [one for one in entries if _is_warc(one.filename)]
            if not warcs:
                raise ValueError("there is no WARC in its folder `archive`")
            if len(warcs) > MAX_WARCS:
                raise OverLimit(f"it has more than {MAX_WARCS} WARCs")
            for entry in warcs:
                if entry.flag_bits & ENCRYPTED or entry.compress_type not in METHODS:
                    raise ValueError(f"{entry.filename[:200]} cannot be unpacked")
                with packed.open(entry) as file:
                    self._add(file)  # type: ignore[arg-type]  # ZipExtFile is one
            self._list_pages(packed)

    def _add(self, source: BinaryIO) -> None:
        start = self._spool.seek(0, 2)
        size = copy_within(source, self._spool, self._budget)
        section = FileSection(self._spool, start, size)
        self._sections.append(one_member_each(section, self._budget))  # type: ignore[arg-type]

    def _list_pages(self, packed: zipfile.ZipFile) -> None:
        names = sorted(
            (
                one
                for one in packed.namelist()
                if one.startswith("pages/") and one.endswith(".jsonl")
            ),
            key=lambda name: (name != "pages/pages.jsonl", name),
        )
        for name in names:
            try:
                if packed.getinfo(name).file_size <= MAX_LIST_BYTES:
                    self._listed += _pages(packed.read(name))
            except BROKEN:
                continue  # the answers say which pages there are
        self._listed = self._listed[:MAX_PAGES]


def _is_warc(name: str) -> bool:
    return name.startswith("archive/") and name.endswith((".warc", ".warc.gz"))


def _is_shown(answer: Answer) -> bool:
    return answer.method == "GET" and (
        answer.status < 300 or answer.status in (301, 302, 303, 307, 308) or answer.status >= 400
    )


def _pages(data: bytes) -> Iterator[PageInArchive]:
    """The lines of a list of pages (WACZ 1.1.1 §5.3); what is no page is passed over."""
    for line in data.splitlines():
        try:
            page = json.loads(line)
            url = str(page["url"])
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        if url.startswith(WEB):
            yield PageInArchive(
                url=url,
                at=instant(str(page.get("ts", ""))),
                title=str(page.get("title") or "")[:500],
            )
