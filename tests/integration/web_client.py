"""A browser or a program that talks to the web in this process."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from linkshot.app import App
from linkshot.system.config import load_settings
from linkshot.wiring import open_app
from web.server import create_app

BASE = "http://127.0.0.1:8765"
OWN = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
"""What a browser says about a form of ours."""


class Client:
    """Keeps cookies; every request is answered in full before the next one."""

    def __init__(self, app: App, **headers: str) -> None:
        self.app = app
        self.site = create_app(app)
        self.headers = headers
        self.cookies = httpx.Cookies()

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        """One request; redirects are not followed."""
        return asyncio.run(self._request(method, path, given))

    async def _request(self, method: str, path: str, given: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.site, client=("127.0.0.1", 50000))
        async with httpx.AsyncClient(
            transport=transport, base_url=BASE, cookies=self.cookies, headers=self.headers
        ) as http:
            answer = await http.request(method, path, **given)
            self.cookies = http.cookies
            return answer

    def get(self, path: str, **given: Any) -> httpx.Response:
        """GET as a person opening a page, or a program."""
        return self.request("GET", path, **given)

    def post(self, path: str, **given: Any) -> httpx.Response:
        """POST from a page of ours, or JSON from a program."""
        return self.request("POST", path, **{"headers": OWN, **given})


@contextmanager
def open_web(folder: Path, **settings: object) -> Iterator[Client]:
    """A client of a linkshot of its own, for tests that share one."""
    app = open_app(load_settings(data=folder, **settings))
    yield Client(app)
    app.close()
