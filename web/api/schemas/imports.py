"""Imports and the rows of their ledgers."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from linkshot.use_cases.import_batches import LedgerRow
from linkshot.use_cases.imports import ImportReport


class RowOut(BaseModel):
    """What became of one row of an import."""

    row: int
    line: int
    outcome: str
    code: str | None
    reason: str | None
    url: str
    link_id: str | None
    notices: list[str] = []
    """Codes of what was cut, clamped, dropped or left as it was while the link is kept."""

    @classmethod
    def of(cls, row: LedgerRow) -> Self:
        """As the API gives it."""
        return cls(
            row=row.row,
            line=row.line,
            outcome=row.outcome,
            code=row.code,
            reason=row.reason,
            url=row.url,
            link_id=row.link_id,
            notices=list(row.notices),
        )


class RowsOut(BaseModel):
    """Part of a ledger; the next part begins after `next_after`."""

    items: list[RowOut]
    next_after: int | None


class ImportListedOut(BaseModel):
    """An import among others; what its notices and rejected rows are, the import itself tells."""

    import_id: str
    name: str
    format: str
    accepted: int
    duplicate: int
    rejected: int
    notices: int
    """Rows with a notice."""
    started_at: datetime
    finished_at: datetime | None

    @classmethod
    def listed(cls, report: ImportReport) -> Self:
        """As lists give it."""
        return cls.model_validate(report, from_attributes=True)


class ImportOut(ImportListedOut):
    """How an import went."""

    noticed: dict[str, int]
    """Code of a notice → rows."""
    rows: list[RowOut]
    """The first rejected rows; of a dry run the first rows."""

    @classmethod
    def of(cls, report: ImportReport, rows: list[RowOut]) -> Self:
        """As the API gives it."""
        listed = ImportListedOut.listed(report)
        return cls(**listed.model_dump(), noticed=dict(report.noticed), rows=rows)


class ImportsOut(BaseModel):
    """Part of the imports, newest first; the next part begins after `next_after`."""

    items: list[ImportListedOut]
    next_after: str | None
