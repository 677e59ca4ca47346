"""Routes of imports: upload a file of links, read its report and ledger."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile

from linkshot.app import App
from linkshot.use_cases import imports
from web.api.schemas.imports import ImportListedOut, ImportOut, ImportsOut, RowOut, RowsOut
from web.deps import AppDep
from web.import_limiter import ImportLimiterDep
from web.security.strict_json import StrictRoute
from web.uploads import require_single_file

router = APIRouter(tags=["imports"], route_class=StrictRoute)

SHOWN = 200
"""Rejected rows that a report carries itself."""


@router.post("/imports", dependencies=[Depends(require_single_file)])
def run(
    app: AppDep,
    limiter: ImportLimiterDep,
    file: Annotated[UploadFile, File(description="A list of links in any known format")],
    format: Annotated[str, Form()] = "auto",
    tag: Annotated[list[str] | None, Form()] = None,
    charset: Annotated[str | None, Form()] = None,
    take_dates: Annotated[
        bool, Form(description="Known links take an earlier date of the file")
    ] = False,
    skip_trashed: Annotated[bool, Form(description="Links in the trash stay there")] = False,
    dry_run: Annotated[bool, Form()] = False,
) -> ImportOut:
    """Bring in every link of a file; all of them are committed when this answers."""
    with limiter.slot():
        report = imports.run(
            app,
            file.file,
            file.filename or "upload",
            format=format,
            tags=tag or (),
            charset=charset,
            take_dates=take_dates,
            skip_trashed=skip_trashed,
            dry_run=dry_run,
        )
    if dry_run:
        return ImportOut.of(report, report.preview)
    return _with_rejected(app, report)


@router.get("/imports")
def list_imports(
    app: AppDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    after: Annotated[
        str | None, Query(description="An import_id: only older ones", max_length=40)
    ] = None,
) -> ImportsOut:
    """Imports, newest first; their counts without the single notices and rejected rows."""
    found = imports.list_imports(app, limit + 1, after)
    items = [ImportListedOut.listed(report) for report in found[:limit]]
    return ImportsOut(items=items, next_after=items[-1].import_id if len(found) > limit else None)


@router.get("/imports/{import_id}")
def get_import(app: AppDep, import_id: str) -> ImportOut:
    """How an import went, with its first rejected rows."""
    return _with_rejected(app, imports.get(app, import_id))


@router.get("/imports/{import_id}/rows")
def rows(
    app: AppDep,
    import_id: str,
    outcome: Annotated[str | None, Query(pattern="^(accepted|duplicate|rejected)$")] = None,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    noticed: Annotated[bool, Query(description="Only rows with a notice")] = False,
) -> RowsOut:
    """The ledger in order of the file."""
    imports.get(app, import_id)
    found = imports.rows(app, import_id, outcome, after, limit, noticed=noticed)
    more = found[-1].row if len(found) == limit else None
    return RowsOut(items=[RowOut.of(row) for row in found], next_after=more)


def _with_rejected(app: App, report: imports.ImportReport) -> ImportOut:
    rejected = imports.rows(app, report.import_id, "rejected", 0, SHOWN)
    return ImportOut.of(report, rejected)
