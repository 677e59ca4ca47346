"""Parses a plain list of links: one row per address, comments and blank lines skipped. Streaming."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from linkshot.domain.model import NewLink
from linkshot.importers.csv_columns import RULE, is_url_name
from linkshot.importers.dates import parse_date
from linkshot.importers.field_text import DecodedText
from linkshot.importers.line_reader import MAX_LINE, read_lines
from linkshot.importers.list_lines import BEGIN, SIMPLE, ListedURL, read_line
from linkshot.importers.row import RAW_CHARS, ImportRow, broken_row, long_row, no_address_row
from linkshot.importers.tag_fields import tags_of

HEADING = re.compile(r"^#+\s+")
SWITCHED_OFF = re.compile(r"#\s*https?:", re.IGNORECASE)
MARKDOWN = re.compile(r"\]\(\s*<?https?:", re.IGNORECASE)
BLANKS = "\ufeff \t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029\u3000\xa0"


def read_plain(text: DecodedText, now: datetime) -> Iterator[ImportRow]:
    """Rows in order; a line with several addresses is several rows, one without any a rejected one.

    A first line `url` is a heading; so is that of a table in Markdown, with the rule below it.
    """
    row = 0
    heading: ImportRow | None = None
    for number, start, line in read_lines(text):
        content = line.strip(BLANKS)
        if not content or _is_comment(content) or (row == 0 and is_url_name(content)):
            continue
        if content[0] in "|:-" and RULE.fullmatch(content):
            if heading and "|" in heading.raw:
                row, heading = row - 1, None
            continue
        if heading:
            yield heading
            heading = None
        broken = text.broken_between(start, start + len(line))
        refused = _refused(row + 1, number, content, broken)
        if refused:
            row += 1
            yield refused
            continue
        notices = text.notices_between(start, start + len(line))
        if SIMPLE.fullmatch(content):
            row += 1
            new = NewLink(url=content)
            yield ImportRow(row=row, line=number, raw=content[:RAW_CHARS], new=new, notices=notices)
            continue
        found = read_line(HEADING.sub("", content))
        for one in found:
            row += 1
            made = _row(row, number, content, one, now)
            yield replace(made, notices=(*made.notices, *notices)) if notices else made
        if not found:
            row += 1
            heading = no_address_row(row, number, content[:RAW_CHARS])
    if heading:
        yield heading


def _is_comment(content: str) -> bool:
    """`# words`, and an address that is switched off by the sign; not `#1 https://…`, nor a heading of
    Markdown that holds a link."""
    if content[0] != "#":
        return False
    listed = re.match(r"##|#\w", content) or MARKDOWN.search(content)
    return SWITCHED_OFF.match(content) is not None or not (listed and BEGIN.search(content))


def _refused(row: int, line: int, content: str, broken: int | None) -> ImportRow | None:
    raw = content[:RAW_CHARS]
    if len(content) > MAX_LINE:
        return long_row(row, line, raw, MAX_LINE)
    return None if broken is None else broken_row(row, line, raw, broken)


def _row(row: int, line: int, content: str, one: ListedURL, now: datetime) -> ImportRow:
    added_at, dated = parse_date(one.date, now)
    tags, cut = tags_of(one.tags)
    new = NewLink(url=one.url, title=one.title, note=one.note, tags=tags, added_at=added_at)
    guessed = ("address.guessed",) if one.guessed else ()
    return ImportRow(
        row=row,
        line=line,
        raw=content[:RAW_CHARS],
        new=new,
        notices=(*dated, *cut, *guessed),
        scheme_default=True,
    )
