"""Serves three sample pages from loopback, for a first try without internet."""

from __future__ import annotations

import errno
from datetime import datetime
from importlib import resources
from string import Template
from typing import NamedTuple, Self

from linkshot.samples.loopback import HTML, LoopbackServer, Request, Response
from linkshot.samples.tide import board

COMMON_WORD = "快照"
"""Occurs in the text of all three pages, the English one too."""

USUAL_PORT = 7318
"""Tried first, so that the links of a second run are the same links."""


class SamplePage(NamedTuple):
    """A page that is served, and one word that its text surely has."""

    url: str
    language: str
    word: str


_PLACES = (("/zh/", "zh", "纸船"), ("/en/", "en", "lighthouse"), ("/tide", "zh", "潮汐"))
_FILES = {
    "/zh/": ("zh.html", HTML),
    "/en/": ("en.html", HTML),
    "/style.css": ("style.css", "text/css; charset=utf-8"),
    "/favicon.svg": ("favicon.svg", "image/svg+xml"),
}


class SampleSite:
    """Serves the sample pages on 127.0.0.1 from a thread; a context manager, or start() and stop().

    With no port given it takes the usual one, or any free one if that is taken.
    """

    def __init__(self, port: int | None = None) -> None:
        self._port = port
        self._server = LoopbackServer(answer, USUAL_PORT if port is None else port)

    def start(self) -> Self:
        """Begin to serve; the pages are there when it returns."""
        try:
            self._server.start()
        except OSError as error:
            if self._port is not None or error.errno != errno.EADDRINUSE:
                raise
            self._server = LoopbackServer(answer).start()
        return self

    def stop(self) -> None:
        """End the server and its connections."""
        self._server.stop()

    @property
    def port(self) -> int:
        """The port in use; only while it runs."""
        return self._server.port

    @property
    def urls(self) -> list[SamplePage]:
        """A Chinese page, an English one, and one that is different at every visit."""
        return [SamplePage(self._server.url(path), *rest) for path, *rest in _PLACES]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def answer(request: Request) -> Response:
    """The page or file at a path of the sample site."""
    if request.path == "/":
        return Response(status=302, headers=(("Location", "/zh/"),))
    if request.path == "/tide":
        page = Template(_read("tide.html"))
        values = board(request.visit, datetime.now().astimezone())
        return Response(
            body=page.substitute(values).encode(), headers=(("Cache-Control", "no-store"),)
        )
    name, content_type = _FILES.get(request.path, ("", ""))
    if not name:
        return Response(status=404, body="没有这一页。There is no such page.".encode())
    return Response(body=_read(name).encode(), content_type=content_type)


def _read(name: str) -> str:
    return (resources.files(__name__) / "pages" / name).read_text(encoding="utf-8")
