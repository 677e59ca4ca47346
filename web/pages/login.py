"""The door: one password, when one is set."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from linkshot.errors import Forbidden
from linkshot.logins import LASTS
from web import problems
from web.auth import Gate, address_of, cookie_name, session_of
from web.pages.shell import environment
from web.reader import Preferences, Reader
from web.refusals import refusal

router = APIRouter()


@router.get("/login")
def form(request: Request, reader: Reader) -> Response:
    """The form."""
    return _form(reader) if _gate(request).closed else RedirectResponse("/", 303)


@router.post("/login")
def login(request: Request, reader: Reader, password: Annotated[str, Form()] = "") -> Response:
    """In, with a new session."""
    gate = _gate(request)
    try:
        session = gate.login(password, address_of(request.scope))
    except Forbidden as error:
        return _form(reader, refusal(error, reader.tongue), problems.status_of(error))
    if session is None:
        return _form(reader, reader.tongue.say("This is not the password."), 403)
    gate.logout(session_of(request.headers))
    secure = _is_secure(request)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        cookie_name(secure),
        session,
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    return answer


@router.post("/logout")
def logout(request: Request) -> Response:
    """Out; the session is over."""
    _gate(request).logout(session_of(request.headers))
    answer = RedirectResponse("/login", 303)
    for secure in (True, False):
        answer.delete_cookie(cookie_name(secure), httponly=True, samesite="lax", secure=secure)
    return answer


def _is_secure(request: Request) -> bool:
    """Whether the browser sees https: a proxy may end TLS before us, and the browser says so."""
    return "https" in (request.url.scheme, request.headers.get("origin", "").partition("://")[0])


def _gate(request: Request) -> Gate:
    gate: Gate = request.app.state.gate
    return gate


def _form(reader: Preferences, notice: str = "", status: int = 200) -> HTMLResponse:
    html = (
        environment()
        .get_template("login.html")
        .render(say=reader.tongue.say, tongue=reader.tongue, theme=reader.theme, notice=notice)
    )
    return HTMLResponse(html, status)
