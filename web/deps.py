"""FastAPI dependencies: the open App of a request, and the health check."""

from typing import Annotated, cast

from anyio import to_thread
from fastapi import Depends, Request
from starlette.datastructures import State

from linkshot.app import App
from linkshot.maintenance.health import Report


async def app_of(request: Request) -> App:
    """The open App this server was created with."""
    return cast("App", request.app.state.linkshot)


async def check_health(state: State) -> Report:
    """The health report, from threads reserved for it: other requests cannot starve health checks."""
    return await to_thread.run_sync(state.health.report, limiter=state.health_limiter)


AppDep = Annotated[App, Depends(app_of)]
