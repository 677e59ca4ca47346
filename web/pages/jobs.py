"""What is going on: waiting, under way, failed, dead; and whether the parts answer."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from linkshot import jobs
from linkshot.health import PartHealth, Report
from web import lacking, sentences
from web.here import Linkshot
from web.pages.shell import redirect, render
from web.reader import Preferences, Reader
from web.refusals import SENTENCES

router = APIRouter(prefix="/jobs")


@router.get("")
def overview(request: Request, app: Linkshot, reader: Reader) -> Response:
    """The state of the work."""
    seen = jobs.overview(app, 50)
    return render(
        request,
        app,
        reader,
        "jobs.html",
        overview=seen,
        dead=jobs.dead_letters(app, 50),
        parts=[(one.part, one.code, _sentence(one, reader)) for one in _health(request).parts],
        start=lacking.what_to_start(seen.not_running, reader.tongue, app.settings),
        reason=lambda kind: sentences.reason(kind, reader.tongue),
        detail=lambda text: sentences.detail(text, reader.tongue),
        dead_reason=lambda code: sentences.dead_reason(code, reader.tongue),
    )


def _health(request: Request) -> Report:
    report: Report = request.app.state.health.report()
    return report


def _sentence(one: PartHealth, reader: Preferences) -> str:
    """What is wrong with a part, in the reader's language."""
    return reader.tongue.say(SENTENCES[one.code]) if one.code in SENTENCES else one.detail


@router.post("/requeue")
def requeue(app: Linkshot, dead_id: Annotated[str, Form()]) -> Response:
    """Send a dead letter again."""
    jobs.requeue(app, [dead_id])
    return redirect("/jobs", "requeued:")
