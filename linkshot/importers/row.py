"""The result of parsing one source row."""

from dataclasses import dataclass

from linkshot.domain.error_texts import ERROR_MESSAGES
from linkshot.domain.model import NewLink

RAW_CHARS = 2000
"""Characters of the source kept in the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow:
    """A source row: a link to be checked, or why there is none."""

    row: int
    """1, 2, … counting what could be a link."""
    line: int
    """Where it begins in the file, from 1."""
    raw: str
    """Its source text, at most RAW_CHARS characters."""
    new: NewLink | None
    code: str | None = None
    """Stable reason when there is no link."""
    reason: str | None = None
    notices: tuple[str, ...] = ()
    """Codes of what was cut, clamped or dropped while the link is kept."""
    scheme_default: bool = False
    """`example.com` means https://example.com/ here."""


def broken_row(row: int, line: int, raw: str, offset: int) -> ImportRow:
    """Rejected for one byte that is not text in the file's charset."""
    reason = f"Byte {offset} of the file is not text."
    return ImportRow(
        row=row, line=line, raw=raw, new=None, code="import.invalid_bytes", reason=reason
    )


def no_address_row(row: int, line: int, raw: str) -> ImportRow:
    """Rejected because it holds words only."""
    code = "url.required"
    reason = ERROR_MESSAGES[code]
    return ImportRow(row=row, line=line, raw=raw, new=None, code=code, reason=reason)


def long_row(row: int, line: int, raw: str, most: int) -> ImportRow:
    """A row that is longer than any address and its title; it is kept as rejected, cut."""
    return ImportRow(
        row=row,
        line=line,
        raw=raw,
        new=None,
        code="import.line_too_long",
        reason=f"The line has more than {most} characters.",
    )
