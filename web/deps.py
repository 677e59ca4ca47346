"""The linkshot that a request belongs to, and how its parts are."""

from typing import Annotated, cast

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request
from starlette.datastructures import State

from linkshot.app import App
from linkshot.maintenance.health import Report

HEALTH_THREADS = 8


async def app_of(request: Request) -> App:
    """The open App this server was created with."""
    return cast("App", request.app.state.linkshot)


async def check_health(state: State) -> Report:
    """How all parts are. Asked by threads that no other request can use up."""
    if not hasattr(state, "health_limiter"):
        state.health_limiter = CapacityLimiter(HEALTH_THREADS)
    return await to_thread.run_sync(state.health.report, limiter=state.health_limiter)


AppDep = Annotated[App, Depends(app_of)]
