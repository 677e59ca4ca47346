"""Describes the machine that a figure was measured on, and its load."""

import os
import platform
import shutil
import subprocess
from pathlib import Path


def describe() -> str:
    """Cores, memory, system, Python."""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {gib:.0f} GiB, {_system()}, "
        f"Python {platform.python_version()}, {shutil.disk_usage('/').free / 1e9:.0f} GB free"
    )


def browser() -> str:
    """Name and version of the browser that linkshot uses."""
    from crawler.browser.launch import find_browser
    from linkshot.system.config import Settings

    path = find_browser(Settings())
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    return f"{path.name}: {said.strip()}"


def load() -> str:
    """The load average of the last minute; figures taken under load are too high."""
    return f"load {os.getloadavg()[0]:.1f}"


def peak_memory() -> int:
    """Peak resident memory of this process in bytes, shared libraries included."""
    for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def verdict(value: float, aim: float) -> str:
    """`met` or `missed`, with the aim."""
    return f"aim {aim:g}: {'met' if value <= aim else 'MISSED'}"


def _system() -> str:
    release = Path("/etc/os-release")
    for line in release.read_text("utf-8").splitlines() if release.exists() else ():
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip('"')
    return platform.system()
