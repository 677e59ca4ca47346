"""Commands that run a single role, for clusters: web, dispatch, crawl, index; healthcheck."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from linkshot.cli.admin import BasePath, Host, Port
from linkshot.cli.context import cli_context
from linkshot.errors import ConfigError, RoleStuck
from linkshot.processes.heartbeat import Heartbeat, age_s
from linkshot.system.signals import stop_event

if TYPE_CHECKING:
    from linkshot.app import App
    from linkshot.processes.roles import Beat

Context = typer.Context


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("web")(web)
    app.command("dispatch")(dispatch)
    app.command("crawl")(crawl)
    app.command("index")(index)
    app.command("healthcheck")(healthcheck)


def web(
    context: Context,
    host: Host = None,
    port: Port = None,
    base_path: BasePath = None,
) -> None:
    """The web interface and the REST API."""
    from web.server import run_web

    cli = cli_context(context)
    with cli.open_app(host=host, port=port, base_path=base_path) as app:
        stop, told = stop_event()

        def ready(address: str) -> None:
            told.begun()
            cli.notify(f"linkshot is at {address}")

        run_web(app, host=app.settings.host, port=app.settings.port, ready=ready, stop=stop)


def dispatch(context: Context) -> None:
    """Send what is due, take in what comes, announce what changed."""
    from linkshot.dispatch import run_dispatch

    _run_role(context, "dispatch", lambda: run_dispatch)


def index(context: Context) -> None:
    """Make changed links findable."""
    from linkshot.processes.index_role import run_index_role

    _run_role(context, "index", lambda: run_index_role)


def crawl(context: Context) -> None:
    """Visit pages; needs only the queue and the store."""
    from crawler.run import run_crawl
    from linkshot.system import locks
    from linkshot.wiring import check_parts

    cli = cli_context(context)
    settings = cli.configured()
    check_parts(settings)
    roles = ("crawl",) if settings.is_embedded("queue") else ()
    with locks.hold_all(settings, roles, 10.0):
        code = run_crawl(settings)
    if code:
        raise typer.Exit(int(code))


def healthcheck(context: Context) -> None:
    """Whether the role that renews heartbeat_file is at work: exit code 0, else 1."""
    cli = cli_context(context)
    settings = cli.settings()
    if not settings.heartbeat_file:
        raise ConfigError(
            "LINKSHOT_HEARTBEAT_FILE names no file; give the role and this command the same",
            field="heartbeat_file",
        )
    age = age_s(settings.heartbeat_file)
    if age is None:
        raise RoleStuck("the role has not begun its work, or it cannot write its heartbeat_file")
    if age > settings.heartbeat_max_s:
        raise RoleStuck(f"the role has stood still for {age:.0f} seconds; restart it")
    cli.notify(f"at work {age:.0f} seconds ago")


def _run_role(
    context: Context, role: str, work: "Callable[[], Callable[[App, threading.Event, Beat], None]]"
) -> None:
    from linkshot.processes.roles import roles_to_lock
    from linkshot.system import locks

    cli = cli_context(context)
    with (
        cli.open_app() as app,
        locks.hold_all(app.settings, roles_to_lock(app, (role,)), 10.0),
    ):
        run = work()
        stop, told = stop_event()
        heartbeat = Heartbeat(app.settings.heartbeat_file)

        def beat() -> None:
            told.begun()
            heartbeat.beat()

        run(app, stop, beat)
