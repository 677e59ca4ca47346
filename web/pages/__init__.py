"""What do people see? Pages made on the server, one file per screen; forms work without scripts."""

import json

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from linkshot.errors import LinkshotError
from web.base_path import root_of, route_path
from web.guards import CSP
from web.language import choose, tongue
from web.pages import (
    changes,
    home,
    imports,
    jobs,
    link,
    login,
    preferences,
    stored,
    tags,
    trash,
)
from web.pages.shell import STATIC, environment
from web.reader import LANGUAGE, THEME, THEMES
from web.refusals import refusal, refusal_of_code

FRAMED = CSP.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
"""For what is said in place of a stored page: our own frames may show it."""
SCREENS = (home, link, changes, trash, tags, imports, jobs, login, preferences, stored)


def mount(site: FastAPI) -> None:
    """Add every screen and the static files."""
    for screen in SCREENS:
        site.include_router(screen.router, include_in_schema=False)
    site.mount("/static", _Static(directory=STATIC), name="static")


def own_segments() -> frozenset[str]:
    """What the paths of linkshot begin with."""
    routes = (route for screen in SCREENS for route in screen.router.routes)
    paths = [route.path for route in routes if isinstance(route, APIRoute)]
    return frozenset({"api", "static", *(path.split("/")[1] for path in paths)} - {""})


def error_page(request: Request, answer: JSONResponse, error: LinkshotError | None) -> Response:
    """The same refusal as a page for people; needs nothing but templates, whatever is down."""
    said = json.loads(bytes(answer.body))
    tag = choose(
        request.query_params.get("lang"),
        request.cookies.get(LANGUAGE),
        request.app.state.linkshot.settings.language,
        request.headers.get("accept-language", ""),
    )
    words = tongue(tag)
    detail = (
        refusal(error, words)
        if error is not None
        else refusal_of_code(said["code"], said["detail"], words)
    )
    theme = request.cookies.get(THEME)
    html = (
        environment()
        .get_template("error.html")
        .render(
            root=root_of(request.scope),
            say=words.say,
            tongue=words,
            theme=theme if theme in THEMES else THEMES[0],
            status=said["status"],
            detail=detail,
        )
    )
    kept = {k: v for k, v in answer.headers.items() if k in ("retry-after", "allow")}
    if route_path(request.scope).startswith("/s/"):
        kept["Content-Security-Policy"] = FRAMED
    return HTMLResponse(html, answer.status_code, kept)


class _Static(StaticFiles):
    """Static files; asked for by their digest they never change."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file with how long it may be kept."""
        answer = await super().get_response(path, scope)
        versioned = b"v=" in scope["query_string"]
        kept = "public, max-age=31536000, immutable" if versioned else "public, no-cache"
        answer.headers["Cache-Control"] = kept
        return answer
