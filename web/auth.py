"""Who may look? Nobody without the password, when one is set: a login page, or Basic for programs.

Pure ASGI, inside the guards. Sessions live in the memory of this process and end with it.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections import deque
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from linkshot.errors import Forbidden, LinkshotError
from web import problems

COOKIE = "linkshot_session"
SESSION_S = 14 * 24 * 3600
TRIES, TRIES_S = 5, 60.0
"""Wrong passwords of one address in that many seconds."""
MAX_SESSIONS = 1000
OPEN_PATHS = frozenset({"/login", "/api/v1/health", "/favicon.ico"})
OPEN_FOLDERS = ("/static/",)
REALM = 'Basic realm="linkshot", charset="UTF-8"'

Scrypt = {"n": 2**14, "r": 8, "p": 1}
"""OWASP Password Storage Cheat Sheet, scrypt with 16 MiB."""


class Gate:
    """The password, the logins and the tries of one server."""

    def __init__(self, password: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._salt = secrets.token_bytes(16)
        self._hash = self._hashed(password) if password else b""
        self._sessions: dict[bytes, float] = {}
        self._tries: dict[str, deque[float]] = {}
        self._known: set[bytes] = set()

    @property
    def closed(self) -> bool:
        """Whether a password is needed at all."""
        return bool(self._hash)

    def login(self, password: str, address: str) -> str | None:
        """A fresh session, None for a wrong password; Forbidden after too many tries."""
        if not self._right(password, address):
            return None
        session = secrets.token_urlsafe(32)
        self._forget_old()
        self._sessions[_digest(session)] = self._clock() + SESSION_S
        return session

    def logout(self, session: str) -> None:
        """End a session. Repeatable."""
        self._sessions.pop(_digest(session), None)

    def has_session(self, session: str) -> bool:
        """Whether somebody logged in under this id and is still."""
        return self._sessions.get(_digest(session), 0.0) > self._clock()

    def accepts(self, authorization: str, address: str) -> bool:
        """Whether an Authorization header carries the password (any user name)."""
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() != "basic":
            return False
        digest = _digest(value)
        if digest in self._known:
            return True
        if not self._right(_basic_password(value), address):
            return False
        self._known = {digest}
        return True

    def _right(self, password: str, address: str) -> bool:
        tries = self._recent(address)
        if len(tries) >= TRIES:
            raise Forbidden(
                "Too many wrong passwords; wait a minute and try again.", code="login.too_many"
            )
        tries.append(self._clock())
        right = hmac.compare_digest(self._hashed(password), self._hash)
        if right:
            tries.clear()
        return right

    def _recent(self, address: str) -> deque[float]:
        now = self._clock()
        self._tries = {who: t for who, t in self._tries.items() if t and t[-1] > now - TRIES_S}
        tries = self._tries.setdefault(address, deque())
        while tries and tries[0] <= now - TRIES_S:
            tries.popleft()
        return tries

    def _forget_old(self) -> None:
        now = self._clock()
        self._sessions = {key: end for key, end in self._sessions.items() if end > now}
        while len(self._sessions) >= MAX_SESSIONS:
            self._sessions.pop(next(iter(self._sessions)))

    def _hashed(self, password: str) -> bytes:
        raw = password.encode("utf-8", "surrogatepass")
        return hashlib.scrypt(raw, salt=self._salt, **Scrypt)


class Doors:
    """Lets in who is logged in, and sends all others to the login page."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self.app = app
        self.gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Deny by default: only the login page, its looks and the sign of life are open."""
        if scope["type"] != "http" or not self.gate.closed:
            await self.app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), scope["path"]
        try:
            known = await run_in_threadpool(self._knows, headers, address_of(scope))
        except LinkshotError as error:
            await problems.of_error(error)(scope, receive, send)
            return
        scope["state"] = {**scope.get("state", {}), "known": known}
        if known or path in OPEN_PATHS or path.startswith(OPEN_FOLDERS):
            await self.app(scope, receive, send)
        elif path.startswith("/api/") or scope["method"] != "GET":
            await _unauthorized()(scope, receive, send)
        else:
            await RedirectResponse("/login", 303)(scope, receive, send)

    def _knows(self, headers: Headers, address: str) -> bool:
        session = session_of(headers)
        if session and self.gate.has_session(session):
            return True
        authorization = headers.get("authorization", "")
        return bool(authorization) and self.gate.accepts(authorization, address)


def session_of(headers: Headers) -> str:
    """The session id of the cookie, empty when there is none."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(headers.get("cookie", ""))
    except CookieError:
        return ""
    return jar[COOKIE].value if COOKIE in jar else ""


def address_of(scope: Scope) -> str:
    """Where a request comes from; proxies' own words about it are not believed."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def _unauthorized() -> JSONResponse:
    return problems.problem(
        401,
        "login.required",
        "A password is needed: log in at /login, or send it with HTTP Basic.",
        headers={"WWW-Authenticate": REALM},
    )


def _basic_password(value: str) -> str:
    try:
        text = base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
    return text.partition(":")[2]


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
