"""Finds the Java that runs the servers."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from deploy.native import programs
from deploy.native.server import ClusterError

JVM_FOLDER = Path("/usr/lib/jvm")


def find_java(minimum: int) -> Path:
    """The home of a Java of at least this version: ES_JAVA_HOME, JAVA_HOME, else the newest."""
    home = _fitting(minimum)
    if home is None and programs.can_apt():
        programs.try_apt_install(f"openjdk-{minimum}-jre-headless")
        home = _fitting(minimum)
    if home is None:
        raise ClusterError(
            f"Java {minimum} or newer is needed and was not found. Install one (Debian 13: "
            f"apt-get install openjdk-{minimum}-jre-headless; elsewhere Temurin from adoptium.net) "
            "or set ES_JAVA_HOME to the folder that holds its bin/java."
        )
    return home


def version(home: Path) -> int:
    """The major version that the file `release` of a Java names; 0 when there is no Java."""
    if not (home / "bin" / "java").exists():
        return 0
    try:
        text = (home / "release").read_text(errors="replace")
    except OSError:
        return 0
    found = re.search(r'^JAVA_VERSION="(\d+)', text, re.MULTILINE)
    return int(found[1]) if found else 0


def _fitting(minimum: int) -> Path | None:
    return next((home for home in _candidates() if version(home) >= minimum), None)


def _candidates() -> Iterator[Path]:
    for variable in ("ES_JAVA_HOME", "JAVA_HOME"):
        if value := os.environ.get(variable):
            yield Path(value)
    installed = list(JVM_FOLDER.iterdir()) if JVM_FOLDER.is_dir() else []
    yield from sorted(installed, key=version, reverse=True)
    if found := shutil.which("java"):
        yield Path(found).resolve().parent.parent
