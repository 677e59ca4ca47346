"""Builds Go programs from source, also where the machine's Go is an old one."""

from __future__ import annotations

import json
import re
import shutil
import stat
from pathlib import Path

from deploy.native import programs
from deploy.native.server import ClusterError

FETCHES_TOOLCHAINS = (1, 21)
"""The first Go that gets a newer toolchain by itself when a module asks for one."""
TOOLCHAIN = "golang.org/toolchain@v0.0.1-go1.24.8"
"""What an older Go builds with; a module like others, checked against Go's checksum database."""


def install(module: str, bin_folder: Path) -> None:
    """Build a Go program into `bin_folder`."""
    bin_folder.mkdir(parents=True, exist_ok=True)
    settings = {"GOBIN": str(bin_folder), "CGO_ENABLED": "0", "GOROOT": ""}
    programs.run([_find_go(), "install", module], timeout_s=3600, env=settings)


def _find_go() -> str:
    if shutil.which("go") is None and programs.can_apt():
        programs.try_apt_install("golang-go")
    go = shutil.which("go")
    if go is None:
        raise ClusterError(
            "Go is needed to build MinIO (its makers publish no programs any more). Install it "
            "from your distribution or from go.dev, and put it on the PATH."
        )
    return go if _version(go) >= FETCHES_TOOLCHAINS else _newer_go(go)


def _version(go: str) -> tuple[int, int]:
    found = re.search(r"go(\d+)\.(\d+)", programs.run([go, "version"], timeout_s=60))
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _newer_go(go: str) -> str:
    """The `go` of a newer toolchain, downloaded by an old one."""
    target = programs.run([go, "env", "GOOS", "GOARCH"], timeout_s=60).split()
    module = ".".join((TOOLCHAIN, "-".join(target)))
    answer = programs.run([go, "mod", "download", "-json", module], timeout_s=900)
    root = Path(json.loads(answer)["Dir"])
    for file in (*root.glob("bin/*"), *root.glob("pkg/tool/*/*")):
        file.chmod(file.stat().st_mode | stat.S_IXUSR)  # the module cache drops these bits
    return str(root / "bin" / "go")
