"""Imports and the rows of their ledgers."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from pydantic import BaseModel

from linkshot import json_shapes
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
    notices: list[str]
    """Codes of what was cut, clamped, dropped or left as it was while the link is kept."""
    raw: str
    """The row as it stands in the file."""

    @classmethod
    def of(cls, row: LedgerRow) -> Self:
        """Built from linkshot.json_shapes."""
        return cls.model_validate(json_shapes.import_row(row))


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
        """Built from linkshot.json_shapes."""
        return cls.model_validate(json_shapes.import_summary(report))


class ImportOut(ImportListedOut):
    """How an import went."""

    noticed: dict[str, int]
    """Code of a notice → rows."""
    rows: list[RowOut]
    """The first rejected rows; of a dry run the first rows."""

    @classmethod
    def of(cls, report: ImportReport, rows: Iterable[LedgerRow]) -> Self:
        """The response for an import with these rows."""
        shown = [json_shapes.import_row(row) for row in rows]
        return cls.model_validate(json_shapes.import_report(report, shown))


class ImportsOut(BaseModel):
    """Part of the imports, newest first; the next part begins after `next_after`."""

    items: list[ImportListedOut]
    next_after: str | None
