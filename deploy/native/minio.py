"""Installs and starts MinIO. (Built from source: its makers publish no programs.)"""

from __future__ import annotations

import mmap
from pathlib import Path

from deploy.native import golang, loopback, programs
from deploy.native.places import Places, make_owned
from deploy.native.ports import LOOPBACK
from deploy.native.server import Launch, Ports, Server, nothing_to_complete

VERSION = "v0.0.0-20260212201848-7aac2a2c5b7c"
MODULE = f"github.com/minio/minio@{VERSION}"
USER = "linkshot"
PASSWORD = "linkshot-loopback"
"""Opens a server that listens on loopback only and holds test data."""
BUCKET = "linkshot"
READY_PATH = "/minio/health/cluster"


def install(places: Places) -> None:
    """Build the pinned version, once."""
    program = _program(places)
    if _is_pinned(program):
        return
    programs.say("building MinIO from source, about 5 minutes the first time")
    golang.install(MODULE, program.parent)


def launch(places: Places, ports: Ports) -> Launch:
    """Make the bucket (a folder of the drive is one) and answer the command."""
    folder = make_owned(places.data(SERVER.name), None)
    (folder / BUCKET).mkdir(exist_ok=True)
    return Launch(
        argv=(
            str(_program(places)),
            "server",
            str(folder),
            "--quiet",
            "--address",
            f"{LOOPBACK}:{ports['s3']}",
        ),
        env={
            "MINIO_ROOT_USER": USER,
            "MINIO_ROOT_PASSWORD": PASSWORD,
            "MINIO_BROWSER": "off",
            "MINIO_UPDATE": "off",
        },
        cwd=folder,
    )


def healthy(ports: Ports) -> bool:
    """True when the server takes writes."""
    return loopback.get(ports["s3"], READY_PATH)[0] == 200


def url(ports: Ports) -> str:
    """The value of LINKSHOT_STORE."""
    return f"s3+http://{USER}:{PASSWORD}@{LOOPBACK}:{ports['s3']}/{BUCKET}"


def _program(places: Places) -> Path:
    return places.cache / "minio" / "bin" / "minio"


def _is_pinned(program: Path) -> bool:
    """True when the program carries the version that we pin; Go writes it into each build."""
    if not program.is_file() or program.stat().st_size == 0:
        return False
    with (
        program.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text,
    ):
        return text.find(VERSION.encode()) >= 0


SERVER = Server(
    name="minio",
    variable="LINKSHOT_STORE",
    ports={"s3": 19000},
    install=install,
    launch=launch,
    healthy=healthy,
    complete=nothing_to_complete,
    url=url,
    start_timeout_s=60,
)
