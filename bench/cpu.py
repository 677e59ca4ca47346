"""Measures the CPU time of a command and all its descendants.

By cgroup: RUSAGE_CHILDREN misses the renderers of a browser, which it does not wait for.
"""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOTS = (Path("/sys/fs/cgroup/cpuacct"), Path("/sys/fs/cgroup"))
MEMORY_ROOT = Path("/sys/fs/cgroup/memory")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The resources that a command used."""

    cpu_s: float
    """CPU seconds of the whole process tree, including a browser."""
    wall_s: float
    code: int
    stdout: str
    peak_bytes: int = 0
    """Peak memory of the tree (cgroup v1 memory controller), 0 = unknown."""


class NoCgroup(Exception):
    """Process trees cannot be measured here: no writable cgroup."""


def run(command: Sequence[str], *, env: dict[str, str] | None = None, stdin: str = "") -> Usage:
    """Runs `command` in a cgroup of its own; raises NoCgroup if none can be made."""

    def join_groups() -> None:
        for group in groups:
            (group / "cgroup.procs").write_text("0")

    with _group() as groups:
        began = time.monotonic()
        done = subprocess.run(
            command,
            # as a user runs it: with compiled modules cached, whatever a developer's shell says
            env={k: v for k, v in (env or os.environ).items() if k != "PYTHONDONTWRITEBYTECODE"},
            input=stdin,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
            preexec_fn=join_groups,
        )
        return Usage(
            cpu_s=_cpu(groups[0]),
            wall_s=time.monotonic() - began,
            code=done.returncode,
            stdout=done.stdout,
            peak_bytes=_peak(groups),
        )


@contextmanager
def _group() -> Iterator[list[Path]]:
    name = f"linkshot-bench-{os.getpid()}-{time.monotonic_ns()}"
    made: list[Path] = []
    for root in (*ROOTS, MEMORY_ROOT):
        if root is ROOTS[1] and made:
            continue
        with suppress(OSError):
            (root / name).mkdir()
            made.append(root / name)
    if not made or not any((made[0] / stat).exists() for stat in ("cpuacct.usage", "cpu.stat")):
        raise NoCgroup
    try:
        yield made
    finally:
        for group in made:
            with suppress(OSError):
                group.rmdir()


def _cpu(group: Path) -> float:
    usage = group / "cpuacct.usage"
    if usage.exists():
        return int(usage.read_text()) / 1e9
    stat = dict(line.split() for line in (group / "cpu.stat").read_text().splitlines())
    return int(stat["usage_usec"]) / 1e6


def _peak(groups: Sequence[Path]) -> int:
    for group in groups:
        for name in ("memory.max_usage_in_bytes", "memory.peak"):
            if (group / name).exists():
                return int((group / name).read_text())
    return 0
