"""Installs and starts PostgreSQL."""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import subprocess
from pathlib import Path

from deploy.native import programs
from deploy.native.places import Places, make_owned, unprivileged_account
from deploy.native.ports import LOOPBACK
from deploy.native.server import ClusterError, Launch, Ports, Server

MAJOR = 15
"""The version that compose.yaml runs, and the oldest that is taken here."""
USER = "linkshot"
DATABASE = "linkshot"
INITDB_ARGUMENTS = ("--encoding=UTF8", "--locale=C.UTF-8")
DEBIAN_FOLDER = Path("/usr/lib/postgresql")


def install(_places: Places) -> None:
    """Install the Debian package where the programs are missing."""
    if _find_programs() is not None:
        return
    if programs.can_apt():
        programs.apt_install("postgresql")
        _stop_debian_service()
    _programs()


def launch(places: Places, ports: Ports) -> Launch:
    """Create the data folder where it is new, and answer the command."""
    account = unprivileged_account()
    bin_folder = _programs()
    folder = make_owned(make_owned(places.data(SERVER.name), account) / "data", account)
    if not (folder / "PG_VERSION").exists():
        _create(bin_folder, folder)
    return Launch(
        argv=(
            str(bin_folder / "postgres"),
            *("-D", str(folder)),
            *("-p", str(ports["sql"])),
            *("-c", f"listen_addresses={LOOPBACK}"),
            *("-c", "unix_socket_directories="),
        ),
        cwd=folder,
        account=account,
    )


def healthy(ports: Ports) -> bool:
    """True when the server accepts connections."""
    address = ("-h", LOOPBACK, "-p", str(ports["sql"]), "-t", "2")
    done = subprocess.run([str(_programs() / "pg_isready"), "-q", *address], check=False)
    return done.returncode == 0


def complete(ports: Ports) -> None:
    """Create the database where it is missing."""
    psql = [
        str(_programs() / "psql"),
        f"postgresql://{USER}@{LOOPBACK}:{ports['sql']}/postgres",
        *("-qAtX", "-v", "ON_ERROR_STOP=1", "-c"),
    ]
    question = f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"
    if not programs.run([*psql, question], timeout_s=60).strip():
        programs.run([*psql, f"CREATE DATABASE {DATABASE}"], timeout_s=60)


def url(ports: Ports) -> str:
    """The value of LINKSHOT_CATALOGUE."""
    return f"postgresql+psycopg://{USER}@{LOOPBACK}:{ports['sql']}/{DATABASE}"


def _create(bin_folder: Path, folder: Path) -> None:
    account = unprivileged_account()
    programs.run(
        [
            str(bin_folder / "initdb"),
            *("-D", str(folder), "-U", USER, "-A", "trust"),
            *INITDB_ARGUMENTS,
        ],
        timeout_s=120,
        account=account,
    )


def _programs() -> Path:
    found = _find_programs()
    if found is None:
        raise ClusterError(
            f"PostgreSQL {MAJOR} or newer is needed and was not found: apt-get install postgresql"
        )
    return found


def _find_programs() -> Path | None:
    """The folder with initdb and postgres: Debian's own folder of the oldest fitting version."""
    installed = DEBIAN_FOLDER.iterdir() if DEBIAN_FOLDER.is_dir() else ()
    majors = sorted(int(folder.name) for folder in installed if folder.name.isdigit())
    for major in majors:
        if major >= MAJOR and (DEBIAN_FOLDER / str(major) / "bin" / "initdb").exists():
            return DEBIAN_FOLDER / str(major) / "bin"
    return _on_path()


def _on_path() -> Path | None:
    initdb = shutil.which("initdb")
    if initdb is None:
        return None
    found = re.search(r"(\d+)", programs.run([initdb, "--version"], timeout_s=30))
    fits = found is not None and int(found[1]) >= MAJOR
    return Path(initdb).resolve().parent if fits else None


def _stop_debian_service() -> None:
    """The package starts a server of its own; it was not there before, so it ends here."""
    for folder in DEBIAN_FOLDER.iterdir():
        with contextlib.suppress(ClusterError):
            programs.run(["pg_ctlcluster", folder.name, "main", "stop"], timeout_s=60)


SERVER = Server(
    name="postgres",
    variable="LINKSHOT_CATALOGUE",
    ports={"sql": 15432},
    install=install,
    launch=launch,
    healthy=healthy,
    complete=complete,
    url=url,
    start_timeout_s=60,
    stop_signal=signal.SIGINT,
)
