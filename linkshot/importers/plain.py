"""Which links are in a plain list: one URL a line, comments and blank lines skipped?"""

from collections.abc import Iterator

from linkshot.importers.row import RAW_CHARS, ImportRow, broken_row
from linkshot.importers.text import Text
from linkshot.model import NewLink

MAX_LINE = 100_000
"""Characters; a longer line is one rejected row and never kept whole."""
TITLE = " | "
"""`URL | title`, as tab savers write it."""


def read_plain(text: Text) -> Iterator[ImportRow]:
    """Rows in order. Lines end as Unicode says: LF, CR, CR LF, FF, NEL, LS, PS."""
    row = 0
    for number, start, line in _lines(text):
        content = line.strip("\ufeff \t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029\u3000")
        if content and not content.startswith("#"):
            row += 1
            broken = text.broken_between(start, start + len(line))
            yield _row(row, number, content, broken)


def _row(row: int, line: int, content: str, broken: int | None) -> ImportRow:
    raw = content[:RAW_CHARS]
    if len(content) > MAX_LINE:
        code, reason = "import.line_too_long", f"The line has more than {MAX_LINE} characters."
        return ImportRow(row=row, line=line, raw=raw, new=None, code=code, reason=reason)
    if broken is not None:
        return broken_row(row, line, raw, broken)
    url, _, title = f"{content} ".partition(TITLE)
    new = NewLink(url=url.strip(), title=title.strip())
    return ImportRow(row=row, line=line, raw=raw, new=new, scheme_default=True)


def _lines(text: Text) -> Iterator[tuple[int, int, str]]:
    """(number, place of the first character, line with its end); of long lines the beginning."""
    number, place, rest, dropped = 1, 0, "", 0
    for piece in text:
        pieces = (rest + piece).splitlines(keepends=True)
        rest = pieces.pop() if _is_open(pieces[-1]) else ""
        for line in pieces:
            yield number, place, line
            place += len(line) + dropped
            number += 1
            dropped = 0
        if len(rest) > MAX_LINE + 1:
            dropped += len(rest) - MAX_LINE - 1
            rest = rest[: MAX_LINE + 1]
    if rest:
        yield number, place, rest


def _is_open(line: str) -> bool:
    """It may go on in the next piece; so may the LF of a CR LF come."""
    return line[-1] == "\r" or len(line.splitlines()[0]) == len(line)
