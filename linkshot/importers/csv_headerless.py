"""Guesses the columns of a table without a header. (pure)

Called by formats.py to detect such a table and by csv_table.py to read it; both look at the same lines. A
comma or semicolon may belong to an address, so a table that begins with addresses counts only when the text
after them cannot be part of them.
"""

import csv
import re
from collections.abc import Sequence

from linkshot.importers.csv_columns import Header
from linkshot.importers.list_lines import LEAD

SAMPLE_LINES = 20
"""Lines."""
DELIMITERS = (",", "\t", ";")
ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
DATE = re.compile(
    r"\d{4}[-/.]\d\d?[-/.]\d\d?(?:[T ].{0,20})?|\d{4}年\d\d?月\d\d?日|\d{10}(?:\d{3}){0,3}"
)
WORD = re.compile(r"[^\W\d_][^/=&%#_.?:@~]*")
"""What begins with a letter and has no sign of an address."""
SURE = re.compile(r"\s|[^\x00-\x7f]")
"""In what is no part of an address."""


def guess_header(lines: Sequence[str]) -> Header | None:
    """The columns by what they hold; None when this is a list, a table with a header or anything else."""
    looked = lines[:SAMPLE_LINES]
    for delimiter in DELIMITERS:
        rows = _rows(looked, delimiter)
        quoted = any(f'{delimiter}"' in line for line in looked)
        header = _of_rows(rows, delimiter, quoted=quoted) if len(rows) > 1 else None
        if header:
            return header
    return None


def _rows(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """Records, trimmed; the last one may be cut."""
    ended = (line.strip("\ufeff\r\n") + "\n" for line in lines)
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(ended, delimiter=delimiter)]
    except csv.Error:
        return []
    return rows[:-1] if len(lines) >= SAMPLE_LINES else rows


def _of_rows(rows: Sequence[Sequence[str]], delimiter: str, *, quoted: bool) -> Header | None:
    least, most = min(map(len, rows)), max(map(len, rows))
    urls = [at for at in range(least) if all(ADDRESS.fullmatch(row[at]) for row in rows)]
    if not urls or len(urls) == most or any(LEAD.match(row[0]) for row in rows):
        return None
    columns = [[row[at] for row in rows if at < len(row) and row[at]] for at in range(most)]
    others = {at: cells for at, cells in enumerate(columns) if at not in urls}
    begins = urls[0] == 0 and delimiter != "\t"
    doubtful = begins and not quoted
    if doubtful and (least != most or not any(map(_is_apart, others.values()))):
        return None
    return Header(
        delimiter=delimiter,
        cells=("",) * most,
        columns={"url": tuple(urls), **_meanings(others, tags=begins and delimiter == ";")},
        guessed=doubtful and not any(map(_is_surely_apart, others.values())),
    )


def _is_apart(cells: Sequence[str]) -> bool:
    """Dates or words, which may stand behind an address and not in it."""
    return _are(DATE, cells) or _are(WORD, cells) or _are_titles(cells)


def _is_surely_apart(cells: Sequence[str]) -> bool:
    return (
        _are(DATE, cells)
        or _are_titles(cells)
        or (_are(WORD, cells) and all(map(SURE.search, cells)))
    )


def _are_titles(cells: Sequence[str]) -> bool:
    """Half of them are several words."""
    return bool(cells) and 2 * sum(1 for cell in cells if re.search(r"\S\s+\S", cell)) >= len(cells)


def _are(pattern: re.Pattern[str], cells: Sequence[str]) -> bool:
    return bool(cells) and all(map(pattern.fullmatch, cells))


def _meanings(others: dict[int, list[str]], *, tags: bool) -> dict[str, tuple[int, ...]]:
    """Title and date are the first columns that look like it; a first column that counts the records is left
    out, the rest is the note, or tags in `URL;Title;tag`."""
    date = next((at for at, cells in others.items() if _are(DATE, cells)), None)
    rest = [at for at, cells in others.items() if at != date and not (at == 0 and _counts(cells))]
    title = next(
        (at for at in rest if any(re.search(r"[^\W\d_]", cell) for cell in others[at])), None
    )
    found = {"date": (date,), "title": (title,)}
    meanings = {name: (at,) for name, (at,) in found.items() if at is not None}
    more = tuple(at for at in rest if at != title)
    return {
        **meanings,
        **({"tags" if tags and len(more) == 1 else "summary": more} if more else {}),
    }


def _counts(cells: Sequence[str]) -> bool:
    """1, 2, 3: the numbers of the records."""
    if not all(cell.isdecimal() and len(cell) < 10 for cell in cells) or len(cells) < 2:
        return False
    numbers = list(map(int, cells))
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))
