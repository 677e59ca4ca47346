"""Requires the password on every non-public route, when one is set: a login page, or HTTP Basic.

Pure ASGI, inside RequestGuard. Sessions and attempts are stored in the catalogue, see linkshot/use_cases/sessions.py
and linkshot/use_cases/login_throttle.py.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from linkshot.app import App
from linkshot.errors import LinkshotError, Unavailable
from linkshot.use_cases import login_throttle, sessions
from web import problem_details
from web.deps import check_health
from web.security.base_path import root_of, route_path

COOKIE = "linkshot_session"
COOKIE_NAMES = (f"__Host-{COOKIE}", f"__Secure-{COOKIE}", COOKIE)
HEALTH = "/api/v1/health"
PUBLIC_PATHS = frozenset({"/login", HEALTH, "/favicon.ico"})
PUBLIC_FOLDERS = ("/static/", "/replay/")
"""The second has archives by their tokens (web/pages/replay.py)."""
BEARER = "bearer"
"""RFC 6750 §2.1."""
REALM = 'Basic realm="linkshot", charset="UTF-8"'


class PasswordAuth:
    """Verifies passwords and sessions."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._verifier: sessions.PasswordVerifier | None = None
        self._accepted_digests: set[bytes] = set()

    @property
    def is_required(self) -> bool:
        """Whether a password is needed at all."""
        return bool(self._app.settings.password)

    def login(self, password: str, address: str) -> str | None:
        """A fresh session, None for a wrong password; Forbidden after too many tries."""
        if not self._verify(password, address):
            return None
        return sessions.begin(self._app, self.verifier())

    def logout(self, session: str) -> None:
        """End a session. Repeatable."""
        if session:
            sessions.end(self._app, session)

    def has_session(self, session: str) -> bool:
        """Whether the session id is valid; sessions are shared by all processes."""
        return sessions.is_valid(self._app, self.verifier(), session)

    def accepts(self, authorization: str, address: str) -> bool:
        """Whether an Authorization header carries the password: by HTTP Basic with any user name, or
        as a bearer token."""
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() not in ("basic", BEARER):
            return False
        digest = hashlib.sha256(authorization.encode("utf-8", "surrogatepass")).digest()
        if digest in self._accepted_digests:
            return True
        password = value.strip() if scheme.lower() == BEARER else _basic_password(value)
        if not self._verify(password, address):
            return False
        self._accepted_digests = {digest}
        return True

    def verifier(self) -> sessions.PasswordVerifier:
        """The verifier of the configured password; read from the catalogue once."""
        if self._verifier is None:
            self._verifier = sessions.password_verifier(self._app, self._app.settings.password)
        return self._verifier

    def _verify(self, password: str, address: str) -> bool:
        login_throttle.record(self._app, address)
        right = self.verifier().verify(password)
        if right:
            login_throttle.reset(self._app, address)
        return right


class AuthMiddleware:
    """Admits authenticated requests; redirects pages to the login and answers 401 to programs."""

    def __init__(
        self, app: ASGIApp, auth: PasswordAuth, on_error: Callable[[Scope, LinkshotError], ASGIApp]
    ) -> None:
        self.app = app
        self.auth = auth
        self.on_error = on_error
        """Renders the response when the caller cannot be identified."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Denies by default: only login, static files and health are public."""
        if scope["type"] != "http" or not self.auth.is_required:
            await self.app(scope, receive, send)
            return
        path = route_path(scope)
        try:
            known = await self._is_authenticated(scope, path)
        except LinkshotError as error:
            if not (_is_public(path) and isinstance(error, Unavailable)):
                await self.on_error(scope, error)(scope, receive, send)
                return
            known = False
        scope["state"] = {**scope.get("state", {}), "known": known}
        if known or _is_public(path):
            await self.app(scope, receive, send)
        elif path.startswith("/api/") or scope["method"] != "GET":
            await _unauthorized(root_of(scope))(scope, receive, send)
        else:
            await RedirectResponse("/login", 303)(scope, receive, send)

    async def _is_authenticated(self, scope: Scope, path: str) -> bool:
        """Whether the request is authenticated. Health requests count as anonymous while the catalogue is
        down, so that they are answered in time."""
        headers = Headers(scope=scope)
        if not (session_of(headers) or headers.get("authorization")):
            return False
        if path == HEALTH and (await check_health(scope["app"].state)).status == "down":
            return False
        return await run_in_threadpool(self._authenticate, headers, client_address(scope))

    def _authenticate(self, headers: Headers, address: str) -> bool:
        session = session_of(headers)
        if session and self.auth.has_session(session):
            return True
        authorization = headers.get("authorization", "")
        return bool(authorization) and self.auth.accepts(authorization, address)


def _basic_password(value: str) -> str:
    """The password of a Basic header; empty, which counts as a wrong one, when it cannot be read."""
    try:
        # user and password are parted by the first colon (RFC 7617 §2)
        return base64.b64decode(value, validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _is_public(path: str) -> bool:
    return path in PUBLIC_PATHS or path.startswith(PUBLIC_FOLDERS)


def cookie_name(secure: bool, root: str = "") -> str:
    """The cookie's name; its prefix binds it to this host, or below a base path to https
    (RFC 6265bis §4.1.3)."""
    if not secure:
        return COOKIE
    return f"__Secure-{COOKIE}" if root else f"__Host-{COOKIE}"


def session_of(headers: Headers) -> str:
    """The session id of the cookie, empty when there is none."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(headers.get("cookie", ""))
    except CookieError:
        return ""
    return next((jar[name].value for name in COOKIE_NAMES if name in jar), "")


def client_address(scope: Scope) -> str:
    """The client's address, after ForwardedMiddleware."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def _unauthorized(root: str) -> JSONResponse:
    return problem_details.problem(
        401,
        "login.required",
        f"A password is needed: log in at {root}/login, or send it with HTTP Basic or as a bearer token.",
        headers={"WWW-Authenticate": REALM},
    )
