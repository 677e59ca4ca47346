"""Reads the records of a CSV, with a header or without. Streaming; a record may go over several lines.

An unclosed quote does not swallow the records after it: a multi-line record that does not fit the header is
reduced to its first line, and the lines after that are read again.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain, islice
from typing import NamedTuple

from linkshot.domain.model import NewLink
from linkshot.errors import InvalidImport
from linkshot.importers.csv_columns import (
    RULE,
    Header,
    addresses,
    holds_address,
    holds_link,
    parse_header,
    parse_record,
)
from linkshot.importers.csv_headerless import SAMPLE_LINES, guess_header
from linkshot.importers.field_text import DecodedText
from linkshot.importers.line_reader import MAX_LINE, Line, read_lines
from linkshot.importers.list_lines import ListedURL, read_line
from linkshot.importers.row import RAW_CHARS, ImportRow, broken_row, long_row, no_address_row

MAX_RECORD_LINES = 1000
"""Of one record."""
MAX_UNCLOSED_LINES = 50
"""The same after a quote that never ended."""
MAX_RECORD_CHARS = 130_000
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
    unclosed: bool = False
    """A quote begins in it and does not end."""


def read_table(text: DecodedText, now: datetime) -> Iterator[ImportRow]:
    """Rows in order; blank lines and repeated headers are skipped. InvalidImport without a column of addresses."""
    header, lines = _begin(read_lines(text, of_table=True))
    row = 0
    for record in _Records(header, lines).read():
        broken = text.broken_between(record.place, record.end)
        if broken is None:
            found = _rows(row + 1, record, header, now)
            if more := text.notices_between(record.place, record.end):
                found = [replace(one, notices=(*one.notices, *more)) for one in found]
        else:
            found = [broken_row(row + 1, record.line, record.raw[:RAW_CHARS], broken)]
        row += len(found)
        yield from found


def is_before_header(line: str) -> bool:
    """A comment, or the hint for Excel. `#` alone is what a column of numbers is called."""
    content = line.strip('\ufeff\r\n\t "')
    if content[: len(EXCEL_HINT)].casefold() == EXCEL_HINT:
        return True
    return content.startswith("#") and not re.match(r"#\s*[,;\t|]", content)


def _begin(lines: Iterator[Line]) -> tuple[Header, Iterator[Line]]:
    """The header, and the lines behind it; without one the columns by what they hold, and all lines."""
    first = next((line for line in lines if _is_record(line.text)), None)
    if first:
        ahead = [first, *islice(lines, 2 * SAMPLE_LINES)]
        guessed = guess_header([line.text for line in ahead if _is_record(line.text)])
        if guessed:
            return guessed, chain(ahead, lines)
        header = parse_header(first.text.strip("\ufeff\r\n "))
        if header:
            return header, chain(ahead[1:], lines)
    raise InvalidImport(
        "No column of this table is called url, link or address; one of these names in the first line is "
        "needed.",
        code="import.format_unknown",
        field="format",
    )


def _is_record(line: str) -> bool:
    return bool(line.strip("\ufeff\r\n\t ")) and not is_before_header(line)


class _Records:
    """Puts lines together to records."""

    def __init__(self, header: Header, lines: Iterator[Line]) -> None:
        self._header = header
        self._lines = lines
        self._again: deque[Line] = deque()
        """Lines that a record of several lines had taken wrongly."""
        self._open = False
        """The text ended, or too much of it was read, inside a quote."""
        self._most = MAX_RECORD_LINES

    def read(self) -> Iterator[Record]:
        """All but blank lines and headers, which stand inside files that were put together."""
        heads = list(self._header.cells)
        while line := self._next():
            if not line.text.strip("\ufeff\r\n\t ,;") or RULE.fullmatch(line.text):
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
        self._open = False
        cells = next(csv.reader(self._feed(taken), delimiter=self._header.delimiter), [])
        unclosed = self._open or (len(taken) > 1 and self._swallows(taken))
        if '"' in first.text and (unclosed or not self._fits(cells)):
            alone = self._alone(first.text)
            if len(taken) > 1 or len(alone) == len(self._header.cells):
                unclosed = unclosed or len(taken) > 1
                self._again.extendleft(reversed(taken[1:]))
                self._most = MAX_UNCLOSED_LINES
                taken, cells = [first], alone
        return _as_it_stands(cells, taken)._replace(unclosed=unclosed)

    def _alone(self, line: str) -> list[str]:
        """The cells of a line whose quotes mean nothing, or else whose last quote ends with it."""
        delimiter = self._header.delimiter
        plain = next(csv.reader([line], delimiter=delimiter, quoting=csv.QUOTE_NONE), [])
        if len(plain) > len(self._header.cells):
            quoted = next(csv.reader([line], delimiter=delimiter), [])
            if len(quoted) == len(self._header.cells):
                return [cell.rstrip("\r\n") for cell in quoted]
        return [cell.strip('"') for cell in plain]

    def _swallows(self, taken: list[Line]) -> bool:
        """A quote ended where none ends, and a line behind the first is a whole record."""
        delimiter = self._header.delimiter
        try:
            next(csv.reader((line.text for line in taken), delimiter=delimiter, strict=True), [])
        except csv.Error:
            at = self._header.columns["url"][0]
            rows = (next(csv.reader([line.text], delimiter=delimiter), []) for line in taken[1:])
            count = len(self._header.cells)
            return any(len(row) == count and holds_address(row[at]) for row in rows)
        return False

    def _feed(self, taken: list[Line]) -> Iterator[str]:
        """The first line, and more while a quote is open; what is given is in `taken`."""
        yield taken[0].text.lstrip("\ufeff")
        chars = len(taken[0].text)
        while len(taken) < self._most and (line := self._next()):
            chars += len(line.text)
            if chars > MAX_RECORD_CHARS:
                self._again.appendleft(line)
                break
            taken.append(line)
            yield line.text
        self._open = True

    def _fits(self, cells: list[str]) -> bool:
        """A record of several lines has all its cells, and each of its addresses is on one line."""
        if len(cells) != len(self._header.cells):
            return False
        words = cells[self._header.columns["url"][0]].split()
        return len(words) < 2 or all(map(holds_address, words))


def _as_it_stands(cells: list[str], lines: list[Line]) -> Record:
    first, last = lines[0], lines[-1]
    return Record(
        cells=cells,
        line=first.number,
        place=first.place,
        end=last.place + len(last.text),
        raw="".join(line.text for line in lines).strip("\ufeff\r\n"),
    )


def _rows(row: int, record: Record, header: Header, now: datetime) -> list[ImportRow]:
    """One for each address of the record."""
    made = _row(row, record, header, now)
    found = addresses(header, record.cells)
    if (
        made.new is None
        and header.delimiter == "|"
        and made.code in ("import.columns", "url.required")
    ):
        made, found = (
            replace(made, new=NewLink(url=""), code=None, reason=None),
            read_line(record.raw),
        )
        if not found:
            return [no_address_row(row, record.line, made.raw)]
    if made.new is None:
        return [made]
    return [
        replace(
            made,
            row=row + index,
            new=_with(made.new, one, several=len(found) > 1),
            notices=(*made.notices, *(("address.guessed",) if one.guessed else ())),
        )
        for index, one in enumerate(found)
    ]


def _with(new: NewLink, one: ListedURL, *, several: bool) -> NewLink:
    """The link of a record with this address; a link in Markdown may bring a title and more words."""
    title = "" if new.title == one.url else new.title
    if several and one.title:
        new, title = replace(new, note="\n\n".join(filter(None, (title, new.note)))), one.title
    more = (one.title if title and one.title != title else "", one.note)
    note = "\n\n".join(filter(None, (new.note, *more)))
    return replace(new, url=one.url, title=title or one.title, note=note)


def _row(row: int, record: Record, header: Header, now: datetime) -> ImportRow:
    raw, line = record.raw[:RAW_CHARS], record.line
    if len(record.raw) > MAX_LINE and "\n" not in record.raw:
        return long_row(row, line, raw, MAX_LINE)
    new, notices = parse_record(header, record.cells, now)
    if new.url and not holds_link(new.url):
        if len(record.cells) == len(header.cells):
            return no_address_row(row, line, raw)
        return _shifted(row, record, header)
    if any(map(str.strip, record.cells[len(header.cells) :])):
        notices = (*notices, "columns.dropped")
    if header.guessed:
        notices = (*notices, "address.guessed")
    if record.unclosed:
        notices = (*notices, "quote.unclosed")
    return ImportRow(
        row=row,
        line=line,
        raw=raw,
        new=new,
        notices=notices,
        scheme_default=True,
    )


def _shifted(row: int, record: Record, header: Header) -> ImportRow:
    reason = (
        f"The row has {len(record.cells)} columns, the table {len(header.cells)}; where the address should "
        "be is none. A comma or a quote is missing or too much."
    )
    raw = record.raw[:RAW_CHARS]
    code = "import.columns"
    return ImportRow(row=row, line=record.line, raw=raw, new=None, code=code, reason=reason)
