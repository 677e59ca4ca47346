"""Detects the format of a file by its content, and picks the parser."""

import codecs
import csv
import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from linkshot.domain.error_texts import ERROR_MESSAGES
from linkshot.errors import InvalidImport
from linkshot.importers.csv_columns import (
    DELIMITERS,
    RULE,
    holds_address,
    holds_link,
    parse_header,
    split,
)
from linkshot.importers.csv_headerless import guess_header
from linkshot.importers.csv_table import is_before_header, read_table
from linkshot.importers.field_text import DecodedText
from linkshot.importers.file_scan import SAMPLE
from linkshot.importers.list_lines import read_line
from linkshot.importers.netscape import read_netscape
from linkshot.importers.row import ImportRow
from linkshot.importers.url_list import read_plain

FORMATS = ("netscape", "csv", "plain")
SAMPLE_LINES = 20

HTML = re.compile(r"<!doctype|<(?:html|head|meta|title|h1|dl|dt|ul|p|body)\b|<a\s", re.IGNORECASE)
TREE = re.compile(r"<!doctype netscape|<dl\b|<dt[\s>]\s*<|<li>\s*<a\s", re.IGNORECASE)
"""Found in bookmark files even when words stand before them."""
MARKDOWN = re.compile(r"\]\(\s*<?https?://", re.IGNORECASE)
ADDRESS_LINE = re.compile(r"^[ \t]*https?://\S", re.IGNORECASE | re.MULTILINE)
"""An address that begins a line: in HTML it stands inside a tag."""
OBJECT = re.compile(r"(?:\[\s*)?\{\s*[\"}]")
"""How JSON with names begins: an object, or an array of them."""
KINDS = (
    (re.compile(r"<opml\b", re.IGNORECASE), "OPML"),
    (re.compile(r"<(?:rss|feed|rdf:rdf)\b", re.IGNORECASE), "a feed (RSS or Atom)"),
    (re.compile(r"<!doctype plist|<plist\b", re.IGNORECASE), "a property list of macOS"),
    (re.compile(r"<(?:urlset|sitemapindex)\b", re.IGNORECASE), "a sitemap"),
    (re.compile(r"<xbel\b", re.IGNORECASE), "XBEL"),
    (re.compile(r"<\?xml\b", re.IGNORECASE), "XML"),
)
"""What is no HTML though it begins with a tag; the surest first."""
DECLARATIONS = re.compile(r"(?:<\?xml[^>]*>\s*)?<!DOCTYPE[^>\[]*\[\s*<!", re.IGNORECASE)
"""Entities can make a small file endless, or name files of this machine."""
WHAT_WORKS = (
    "HTML bookmark files, CSV with a column url, and plain lists of links work. Most programs export one of "
    "these"
)


def detect_format(given: str, head: bytes, charset: str) -> str:
    """`netscape`, `csv` or `plain`; `auto` looks at the beginning. InvalidImport for others."""
    text = codecs.getincrementaldecoder(charset)("replace").decode(head).lstrip("\ufeff \t\r\n")
    if DECLARATIONS.match(text):
        raise InvalidImport(ERROR_MESSAGES["import.dtd_forbidden"], code="import.dtd_forbidden")
    if given in FORMATS:
        return given
    if given != "auto":
        raise _unknown(
            f"{given[:40]!r} is no format linkshot reads; auto, {', '.join(FORMATS)} are."
        )
    cut = len(head) >= SAMPLE
    if _is_json(text, cut=cut):
        if '"roots"' in text:
            data = "the Bookmarks file of Chrome (JSON)"
        else:
            data = "a backup of Firefox (JSON)" if "text/x-moz-place" in text else "JSON"
        raise _unknown(f"This looks like {data}, which linkshot does not import yet. {WHAT_WORKS}.")
    if text.startswith("<") and not re.match(r"<(?:https?:|url:)", text, re.IGNORECASE):
        _refuse_xml(text)
        anchors = len(re.findall(r"<a\s", text, re.IGNORECASE))
        listed = len(MARKDOWN.findall(text)) > anchors or ADDRESS_LINE.search(text) is not None
        return "plain" if listed and not TREE.search(text) else "netscape"
    return _of_lines(text, cut=cut)


def _is_json(text: str, *, cut: bool) -> bool:
    """Lists begin with brackets too: `[ ] https://…`, `[[URL][Title]]`, `{{URL|Title}}`."""
    if not text.startswith(("[", "{")):
        return False
    if OBJECT.match(text):
        return True
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except json.JSONDecodeError as error:
        return cut and (error.pos >= len(text) or error.msg.startswith("Unterminated string"))
    except RecursionError:
        return True
    return not re.match(r"[^\S\r\n]*\S", text[end:])


def _refuse_xml(text: str) -> None:
    """Refuses XML that is no bookmark file, judged by what precedes the first words."""
    if re.search(r"<html\b|<!doctype (?:html|netscape)", text[:2000], re.IGNORECASE):
        return
    for pattern, name in KINDS:
        if pattern.search(text[:4000]):
            raise _unknown(f"This is {name}, which linkshot does not import yet. {WHAT_WORKS}.")


def _of_lines(text: str, *, cut: bool) -> str:
    """A table, a bookmark file with words before it, or a list. `cut`: the last line is not whole."""
    lines = [line for line in re.split(r"[\r\n]+", text) if line.strip("\ufeff \t")]
    if any(map(is_before_header, lines[:1])):
        lines = [line for line in lines if not is_before_header(line)]
    del lines[SAMPLE_LINES + 1 :]
    if cut and 1 < len(lines) <= SAMPLE_LINES:
        lines.pop()
    if lines and _is_table(lines):
        return "csv"
    begins_with_link = bool(lines) and bool(read_line(lines[0].strip()))
    if not begins_with_link and TREE.search(text) and HTML.search(text):
        return "netscape"
    return "plain"


def _is_table(lines: Sequence[str]) -> bool:
    """Its first line names a column of addresses, or each line has one in the same place. InvalidImport when it names only others."""
    if guess_header(lines):
        return True
    first, rest = lines[0], lines[1:]
    header = parse_header(first)
    if header:
        at = header.columns["url"][0]
        rows = _records(rest, header.delimiter)
        found = not rows or any(len(row) > at and holds_link(row[at]) for row in rows)
        sure = len(header.columns) > 1 or all(len(row) == len(header.cells) for row in rows)
        return len(header.cells) > 1 and found and sure
    if rest and RULE.fullmatch(rest[0]):
        return False
    for delimiter in DELIMITERS:
        names = split(first, delimiter)
        if len(names) > 1 and _are_names(names) and _fit(rest, delimiter, len(names)):
            shown = ", ".join(name[:40] for name in names[:12])
            raise _unknown(
                f"This looks like a table with the columns {shown}, and none of them is known to hold "
                "addresses. Call that column url in the first line."
            )
    return False


def _are_names(cells: Sequence[str]) -> bool:
    """Short words, no addresses."""
    return all(
        len(cell) <= 40 and re.search(r"[^\W\d_]", cell) and not read_line(cell) for cell in cells
    )


def _fit(lines: Sequence[str], delimiter: str, count: int) -> bool:
    """All records have as many cells, and not all of the cells are addresses."""
    rows = _records(lines, delimiter)
    addresses = [cell for row in rows for cell in row if holds_address(cell)]
    return (
        bool(addresses)
        and all(len(row) == count for row in rows)
        and len(addresses) < len(rows) * count
    )


def _records(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """The last one may be cut."""
    try:
        rows = list(csv.reader((f"{line}\n" for line in lines), delimiter=delimiter))
    except csv.Error:
        return []
    return rows[: max(len(rows) - 1, 1)] if len(lines) >= SAMPLE_LINES else rows


def _unknown(message: str) -> InvalidImport:
    return InvalidImport(message, code="import.format_unknown", field="format")


def read_rows(kind: str, text: DecodedText, now: datetime) -> Iterator[ImportRow]:
    """The rows of a file of this format."""
    if kind == "netscape":
        return read_netscape(text, now)
    return read_table(text, now) if kind == "csv" else read_plain(text, now)
