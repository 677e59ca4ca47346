"""Runs programs of the machine, and installs those that are missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping

from deploy.native.places import Account
from deploy.native.server import ClusterError

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
        raise ClusterError(f"{argv[0]} did not end within {timeout_s:.0f} seconds.") from None
    output = done.stdout.decode(errors="replace")
    if done.returncode != 0:
        last = "\n".join(output.splitlines()[-LAST_LINES:])
        raise ClusterError(f"{' '.join(argv)} failed with exit code {done.returncode}:\n{last}")
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


def try_apt_install(*packages: str) -> None:
    """Like apt_install, but goes on when this machine's package sources do not have them."""
    try:
        apt_install(*packages)
    except ClusterError:
        say(f"could not install {' '.join(packages)}")


def maven(goal: str, *arguments: str) -> None:
    """Run a goal of the Maven dependency plugin; it downloads from Maven Central."""
    if shutil.which("mvn") is None and can_apt():
        apt_install("maven")
    if shutil.which("mvn") is None:
        raise ClusterError(
            "Maven is needed to download Kafka and Elasticsearch: apt-get install maven"
        )
    run(["mvn", "-q", "-B", f"{MAVEN_PLUGIN}:{goal}", *arguments], timeout_s=1800)
