"""Installs and starts Elasticsearch."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

from deploy.native import loopback, programs
from deploy.native.java import find_java
from deploy.native.places import Account, Places, make_owned, unprivileged_account
from deploy.native.ports import LOOPBACK
from deploy.native.server import (
    ClusterError,
    Launch,
    Ports,
    Server,
    nothing_to_complete,
)

VERSION = "9.5.3"
JAVA_MINIMUM = 21
HEAP = "1g"
ARTIFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
SETTINGS = {"discovery.type": "single-node", "xpack.security.enabled": "false"}
"""One node without users, reachable from its own network only; compose.yaml says the same."""
LOOPBACK_SETTINGS = {
    "network.host": LOOPBACK,
    "cluster.routing.allocation.disk.threshold_enabled": "false",
}
"""For test data on a machine whose disk may be nearly full."""


def java_options() -> str:
    """The value of ES_JAVA_OPTS."""
    return f"-Xms{HEAP} -Xmx{HEAP}"


def install(places: Places) -> None:
    """Download the server from Maven Central and unpack it, once."""
    find_java(JAVA_MINIMUM)
    home = _home(places)
    if home.is_dir():
        return
    archive = _download(places)
    fresh = home.with_name(f"{home.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    _unpack(archive, fresh)
    (top,) = fresh.iterdir()
    top.rename(home)
    fresh.rmdir()


def launch(places: Places, ports: Ports) -> Launch:
    """Lay out folders for an account that is not root, and answer the command."""
    account = unprivileged_account()
    folder = make_owned(places.data(SERVER.name), account)
    for name in ("data", "logs", "tmp"):
        make_owned(folder / name, account)
    configuration = _configuration(_home(places), folder / "config", account)
    settings = {
        **SETTINGS,
        **LOOPBACK_SETTINGS,
        "http.port": str(ports["http"]),
        "transport.port": str(ports["transport"]),
        "path.data": str(folder / "data"),
        "path.logs": str(folder / "logs"),
    }
    return Launch(
        argv=(
            str(_home(places) / "bin" / "elasticsearch"),
            *(f"-E{name}={value}" for name, value in settings.items()),
        ),
        env={
            "ES_JAVA_HOME": str(find_java(JAVA_MINIMUM)),
            "ES_JAVA_OPTS": java_options(),
            "ES_PATH_CONF": str(configuration),
            "ES_TMPDIR": str(folder / "tmp"),
            "HOME": str(folder),
        },
        cwd=folder,
        account=account,
    )


def healthy(ports: Ports) -> bool:
    """True when the node has a master and every index can be searched and written."""
    status, body = loopback.get(ports["http"], "/_cluster/health?wait_for_status=yellow&timeout=1s")
    return status == 200 and json.loads(body)["status"] in ("green", "yellow")


def url(ports: Ports) -> str:
    """The value of LINKSHOT_INDEX."""
    return f"elasticsearch+http://{LOOPBACK}:{ports['http']}"


def _home(places: Places) -> Path:
    return places.programs / f"elasticsearch-{VERSION}"


def _download(places: Places) -> Path:
    folder = places.cache / "elasticsearch" / VERSION
    archive = folder / f"elasticsearch-{VERSION}.zip"
    if not archive.is_file():
        programs.say(f"downloading Elasticsearch {VERSION} (100 MB)")
        fresh = folder / "new"
        programs.maven("copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={fresh}")
        (fresh / archive.name).rename(archive)
    return archive


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack so that every user can read it, and what was executable stays so."""
    with zipfile.ZipFile(archive) as bundle:
        for entry in bundle.infolist():
            target = Path(bundle.extract(entry, folder))
            executable = target.is_dir() or (entry.external_attr >> 16) & 0o100
            target.chmod(0o755 if executable else 0o644)
    folder.chmod(0o755)


def _configuration(home: Path, folder: Path, account: Account | None) -> Path:
    """A copy of the server's own settings that it may write to, without its rolling GC log."""
    make_owned(folder, account)
    for source in (home / "config").iterdir():
        if source.is_file():
            target = folder / source.name
            target.write_text(_without_gc_log(source.read_text()))
            target.chmod(0o644)
    if not (folder / "jvm.options").exists():
        raise ClusterError(f"{home} is not a whole Elasticsearch; remove it and start again.")
    return folder


def _without_gc_log(text: str) -> str:
    return "".join(line for line in text.splitlines(True) if "gc.log" not in line)


SERVER = Server(
    name="elasticsearch",
    variable="LINKSHOT_INDEX",
    ports={"http": 19200, "transport": 19300},
    install=install,
    launch=launch,
    healthy=healthy,
    complete=nothing_to_complete,
    url=url,
    start_timeout_s=180,
)
