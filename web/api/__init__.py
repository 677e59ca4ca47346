"""The REST API below /api/v1: one module of routes per noun."""

from fastapi import APIRouter

from web.api import (
    cookies,
    events,
    health,
    imports,
    jobs,
    links,
    search,
    sites,
    snapshots,
    tags,
    uploads,
    watches,
)
from web.api.schemas.errors import Problem
from web.security.strict_json import StrictRoute

PREFIX = "/api/v1"
NOUNS = (
    links,
    snapshots,
    uploads,
    tags,
    search,
    imports,
    watches,
    sites,
    cookies,
    jobs,
    health,
    events,
)
ERROR_RESPONSES: dict[int | str, dict[str, object]] = {
    "4XX": {"model": Problem, "description": "Refused; `code` says why"},
    "5XX": {"model": Problem, "description": "A part does not answer; try again later"},
}


def router() -> APIRouter:
    """All routes of the API."""
    found = APIRouter(prefix=PREFIX, route_class=StrictRoute, responses=ERROR_RESPONSES)
    for noun in NOUNS:
        found.include_router(noun.router)
    return found
