"""The web server of linkshot in a thread of the test, on a free port of loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from linkshot.app import App
from web.server import run_web

START_S, END_S = 30, 30


@contextmanager
def served(app: App) -> Iterator[str]:
    """The server's address, without a slash at its end."""
    stop, ready, told = threading.Event(), threading.Event(), []

    def note(address: str) -> None:
        told.append(address)
        ready.set()

    given = {"host": "127.0.0.1", "port": 0, "ready": note, "stop": stop}
    thread = threading.Thread(target=run_web, args=(app,), kwargs=given)
    thread.start()
    try:
        assert ready.wait(START_S)
        yield str(told[0]).rstrip("/")
    finally:
        stop.set()
        thread.join(END_S)


def port_of(address: str) -> int:
    """The port in a server's address."""
    port = urlsplit(address).port
    assert port
    return port
