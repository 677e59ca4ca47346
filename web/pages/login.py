"""The door: one password, when one is set."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from linkshot.errors import Forbidden
from web import problems
from web.auth import COOKIE, SESSION_S, Gate, address_of, session_of
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
    try:
        session = _gate(request).login(password, address_of(request.scope))
    except Forbidden as error:
        return _form(reader, refusal(error, reader.tongue), problems.status_of(error))
    if session is None:
        return _form(reader, reader.tongue.say("This is not the password."), 403)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        COOKIE,
        session,
        max_age=SESSION_S,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/logout")
def logout(request: Request) -> Response:
    """Out; the session is over."""
    _gate(request).logout(session_of(request.headers))
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return answer


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
