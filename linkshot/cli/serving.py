"""How does `up` run everything in one process, and how does it end?"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from linkshot.app import App
from linkshot.cli.state import State
from linkshot.cli.texts import say
from linkshot.errors import LinkshotError
from linkshot.locks import ROLES
from linkshot.roles import Roles, running
from linkshot.wiring import is_embedded

WAIT_S = 10.0


def serve(state: State, **flags: object) -> None:
    """All roles and the web interface until a signal comes; `flags` are settings that were given."""
    with state.opened(**flags) as app:
        _open_files(app)
        with everything(app) as (roles, stop):
            web_until(app, roles, stop, lambda address: _ready(state, app, address))


def _open_files(app: App) -> None:
    """What lies on this machine opens now, or one sentence says why not; servers are waited for."""
    if is_embedded(app.settings, "catalogue"):
        app.catalogue  # noqa: B018  # opening it is what may fail
        app.queue  # noqa: B018  # as above


def _ready(state: State, app: App, address: str) -> None:
    typer.echo(address)
    state.tell(say("up_ready", data=str(app.settings.data)))


@contextmanager
def everything(app: App) -> Iterator[tuple[Roles, threading.Event]]:
    """dispatch, index and crawl run while the block does; the event is set by SIGINT or SIGTERM."""
    stop = threading.Event()
    with running(app, ROLES, WAIT_S) as roles:
        _on_signals(roles, stop)
        yield roles, stop


def web_until(app: App, roles: Roles, stop: threading.Event, ready: Callable[[str], None]) -> None:
    """Serve the web interface until `stop`; LinkshotError when a role ended that should not have."""
    from web.server import run_web

    watcher = threading.Thread(target=_watch, args=(roles, stop), daemon=True)
    watcher.start()
    settings = app.settings
    run_web(app, host=settings.host, port=settings.port, ready=ready, stop=stop)
    if roles.failure is not None:
        raise LinkshotError(f"a part of linkshot ended: {roles.failure}") from roles.failure


def _watch(roles: Roles, stop: threading.Event) -> None:
    while not stop.wait(0.5):
        if roles.failure is not None:
            stop.set()


def _on_signals(roles: Roles, stop: threading.Event) -> None:
    def handle(*_: object) -> None:
        if stop.is_set():
            roles.hurry()
        stop.set()
        roles.stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)
