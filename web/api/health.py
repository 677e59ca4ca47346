"""Health check: overall status for everyone, details of the backends for authenticated callers."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from linkshot.maintenance.health import OK, Report
from web.api.schemas.health import HealthOut, HealthProblem
from web.deps import check_health
from web.security.strict_json import StrictRoute

router = APIRouter(tags=["health"], route_class=StrictRoute)


@router.get(
    "/health",
    response_model=HealthOut,
    responses={503: {"model": HealthOut, "description": "`down`: the catalogue does not answer"}},
)
async def health(request: Request) -> Response:
    """`ok`, `degraded` (it serves, and something is wrong) or `down`, within `health_timeout_s`;
    who is not logged in learns no more than that."""
    report = await check_health(request.app.state)
    is_known = getattr(request.state, "known", True)
    body = _whole(report) if is_known else HealthOut(status=report.status)
    if report.status != "down":
        return JSONResponse(body.model_dump(mode="json"))
    return JSONResponse(body.model_dump(mode="json"), 503, {"Retry-After": "5"})


def _whole(report: Report) -> HealthOut:
    return HealthOut(
        status=report.status,
        parts={one.part: one.code for one in report.parts},
        problems=[
            HealthProblem(part=one.part, code=one.code, detail=one.detail)
            for one in report.parts
            if one.code != OK
        ],
        indexed_until=report.indexed_until,
    )
