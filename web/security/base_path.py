"""Serves linkshot below a path prefix: strips it from requests, adds it to redirects and cookies.

Pure ASGI, between ForwardedMiddleware and RequestGuard. A proxy may pass the prefix on or strip it; inside,
`root_path` of the scope holds it (ASGI HTTP spec 2.5) and routes do not.
"""

import re
from collections.abc import Container

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from linkshot.errors import ConfigError

ROOT = "linkshot.root"
"""Key in the scope; Starlette puts the path of a mounted application into `root_path`, also for errors."""
WHOLE_HOST = re.compile(r"(;\s*path=)/(?=;|$)", re.IGNORECASE)


class BasePathMiddleware:
    """Translates between public paths and route paths."""

    def __init__(self, app: ASGIApp, base: str) -> None:
        self.app = app
        self.base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The request below its root path; redirects and cookies below it too."""
        if not self.base or scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        if path == self.base:
            path = f"{path}/"
        elif not path.startswith(f"{self.base}/"):
            path = f"{self.base}{path}"  # the proxy took the base path off
        placed = {**scope, "root_path": self.base, "path": path}
        placed |= {ROOT: self.base}
        placed.pop("raw_path", None)
        await self.app(placed, receive, _BasePathSender(send, self.base))


def route_path(scope: Scope) -> str:
    """The request path without the base path."""
    path: str = scope["path"]
    root = root_of(scope)
    return path[len(root) :] if root and path.startswith(f"{root}/") else path


def root_of(scope: Scope) -> str:
    """The base path of this request; empty without one."""
    return str(scope.get(ROOT, ""))


def check(base: str, own: Container[str]) -> None:
    """Raises ConfigError for a base path that collides with one of our `own` routes."""
    first = base.partition("/")[2].partition("/")[0]
    if base and first in own:
        raise ConfigError(
            f"setting base_path: /{first} is a page of linkshot's own; choose another path "
            "(LINKSHOT_BASE_PATH, or base_path in the config file)",
            field="base_path",
        )


class _BasePathSender:
    """`send` that puts the base path before a path in Location, and into cookies of the whole host."""

    def __init__(self, send: Send, base: str) -> None:
        self.send = send
        self.base = base

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if headers.get("location", "").startswith("/"):
                headers["location"] = f"{self.base}{headers['location']}"
            if cookies := headers.getlist("set-cookie"):
                del headers["set-cookie"]
                for cookie in cookies:
                    headers.append("set-cookie", WHOLE_HOST.sub(rf"\1{self.base}", cookie))
        await self.send(message)
