"""Reads the records of a CSV with a header. Streaming; a record may go over several lines.

A quote that never ends takes no other record along: a record of several lines that does not fit the header
is its first line alone, and the lines behind it are read again.
"""

import csv
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from linkshot.errors import InvalidImport
from linkshot.importers.columns import Header, holds_address, read_header, read_record
from linkshot.importers.lines import MAX_LINE, Line, read_lines
from linkshot.importers.row import RAW_CHARS, ImportRow, broken_row, long_row, no_address_row
from linkshot.importers.text import Text

MOST_LINES = 1000
"""Of one record."""
SUSPICIOUS_LINES = 50
"""The same after a quote that never ended."""
MOST_CHARS = 130_000
"""Of one record of several lines; Python's csv takes fields up to 131,072."""
EXCEL_HINT = "sep="
"""A first line for Excel alone."""


class Record(NamedTuple):
    """A record as it stands in the file."""

    cells: list[str]
    line: int
    """Where it begins, from 1."""
    place: int
    end: int
    """Characters from the start of the file."""
    raw: str


def read_table(text: Text, now: datetime) -> Iterator[ImportRow]:
    """Rows in order; blank lines and repeated headers are skipped. InvalidImport without a header."""
    lines = read_lines(text, of_table=True)
    header = _header(lines)
    for row, record in enumerate(_Records(header, lines).read(), 1):
        broken = text.broken_between(record.place, record.end)
        if broken is None:
            yield _row(row, record, header, now)
        else:
            yield broken_row(row, record.line, record.raw[:RAW_CHARS], broken)


def _header(lines: Iterator[Line]) -> Header:
    for line in lines:
        content = line.text.strip("\ufeff\r\n ")
        if content and not content.startswith(EXCEL_HINT):
            header = read_header(content)
            if header:
                return header
            break
    raise InvalidImport(
        "No column of this table is called url, link or address; one of these names in the first line is "
        "needed.",
        code="import.format_unknown",
        field="format",
    )


class _Records:
    """Puts lines together to records."""

    def __init__(self, header: Header, lines: Iterator[Line]) -> None:
        self._header = header
        self._lines = lines
        self._again: deque[Line] = deque()
        """Lines that a record of several lines had taken wrongly."""
        self._most = MOST_LINES

    def read(self) -> Iterator[Record]:
        """All but blank lines and headers, which stand inside files that were put together."""
        heads = list(self._header.cells)
        while line := self._next():
            if not line.text.strip("\ufeff\r\n\t ,;"):
                continue
            record = self._record(line)
            if [cell.strip() for cell in record.cells] != heads:
                yield record

    def _next(self) -> Line | None:
        return self._again.popleft() if self._again else next(self._lines, None)

    def _record(self, first: Line) -> Record:
        taken = [first]
        if len(first.text) > MAX_LINE:
            return _as_it_stands([], taken)
        cells = next(csv.reader(self._feed(taken), delimiter=self._header.delimiter), [])
        if '"' in first.text and not self._fits(cells):
            plain = csv.reader(
                [first.text], delimiter=self._header.delimiter, quoting=csv.QUOTE_NONE
            )
            alone = [cell.strip('"') for cell in next(plain, [])]
            if len(taken) > 1 or len(alone) == len(self._header.cells):
                self._again.extendleft(reversed(taken[1:]))
                self._most = SUSPICIOUS_LINES
                taken, cells = [first], alone
        return _as_it_stands(cells, taken)

    def _feed(self, taken: list[Line]) -> Iterator[str]:
        """The first line, and more while a quote is open; what is given is in `taken`."""
        yield taken[0].text.lstrip("\ufeff")
        chars = len(taken[0].text)
        while len(taken) < self._most and (line := self._next()):
            chars += len(line.text)
            if chars > MOST_CHARS:
                self._again.appendleft(line)
                return
            taken.append(line)
            yield line.text

    def _fits(self, cells: list[str]) -> bool:
        """A record of several lines has all its cells, and its address is on one line."""
        at = self._header.columns["url"][0]
        return len(cells) == len(self._header.cells) and "\n" not in cells[at].strip()


def _as_it_stands(cells: list[str], lines: list[Line]) -> Record:
    first, last = lines[0], lines[-1]
    return Record(
        cells=cells,
        line=first.number,
        place=first.place,
        end=last.place + len(last.text),
        raw="".join(line.text for line in lines).strip("\ufeff\r\n"),
    )


def _row(row: int, record: Record, header: Header, now: datetime) -> ImportRow:
    raw, line = record.raw[:RAW_CHARS], record.line
    if len(record.raw) > MAX_LINE and "\n" not in record.raw:
        return long_row(row, line, raw, MAX_LINE)
    new, notices = read_record(header, record.cells, now)
    if new.url and not holds_address(new.url):
        if len(record.cells) == len(header.cells):
            return no_address_row(row, line, raw)
        return _shifted(row, record, header)
    more = any(map(str.strip, record.cells[len(header.cells) :]))
    return ImportRow(
        row=row,
        line=line,
        raw=raw,
        new=new,
        notices=(*notices, "columns.dropped") if more else notices,
        scheme_default=True,
    )


def _shifted(row: int, record: Record, header: Header) -> ImportRow:
    reason = (
        f"The row has {len(record.cells)} columns, the header {len(header.cells)}; where the address should "
        "be is none. A comma or a quote is missing or too much."
    )
    raw = record.raw[:RAW_CHARS]
    code = "import.columns"
    return ImportRow(row=row, line=record.line, raw=raw, new=None, code=code, reason=reason)
