"""Routes of work in progress and dead letters."""

from typing import Annotated

from fastapi import APIRouter, Query

from linkshot.use_cases import jobs
from web.api.schemas.jobs import CountOut, DeadLettersOut, DeadOut, JobsOut
from web.api.schemas.requests import DeadIn
from web.deps import AppDep
from web.security.strict_json import StrictRoute

router = APIRouter(tags=["jobs"], route_class=StrictRoute)

Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/jobs")
def overview(app: AppDep, limit: Limit = 20) -> JobsOut:
    """What waits, what is being visited, what failed and comes next."""
    return JobsOut.of(jobs.overview(app, limit))


@router.get("/jobs/dead")
def dead_letters(app: AppDep, limit: Limit = 100) -> DeadLettersOut:
    """Messages nobody could work on."""
    found = jobs.dead_letters(app, limit)
    return DeadLettersOut(items=[DeadOut.of(line) for line in found])


@router.post("/jobs/dead/requeue", status_code=202)
def requeue(app: AppDep, body: DeadIn) -> CountOut:
    """Send dead letters again."""
    return CountOut(count=jobs.requeue(app, body.ids))
