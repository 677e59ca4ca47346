"""Builds the ASGI application over an open App, and runs it until it is stopped.

Requests pass ForwardedMiddleware, BasePathMiddleware, RequestGuard and AuthMiddleware before any route.
"""

import logging
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from anyio import CapacityLimiter
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from linkshot.app import App
from linkshot.errors import ConfigError, LinkshotError
from linkshot.maintenance.health import Health
from linkshot.system import locks
from linkshot.system.config import Settings
from web import api, pages, problem_details
from web.events import Streams
from web.import_limiter import ImportLimiter
from web.pages.replay import TokenMisses
from web.replay.stored_files import VerifiedCache
from web.security import base_path, request_guards
from web.security.base_path import BasePathMiddleware, route_path
from web.security.forwarded import ForwardedMiddleware
from web.security.password_auth import AuthMiddleware, PasswordAuth
from web.security.strict_json import InvalidJSON

logger = logging.getLogger(__name__)

PORT_ATTEMPTS = 50
"""Ports tried from the default one on."""
SHUTDOWN_S = 3
"""Graceful-shutdown timeout for requests in flight, seconds."""
BACKLOG = 128
HEALTH_THREADS = 8
"""Reserved for health checks (web.deps.check_health)."""


def create_app(app: App, stopping: threading.Event | None = None) -> FastAPI:
    """The ASGI application over an open App; streams end when `stopping` is set."""
    site = FastAPI(
        title="linkshot",
        version="1",
        description="Keep links, their snapshots, and find them again by every word.",
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{api.PREFIX}/openapi.json",
        separate_input_output_schemas=False,
    )
    auth = PasswordAuth(app)
    site.state.linkshot = app
    site.state.auth = auth
    site.state.checked = VerifiedCache()
    site.state.token_misses = TokenMisses()
    site.state.health = Health(app)
    site.state.health_limiter = CapacityLimiter(HEALTH_THREADS)
    site.state.imports = ImportLimiter(app.settings.imports_at_once)
    site.state.streams = Streams(stopping=stopping or threading.Event())
    site.include_router(api.router())
    pages.mount(site)
    _register_error_handlers(site)
    site.add_middleware(AuthMiddleware, auth=auth, on_error=_auth_error)
    site.add_middleware(
        request_guards.RequestGuard, settings=app.settings, on_error=_internal_error
    )
    site.add_middleware(BasePathMiddleware, base=app.settings.public.base_path)
    site.add_middleware(ForwardedMiddleware, trusted=app.settings.trusted_proxies)
    base_path.check(app.settings.public.base_path, pages.own_segments())
    return site


def run_web(
    app: App,
    *,
    host: str,
    port: int,
    ready: Callable[[str], None],
    stop: threading.Event,
) -> None:
    """Serves until `stop` is set; calls `ready` with the URL once it accepts requests.

    ConfigError when the address cannot be used, or needs a password that is not set.
    """
    check_address(host, app.settings)
    if app.settings.public_url and not app.settings.password:
        logger.warning(
            "No password is set: everyone whom the proxy admits can read and change everything",
            extra={"public_url": app.settings.public_url},
        )
    listening = listen(host, port, given="port" in app.settings.given)
    server = _server(create_app(app, stop))
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listening]}, name="web", daemon=True
    )
    thread.start()
    try:
        while not server.started and thread.is_alive() and not stop.wait(0.01):
            pass
        if server.started:
            here = address(host, listening, app.settings.public.base_path)
            with locks.web_at(app.settings, here):
                ready(here)
                while not stop.wait(0.5) and thread.is_alive():
                    pass
    finally:
        stop.set()
        server.should_exit = True
        thread.join(SHUTDOWN_S + 2)
        with suppress(OSError):
            listening.close()


def check_address(host: str, settings: Settings) -> None:
    """Raises ConfigError when the server would be reachable by others without a password."""
    if not request_guards.is_loopback(host) and not settings.password:
        raise ConfigError(
            f"{host} can be reached by others: set a password first (LINKSHOT_PASSWORD or "
            "`password` in the config file), or listen on 127.0.0.1.",
            field="password",
        )


def listen(host: str, port: int, *, given: bool) -> socket.socket:
    """A bound socket; the next free port when the default one is taken and was not asked for."""
    tries = 1 if given or port == 0 else PORT_ATTEMPTS
    failure: OSError | None = None
    for candidate in range(port, min(port + tries, 65536)):
        try:
            return _bind(host, candidate)
        except OSError as error:
            failure = error
    raise ConfigError(
        f"setting port: {host}:{port} cannot be used ({failure and failure.strerror}); "
        "choose another one with --port or LINKSHOT_PORT.",
        field="port",
    )


def address(host: str, listening: socket.socket, base: str = "") -> str:
    """The URL for a browser on this machine."""
    port = listening.getsockname()[1]
    shown = "127.0.0.1" if host in request_guards.ANY_ADDRESS else host
    bracketed = f"[{shown}]" if ":" in shown else shown
    return f"http://{bracketed}:{port}{base}/"


def _bind(host: str, port: int) -> socket.socket:
    family, _, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(where)
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def _server(site: FastAPI) -> uvicorn.Server:
    config = uvicorn.Config(
        site,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=SHUTDOWN_S,
        limit_concurrency=400,
    )
    return uvicorn.Server(config)


def _register_error_handlers(site: FastAPI) -> None:
    """Renders every error as problem details for the API and as an HTML page elsewhere."""

    @site.exception_handler(LinkshotError)
    async def ours(request: Request, error: LinkshotError) -> Response:
        return _error_response(request, problem_details.from_error(error), error)

    @site.exception_handler(HTTPException)
    async def framework(request: Request, error: HTTPException) -> Response:
        cause = (
            error.error if isinstance(error, request_guards.BodyRejected | InvalidJSON) else None
        )
        answer = (
            problem_details.from_http_exception(error)
            if cause is None
            else problem_details.from_error(cause)
        )
        return _error_response(request, answer, cause)

    @site.exception_handler(RequestValidationError)
    async def shape(request: Request, error: RequestValidationError) -> Response:
        return _error_response(request, problem_details.from_validation_error(error), None)


def _internal_error(scope: Scope) -> Response:
    """Response to an unexpected exception."""
    sentence = "Something went wrong inside linkshot; the log says what."
    return _error_response(Request(scope), problem_details.problem(500, "internal", sentence), None)


def _auth_error(scope: Scope, error: LinkshotError) -> Response:
    """Response to an unidentified caller."""
    return _error_response(Request(scope), problem_details.from_error(error), error)


def _error_response(
    request: Request, answer: JSONResponse, error: LinkshotError | None
) -> Response:
    if route_path(request.scope).startswith(f"{api.PREFIX}/"):
        return answer
    return pages.error_page(request, answer, error)
