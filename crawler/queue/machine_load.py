"""Measures how much CPU and memory are left: of the machine, or of the container where that has limits.

Formats: Linux kernel, admin-guide/cgroup-v2.rst (cpu.max, cpu.stat, memory.max, memory.current,
memory.stat) and cgroup-v1/ (cpu.cfs_quota_us, cpuacct.usage, memory.limit_in_bytes, memory.stat).
"""

import os
import time
from contextlib import suppress
from pathlib import Path

import psutil

from crawler.queue.adaptive_slots import MachineLoad

CGROUPS = Path("/sys/fs/cgroup")
UNLIMITED_BYTES = 1 << 60
"""Version 1 writes no limit as a number above this."""


class LoadMeter:
    """Looks at the machine and at the control group that this process is in."""

    def __init__(self, root: Path = CGROUPS, membership: str | None = None) -> None:
        self._group = ControlGroup(root, _membership() if membership is None else membership)
        self._seen = (time.monotonic(), self._group.cpu_s())
        psutil.cpu_percent()  # the first one has no interval and says nothing

    @property
    def cores(self) -> float:
        """Cores that may be used: those of the machine, or the quota where that is less."""
        return min(float(os.cpu_count() or 1), self._group.quota_cores() or float("inf"))

    def read(self) -> MachineLoad:
        """The load since the last call, or since it was made."""
        cpu = max(psutil.cpu_percent() / 100, self._share_of_quota())
        memory = psutil.virtual_memory().available
        left = self._group.memory_left()
        return MachineLoad(min(cpu, 1.0), memory if left is None else min(memory, left))

    def _share_of_quota(self) -> float:
        """Of the CPU time that the quota gives; 0 without a quota."""
        now, used = time.monotonic(), self._group.cpu_s()
        (before, used_before), self._seen = self._seen, (now, used)
        quota = self._group.quota_cores()
        if quota is None or used is None or used_before is None or now <= before:
            return 0.0
        return (used - used_before) / ((now - before) * quota)


class ControlGroup:
    """One control group of either version; what cannot be read is no limit."""

    def __init__(self, root: Path, membership: str) -> None:
        """`membership` is the text of /proc/self/cgroup."""
        paths = dict(_parsed(membership))
        self._unified = _folder(root, paths[""]) if "" in paths and len(paths) == 1 else None
        self._memory = _folder(root / "memory", paths.get("memory", "/"))
        self._cpu = _folder(root / "cpu", paths.get("cpu", "/"))
        self._account = _folder(root / "cpuacct", paths.get("cpuacct", "/"))

    def quota_cores(self) -> float | None:
        """CPU seconds per second that it may use; None without a limit."""
        if self._unified is not None:
            quota, _, period = _text(self._unified / "cpu.max").partition(" ")
        else:
            quota = _text(self._cpu / "cpu.cfs_quota_us")
            period = _text(self._cpu / "cpu.cfs_period_us")
        if quota.isdigit() and period.isdigit() and int(period):
            return int(quota) / int(period)
        return None

    def cpu_s(self) -> float | None:
        """CPU seconds that it has used so far."""
        if self._unified is not None:
            used = _fields(self._unified / "cpu.stat").get("usage_usec")
            return None if used is None else used / 1e6
        nanoseconds = _text(self._account / "cpuacct.usage")
        return int(nanoseconds) / 1e9 if nanoseconds.isdigit() else None

    def memory_left(self) -> int | None:
        """Bytes until its limit, caches that can be dropped not counted; None without a limit."""
        folder, limit_name, used_name, cache_name = self._memory, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"  # fmt: skip
        if self._unified is not None:
            folder, limit_name, used_name, cache_name = self._unified, "memory.max", "memory.current", "inactive_file"  # fmt: skip
        limit, used = _text(folder / limit_name), _text(folder / used_name)
        if not limit.isdigit() or not used.isdigit() or int(limit) > UNLIMITED_BYTES:
            return None
        cache = _fields(folder / "memory.stat").get(cache_name, 0)
        return max(0, int(limit) - int(used) + cache)


def _membership() -> str:
    return _text(Path("/proc/self/cgroup"))


def _parsed(membership: str) -> list[tuple[str, str]]:
    """Controller → path; the unified hierarchy has no name."""
    found = []
    for line in membership.splitlines():
        _, names, path = (*line.split(":", 2), "", "")[:3]
        found += [(name, path) for name in names.split(",")]
    return found


def _folder(root: Path, path: str) -> Path:
    """Inside a container the path may be the host's, which is not there: then it is the root."""
    own = root / path.lstrip("/")
    return own if own.is_dir() else root


def _text(file: Path) -> str:
    with suppress(OSError, UnicodeDecodeError):
        return file.read_text("ascii").strip()
    return ""


def _fields(file: Path) -> dict[str, int]:
    """Lines of `name number`."""
    pairs = (line.split() for line in _text(file).splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
