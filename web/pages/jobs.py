"""Page of work in progress, failures and dead letters, with the health of the backends."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from linkshot.domain import reason_texts
from linkshot.domain.error_texts import ERROR_MESSAGES
from linkshot.domain.visit_texts import next_visit
from linkshot.maintenance.health import PartHealth, Report
from linkshot.use_cases import incomplete_notes, jobs
from web import status_text
from web.deps import AppDep
from web.pages.rendering import redirect, render
from web.reader_preferences import Preferences, PreferencesDep

router = APIRouter(prefix="/jobs")


@router.get("")
def overview(request: Request, app: AppDep, preferences: PreferencesDep) -> Response:
    """The state of the work."""
    seen = jobs.overview(app, 50)
    health: Report = request.app.state.health.report()
    return render(
        request,
        app,
        preferences,
        "jobs.html",
        overview=seen,
        dead=jobs.dead_letters(app, 50),
        parts=[(one.part, one.code, _sentence(one, preferences)) for one in health.parts],
        start=incomplete_notes.what_to_start(
            seen.not_running, preferences.translator, app.settings
        ),
        index_note=_index_note(seen, preferences),
        next_visit=lambda line: next_visit(line, app.now(), preferences.translator),
        reason=lambda kind: reason_texts.reason(kind, preferences.translator),
        detail=lambda text: reason_texts.detail(text, preferences.translator),
        dead_detail=lambda text: reason_texts.translated_or_quoted(text, preferences.translator),
        dead_reason=lambda code: status_text.dead_letter_reason(code, preferences.translator),
    )


def _index_note(seen: jobs.Overview, preferences: Preferences) -> str:
    """What the search index lacks; empty when it knows every change."""
    if seen.unindexed is None:
        return incomplete_notes.index_unknown(preferences.translator)
    if not seen.unindexed:
        return ""
    return incomplete_notes.waiting_changes(
        seen.unindexed, preferences.translator, indexer_runs=seen.indexer is not False
    )


def _sentence(one: PartHealth, preferences: Preferences) -> str:
    """What is wrong with a part, in the reader's language."""
    return (
        preferences.translator.gettext(ERROR_MESSAGES[one.code])
        if one.code in ERROR_MESSAGES
        else one.detail
    )


@router.post("/requeue")
def requeue(app: AppDep, dead_id: Annotated[str, Form()]) -> Response:
    """Send a dead letter again."""
    jobs.requeue(app, [dead_id])
    return redirect("/jobs", "requeued:")
