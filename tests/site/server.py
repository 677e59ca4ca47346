"""Starts and stops the test site, and records the requests it got."""

from __future__ import annotations

from typing import Self

from linkshot.samples.loopback import Answer, LoopbackServer, Raw, Request, Response, Seen
from tests.site import handlers


class Site:
    """All pages of the test site on 127.0.0.1 or another `address`; a context manager, or start() and stop().

    `requests` lists what arrived as (method, path with query, Host header): the canary of the
    egress tests. `put` adds or replaces a page for one test.
    """

    def __init__(self, port: int = 0, address: str = "127.0.0.1") -> None:
        self._own: dict[str, Answer] = {}
        self._server = LoopbackServer(self._answer, port, address)

    def start(self) -> Self:
        """Begin to serve; the pages are there when it returns."""
        self._server.start()
        return self

    def stop(self) -> None:
        """End the server and every connection, the hanging ones too."""
        self._server.stop()

    @property
    def port(self) -> int:
        """The port in use; only while it runs."""
        return self._server.port

    @property
    def requests(self) -> list[Seen]:
        """What arrived so far, oldest first; `clear()` forgets it."""
        return self._server.requests

    def seen(self, path: str) -> list[Seen]:
        """The requests of one path, whatever their query."""
        return [one for one in self.requests if one.path.partition("?")[0] == path]

    def url(self, path: str = "/", host: str = "") -> str:
        """The address of a page; host `localhost` makes it another site of the same server."""
        return self._server.url(path, host)

    def put(self, path: str, page: str | Response | Raw | Answer) -> str:
        """Serve this page (HTML, an answer, or a function that answers) at the path; its address."""
        self._own[path] = _as_answer(page)
        return self.url(path)

    def _answer(self, request: Request) -> Response | Raw:
        own = self._own.get(request.path)
        return own(request) if own else handlers.answer(request)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _as_answer(page: str | Response | Raw | Answer) -> Answer:
    if isinstance(page, str):
        whole = Response(body=page.encode())
        return lambda _: whole
    if isinstance(page, Response | Raw):
        fixed = page
        return lambda _: fixed
    return page
