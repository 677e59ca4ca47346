"""What is going on: waiting, under way, failed, dead; and whether the parts answer."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from linkshot import jobs
from web import sentences
from web.api.health import check
from web.here import Linkshot
from web.pages.shell import redirect, render
from web.reader import Reader

router = APIRouter(prefix="/jobs")


@router.get("")
def overview(request: Request, app: Linkshot, reader: Reader) -> Response:
    """The state of the work."""
    return render(
        request,
        app,
        reader,
        "jobs.html",
        overview=jobs.overview(app, 50),
        dead=jobs.dead_letters(app, 50),
        parts=check(app),
        reason=lambda kind: sentences.reason(kind, reader.tongue),
        dead_reason=lambda code: sentences.dead_reason(code, reader.tongue),
    )


@router.post("/requeue")
def requeue(app: Linkshot, dead_id: Annotated[str, Form()]) -> Response:
    """Send a dead letter again."""
    jobs.requeue(app, [dead_id])
    return redirect("/jobs", "requeued:")
