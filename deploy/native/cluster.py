"""Carries out `up`, `env`, `status` and `down` on the four servers."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import shlex
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

if __package__ in (
    None,
    "",
):  # run as a script: import from the checkout, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from deploy.native import (
    elasticsearch,
    kafka,
    minio,
    ports,
    postgres,
    process,
    programs,
)
from deploy.native.places import PlaceError, Places, find_places, make_places
from deploy.native.server import ClusterError, Ports, Server

SERVERS = (elasticsearch.SERVER, kafka.SERVER, postgres.SERVER, minio.SERVER)
"""In the order of starting: the slowest first."""
STOP_GRACE_S = 30.0
POLL_S = 0.2


def up(places: Places, servers: Sequence[Server]) -> None:
    """Install and start what does not run yet, wait until all is healthy, print the URLs."""
    make_places(places)
    with _locked(places.cluster / "lock"):
        waiting = [server for server in servers if not _runs(places, server)]
        with _locked(places.cache / "lock"):
            for server in waiting:
                server.install(places)
        table = _assign_ports(places, waiting)
        try:
            _start(places, waiting, table)
            for server in servers:
                _await_healthy(places, server, table)
        except BaseException:
            _stop(places, waiting)
            raise
    print_env(places, servers)


def print_env(places: Places, servers: Sequence[Server]) -> None:
    """Print one `export LINKSHOT_…=…` line for each running server."""
    table = ports.load(places.cluster / "ports.json")
    for server in servers:
        if not _runs(places, server):
            raise ClusterError(f"{server.name} does not run; start it with the verb `up`.")
    for server in sorted(servers, key=lambda one: one.variable):
        print(f"export {server.variable}={shlex.quote(server.url(table[server.name]))}")


def status(places: Places, servers: Sequence[Server]) -> None:
    """Print what runs and answers; raises ClusterError when something does not."""
    table = ports.load(places.cluster / "ports.json")
    missing = False
    for server in servers:
        found = process.recorded(places.pid_file(server.name))
        answers = found is not None and server.healthy(table[server.name])
        missing = missing or not answers
        state = "healthy" if answers else "does not answer" if found else "stopped"
        where = f"pid {found.pid}, {_describe(table[server.name])}" if found else ""
        print(f"{server.name:<14} {state:<16} {where}".rstrip())
    if missing:
        raise ClusterError("Not every server is healthy.")


def down(places: Places, servers: Sequence[Server], *, wipe: bool) -> None:
    """Stop the servers; with `wipe`, forget their data, logs and ports too."""
    if not places.cluster.is_dir():
        return
    with _locked(places.cluster / "lock"):
        _stop(places, servers)
        if wipe:
            for server in servers:
                shutil.rmtree(places.data(server.name), ignore_errors=True)
                places.log(server.name).unlink(missing_ok=True)
        if wipe and len(servers) == len(SERVERS):
            shutil.rmtree(places.cluster)


def _start(places: Places, servers: Sequence[Server], table: ports.Table) -> None:
    for server in servers:
        programs.say(f"starting {server.name} ({_describe(table[server.name])})")
        launch = server.launch(places, table[server.name])
        process.start(launch, log=places.log(server.name), pid_file=places.pid_file(server.name))


def _await_healthy(places: Places, server: Server, table: ports.Table) -> None:
    began = time.monotonic()
    while not server.healthy(table[server.name]):
        if not _runs(places, server):
            raise ClusterError(_with_log(places, server, "ended while it was starting"))
        if time.monotonic() - began > server.start_timeout_s:
            problem = f"was not healthy within {server.start_timeout_s:.0f} seconds"
            raise ClusterError(_with_log(places, server, problem))
        time.sleep(POLL_S)
    server.complete(table[server.name])


def _with_log(places: Places, server: Server, problem: str) -> str:
    log = places.log(server.name)
    return f"{server.name} {problem}. The end of {log}:\n{process.tail(log)}"


def _assign_ports(places: Places, servers: Sequence[Server]) -> ports.Table:
    """Ports for the servers about to start: those they had before, the defaults, or free ones."""
    file = places.cluster / "ports.json"
    table = ports.load(file)
    for server in servers:
        wanted = table.pop(server.name, None) or server.ports
        table[server.name] = ports.choose(wanted, ports.all_ports(table))
    ports.save(file, table)
    return table


def _stop(places: Places, servers: Sequence[Server]) -> None:
    running = [
        (found, server)
        for server in servers
        if (found := process.recorded(places.pid_file(server.name)))
    ]
    requests = [(found, server.stop_signal) for found, server in running]
    killed = process.stop(requests, grace_s=STOP_GRACE_S)
    for found, server in running:
        programs.say(f"{server.name} {'had to be killed' if found in killed else 'stopped'}")
    for server in servers:
        places.pid_file(server.name).unlink(missing_ok=True)


def _runs(places: Places, server: Server) -> bool:
    return process.recorded(places.pid_file(server.name)) is not None


def _describe(chosen: Ports) -> str:
    return ", ".join(f"{purpose} {port}" for purpose, port in chosen.items())


@contextlib.contextmanager
def _locked(file: Path) -> Iterator[None]:
    """One at a time; a second caller waits until the first has finished."""
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="cluster.py",
        description="Kafka, Elasticsearch, MinIO and PostgreSQL on this machine, without Docker.",
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    names = [server.name for server in SERVERS]
    for verb, purpose in (
        ("up", "install what is missing, start, wait, print the URLs"),
        ("env", "print the URLs as export lines"),
        ("status", "say which servers run and answer"),
        ("down", "stop the servers"),
    ):
        part = verbs.add_parser(verb, help=purpose, description=purpose)
        part.add_argument("server", nargs="*", help=f"only these, out of {', '.join(names)}")
        if verb == "down":
            part.add_argument("--wipe", action="store_true", help="remove their data too")
    return parser.parse_args(arguments)


def _select(names: Sequence[str]) -> Sequence[Server]:
    known = {server.name: server for server in SERVERS}
    for name in names:
        if name not in known:
            raise ClusterError(f"There is no server {name}; there are {', '.join(known)}.")
    return [server for server in SERVERS if server.name in names] if names else SERVERS


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; answers its exit code."""
    options = _parse(arguments)
    places = find_places(os.environ)
    try:
        servers = _select(options.server)
        if options.verb == "down":
            down(places, servers, wipe=options.wipe)
        else:
            {"up": up, "env": print_env, "status": status}[options.verb](places, servers)
    except (ClusterError, PlaceError) as problem:
        programs.say(str(problem))
        return 1
    except KeyboardInterrupt:
        programs.say("stopped by Ctrl-C")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
