"""Which programs of the machine do we need, and how do we get those that are missing?"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from deploy.native.places import Account
from deploy.native.server import ClusterError

JVM_FOLDER = Path("/usr/lib/jvm")
GO_MINIMUM = (1, 21)
"""The first Go that fetches a newer toolchain by itself when a module asks for one."""
MAVEN_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
LAST_LINES = 25


def say(text: str) -> None:
    """Progress for the person who waits."""
    print(text, file=sys.stderr, flush=True)


def run(
    argv: list[str],
    *,
    timeout_s: float,
    env: Mapping[str, str] | None = None,
    account: Account | None = None,
) -> str:
    """Run a command to its end and answer its output; a failure shows the last lines of it."""
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            timeout=timeout_s,
            check=False,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            cwd="/",
        )
    except subprocess.TimeoutExpired:
        raise ClusterError(
            f"{argv[0]} did not end within {timeout_s:.0f} seconds."
        ) from None
    output = done.stdout.decode(errors="replace")
    if done.returncode != 0:
        last = "\n".join(output.splitlines()[-LAST_LINES:])
        raise ClusterError(
            f"{' '.join(argv)} failed with exit code {done.returncode}:\n{last}"
        )
    return output


def can_apt() -> bool:
    """True when Debian packages can be installed without asking anybody."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> None:
    """Install Debian packages, with fresh package lists."""
    say(f"installing the Debian packages {' '.join(packages)}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-q"], timeout_s=300, env=quiet)
    run(
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages],
        timeout_s=1200,
        env=quiet,
    )


def find_java(minimum: int) -> Path:
    """The home of a Java of at least this version: ES_JAVA_HOME, JAVA_HOME, else the newest."""
    chosen = _java_home(minimum)
    if chosen is None and can_apt():
        _try_apt(f"openjdk-{minimum}-jre-headless")
        chosen = _java_home(minimum)
    if chosen is None:
        raise ClusterError(
            f"Java {minimum} or newer is needed and was not found. Install one (Debian 13: "
            f"apt-get install openjdk-{minimum}-jre-headless; elsewhere Temurin from adoptium.net) "
            "or set ES_JAVA_HOME to the folder that holds its bin/java."
        )
    return chosen


def java_version(home: Path) -> int:
    """The major version that the file `release` of a Java names; 0 when there is no Java."""
    if not (home / "bin" / "java").exists():
        return 0
    try:
        text = (home / "release").read_text(errors="replace")
    except OSError:
        return 0
    found = re.search(r'^JAVA_VERSION="(\d+)', text, re.MULTILINE)
    return int(found[1]) if found else 0


def maven(goal: str, *arguments: str) -> None:
    """Run a goal of the Maven dependency plugin; it downloads from Maven Central."""
    if shutil.which("mvn") is None and can_apt():
        apt_install("maven")
    if shutil.which("mvn") is None:
        raise ClusterError(
            "Maven is needed to download Kafka and Elasticsearch: apt-get install maven"
        )
    run(["mvn", "-q", "-B", f"{MAVEN_PLUGIN}:{goal}", *arguments], timeout_s=1800)


def go_install(module: str, bin_folder: Path) -> None:
    """Build a Go program from source into `bin_folder`."""
    go = _find_go()
    bin_folder.mkdir(parents=True, exist_ok=True)
    settings = {"GOBIN": str(bin_folder), "CGO_ENABLED": "0"}
    run([go, "install", module], timeout_s=3600, env=settings)


def _java_home(minimum: int) -> Path | None:
    for home in _java_candidates():
        if java_version(home) >= minimum:
            return home
    return None


def _java_candidates() -> Iterator[Path]:
    for variable in ("ES_JAVA_HOME", "JAVA_HOME"):
        if value := os.environ.get(variable):
            yield Path(value)
    installed = list(JVM_FOLDER.iterdir()) if JVM_FOLDER.is_dir() else []
    yield from sorted(installed, key=java_version, reverse=True)
    if java := shutil.which("java"):
        yield Path(java).resolve().parent.parent


def _try_apt(package: str) -> None:
    try:
        apt_install(package)
    except ClusterError:
        say(f"this machine's package sources do not have {package}")


def _find_go() -> str:
    if _go_version() < GO_MINIMUM and can_apt():
        _try_apt("golang")
    go = shutil.which("go")
    if go is None or _go_version() < GO_MINIMUM:
        wanted = ".".join(map(str, GO_MINIMUM))
        raise ClusterError(
            f"Go {wanted} or newer is needed to build MinIO (its makers publish no programs "
            "any more). Install it from your distribution or from go.dev, and put it on the PATH."
        )
    return go


def _go_version() -> tuple[int, ...]:
    go = shutil.which("go")
    if go is None:
        return (0,)
    found = re.search(r"go(\d+)\.(\d+)", run([go, "version"], timeout_s=60))
    return (int(found[1]), int(found[2])) if found else (0,)
