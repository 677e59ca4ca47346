"""Login and logout, when a password is set."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from linkshot.errors import Forbidden
from linkshot.use_cases.sessions import SESSION_LIFETIME
from web import problem_details
from web.error_messages import error_message
from web.pages.rendering import environment
from web.reader_preferences import Preferences, PreferencesDep
from web.security.base_path import root_of
from web.security.password_auth import PasswordAuth, client_address, cookie_name, session_of

router = APIRouter()


@router.get("/login")
def form(request: Request, preferences: PreferencesDep) -> Response:
    """The form."""
    return _form(request, preferences) if _auth(request).is_required else RedirectResponse("/", 303)


@router.post("/login")
def login(
    request: Request, preferences: PreferencesDep, password: Annotated[str, Form()] = ""
) -> Response:
    """In, with a new session."""
    auth = _auth(request)
    try:
        session = auth.login(password, client_address(request.scope))
    except Forbidden as error:
        return _form(
            request,
            preferences,
            error_message(error, preferences.translator),
            problem_details.status_of(error),
        )
    if session is None:
        return _form(
            request, preferences, preferences.translator.gettext("This is not the password."), 403
        )
    auth.logout(session_of(request.headers))
    # a proxy may end TLS before us: it, the browser or the setting says that the browser sees https
    public: str = request.app.state.linkshot.settings.public.origin
    origins = (request.headers.get("origin", ""), public)
    secure = "https" in (request.url.scheme, *(one.partition("://")[0] for one in origins))
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        cookie_name(secure, root_of(request.scope)),
        session,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    return answer


@router.post("/logout")
def logout(request: Request) -> Response:
    """Out; the session is over."""
    _auth(request).logout(session_of(request.headers))
    answer = RedirectResponse("/login", 303)
    for secure in (True, False):
        name = cookie_name(secure, root_of(request.scope))
        answer.delete_cookie(name, httponly=True, samesite="lax", secure=secure)
    return answer


def _auth(request: Request) -> PasswordAuth:
    auth: PasswordAuth = request.app.state.auth
    return auth


def _form(
    request: Request, preferences: Preferences, notice: str = "", status: int = 200
) -> HTMLResponse:
    html = (
        environment()
        .get_template("login.html")
        .render(
            root=root_of(request.scope),
            gettext=preferences.translator.gettext,
            translator=preferences.translator,
            theme=preferences.theme,
            notice=notice,
        )
    )
    return HTMLResponse(html, status)
