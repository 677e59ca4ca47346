"""Runs all roles and the web interface in one process, until a signal stops them."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from linkshot.app import App
from linkshot.cli.context import CliContext
from linkshot.cli.user_texts import message
from linkshot.errors import LinkshotError
from linkshot.processes.role_takeover import all_roles
from linkshot.processes.roles import Roles
from linkshot.system.signals import SignalListener


def serve(cli: CliContext, **flags: object) -> None:
    """All roles and the web interface until a signal comes; `flags` are settings that were given."""
    with cli.open_app(**flags) as app:
        # local files are opened at once, so that errors surface now; servers may come up later
        if app.settings.is_embedded("catalogue"):
            app.catalogue  # noqa: B018  # opening it is what may fail
            app.queue  # noqa: B018  # as above
        with run_all_roles(app) as (roles, stop, told):

            def ready(address: str) -> None:
                told.begun()
                typer.echo(address)
                cli.notify(message("up_ready", data=str(app.settings.data)))

            serve_web(app, roles, stop, ready)


@contextmanager
def run_all_roles(app: App) -> Iterator[tuple[Roles, threading.Event, SignalListener]]:
    """dispatch, index and crawl run while the block does; the event is set by a signal."""
    stop = threading.Event()
    roles = Roles(app)

    def end() -> None:
        stop.set()
        roles.stopping.set()

    told = SignalListener(end, roles.abort)
    told.listen()
    with all_roles(app, roles):
        yield roles, stop, told


def serve_web(app: App, roles: Roles, stop: threading.Event, ready: Callable[[str], None]) -> None:
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
