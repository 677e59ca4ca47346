"""Import form, list of imports, and the report with its ledger."""

from dataclasses import dataclass
from io import BytesIO
from typing import Annotated, BinaryIO, Self

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.responses import Response

from linkshot.app import App
from linkshot.domain.import_notices import notice_message
from linkshot.errors import InvalidInput, TooMany
from linkshot.use_cases import imports
from web import problem_details
from web.deps import AppDep
from web.error_messages import message_of_code
from web.import_limiter import ImportLimiterDep
from web.language import Translator
from web.pages.link_list import split_tags
from web.pages.rendering import error_text, redirect, render
from web.reader_preferences import PreferencesDep
from web.uploads import require_single_file

router = APIRouter()

ROWS = 200
PAGE = 20
"""Imports that are shown at once."""
OUTCOMES = ("accepted", "duplicate", "rejected")
NOTICED = "noticed"
"""Beside the outcomes: rows of which something was cut, dropped or left as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportsPage:
    """Imports before, newest first."""

    reports: tuple[imports.ImportReport, ...]
    older: str | None
    """The import after which the next page begins."""
    is_first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSource:
    """What the form brings: a file, or else a pasted list."""

    stream: BinaryIO
    name: str

    @classmethod
    def of(cls, file: UploadFile | None, lines: str, translator: Translator) -> Self:
        """The file when one was chosen."""
        # without one browsers send a file with an empty name (HTML, "constructing the entry list")
        if file is not None and file.filename:
            return cls(stream=file.file, name=file.filename)
        pasted = BytesIO(lines.encode("utf-8", "replace"))
        return cls(stream=pasted, name=translator.gettext("pasted list"))


@router.get("/import")
def form(
    request: Request, app: AppDep, preferences: PreferencesDep, after: str | None = None
) -> Response:
    """The form, and the imports before; further down the list with `after`."""
    listed = _before(app, after or None)
    return render(request, app, preferences, "import.html", listed=listed, tags="", lines="")


def _before(app: App, after: str | None = None) -> ImportsPage:
    found = imports.list_imports(app, PAGE + 1, after)
    older = found[PAGE - 1].import_id if len(found) > PAGE else None
    return ImportsPage(reports=tuple(found[:PAGE]), older=older, is_first=after is None)


@router.post("/import", dependencies=[Depends(require_single_file)])
def run(
    request: Request,
    app: AppDep,
    preferences: PreferencesDep,
    limiter: ImportLimiterDep,
    file: Annotated[UploadFile | None, File()] = None,
    lines: Annotated[str, Form()] = "",
    tags: Annotated[str, Form()] = "",
    take_dates: Annotated[bool, Form()] = False,
    skip_trashed: Annotated[bool, Form()] = False,
) -> Response:
    """Bring in a file or a list that was pasted."""
    source = ImportSource.of(file, lines, preferences.translator)
    try:
        with limiter.slot():
            report = imports.run(
                app,
                source.stream,
                source.name,
                tags=split_tags(tags),
                take_dates=take_dates,
                skip_trashed=skip_trashed,
            )
    except (InvalidInput, TooMany) as error:
        answer = render(
            request, app, preferences, "import.html",
            status=problem_details.status_of(error),
            listed=_before(app),
            tags=tags,
            lines=lines,
            notice=error_text(error, preferences),
        )  # fmt: skip
        answer.headers.update(problem_details.headers_of(error))
        return answer
    return redirect(f"/imports/{report.import_id}")


@router.get("/imports/{import_id}")
def report(
    request: Request,
    app: AppDep,
    preferences: PreferencesDep,
    import_id: str,
    outcome: str = "",
    after: int = 0,
) -> Response:
    """The report with its ledger; the rejected rows first when there are any."""
    found = imports.get(app, import_id)
    first = "rejected" if found.rejected else "accepted"
    shown = outcome if outcome in (*OUTCOMES, NOTICED) else first
    noticed = shown == NOTICED
    wanted = None if noticed else shown
    rows = imports.rows(app, import_id, wanted, max(after, 0), ROWS, noticed=noticed)
    return render(
        request,
        app,
        preferences,
        "report.html",
        report=found,
        outcome=shown,
        outcomes=(*OUTCOMES, NOTICED) if found.notices else OUTCOMES,
        rows=rows,
        why=lambda row: message_of_code(row.code or "", row.reason or "", preferences.translator),
        notice_of=lambda code: notice_message(code, preferences.translator),
        next_after=rows[-1].row if len(rows) == ROWS else None,
    )
