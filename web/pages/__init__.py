"""The server-rendered pages: one module per screen. Forms work without scripts."""

import json

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from linkshot.errors import LinkshotError
from web.error_messages import error_message, message_of_code
from web.pages import (
    cookies,
    imports,
    jobs,
    link,
    link_actions,
    link_list,
    login,
    memento,
    preferences,
    replay,
    sites,
    stored,
    tags,
    trash,
)
from web.pages.rendering import STATIC, environment, layout_context
from web.reader_preferences import preferences_of
from web.security.base_path import route_path
from web.security.request_guards import CSP

FRAMED = CSP.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
"""For errors in place of a stored page: our own frames may show them."""
SCREENS = (
    link_list,
    link,
    link_actions,
    trash,
    tags,
    sites,
    imports,
    cookies,
    jobs,
    login,
    preferences,
    stored,
    memento,
    replay,
)


def mount(site: FastAPI) -> None:
    """Add every screen and the static files."""
    for screen in SCREENS:
        site.include_router(screen.router, include_in_schema=False)
    site.mount("/static", _Static(directory=STATIC), name="static")


def own_segments() -> frozenset[str]:
    """First path segments that routes use."""
    routes = (route for screen in SCREENS for route in screen.router.routes)
    paths = [route.path for route in routes if isinstance(route, APIRoute)]
    return frozenset({"api", "static", *(path.split("/")[1] for path in paths)} - {""})


def error_page(request: Request, answer: JSONResponse, error: LinkshotError | None) -> Response:
    """Renders an error response as HTML; needs templates only, so it works while backends are down."""
    said = json.loads(bytes(answer.body))
    preferences = preferences_of(request, request.app.state.linkshot)
    detail = (
        error_message(error, preferences.translator)
        if error is not None
        else message_of_code(said["code"], said["detail"], preferences.translator)
    )
    html = (
        environment()
        .get_template("error.html")
        .render(
            layout_context(request, preferences),
            theme=preferences.theme,
            framed=_is_framed(request, said["code"]),
            status=said["status"],
            detail=detail,
        )
    )
    kept = {k: v for k, v in answer.headers.items() if k in ("retry-after", "allow")}
    if route_path(request.scope).startswith("/s/"):
        kept["Content-Security-Policy"] = FRAMED
    return HTMLResponse(html, answer.status_code, kept)


def _is_framed(request: Request, code: str) -> bool:
    """Whether to render omnibox and navigation around an error: not for unauthenticated callers, not
    under a host name that is rejected, and not inside one of our frames."""
    state = request.scope.get("state", {})
    known = state.get("known", not request.app.state.auth.is_required)
    return (
        known and not code.startswith("host.") and not route_path(request.scope).startswith("/s/")
    )


class _Static(StaticFiles):
    """Static files; immutable when requested by digest."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Adds Cache-Control to the file."""
        answer = await super().get_response(path, scope)
        versioned = b"v=" in scope["query_string"]
        kept = "public, max-age=31536000, immutable" if versioned else "public, no-cache"
        answer.headers["Cache-Control"] = kept
        return answer
