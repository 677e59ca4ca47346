"""Starts, recognizes and stops the processes of a cluster."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.native.server import Launch

KILL_WAIT_S = 10.0
POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Process:
    """A process that cannot be mistaken for a later one with the same number."""

    pid: int
    birth: int
    """Clock ticks between boot and start (proc(5), field 22 of /proc/PID/stat)."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What /proc says about one process."""

    process: Process
    parent: int
    session: int


def start(launch: Launch, *, log: Path, pid_file: Path) -> Process:
    """Start a server in a session of its own; it outlives the caller."""
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
    account = launch.account
    with log.open("wb") as output:
        child = subprocess.Popen(
            launch.argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=launch.cwd,
            env={**os.environ, **launch.env},
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    child.returncode = 0  # it outlives this object, which would warn about that
    entry = _read(child.pid)
    process = entry.process if entry else Process(child.pid, 0)
    pid_file.write_text(f"{process.pid} {process.birth}\n")
    return process


def recorded(pid_file: Path) -> Process | None:
    """The process of a pid file if it still runs, else None."""
    try:
        pid, birth = pid_file.read_text().split()
    except (FileNotFoundError, ValueError):
        return None
    process = Process(int(pid), int(birth))
    return process if is_alive(process) else None


def is_alive(process: Process) -> bool:
    """True while exactly this process runs; a zombie has ended."""
    entry = _read(process.pid)
    if entry is None:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(process.pid, os.WNOHANG)  # when it was our child, let it go
    return entry is not None and entry.process == process


def stop(requests: Sequence[tuple[Process, signal.Signals]], *, grace_s: float) -> list[Process]:
    """Ask all to end at once, wait, then kill what is left of them and their children.

    Answers the processes that had to be killed.
    """
    families = _families([process for process, _ in requests])
    for process, number in requests:
        _send(process, number)
        _send(process, signal.SIGCONT)
    _wait(families, grace_s)
    stubborn = [member for member in families if is_alive(member)]
    for member in stubborn:
        _send(member, signal.SIGKILL)
    _wait(stubborn, KILL_WAIT_S)
    return stubborn


def tail(log: Path, lines: int = 40) -> str:
    """The last lines of a log file; empty when there is none."""
    try:
        text = log.read_text(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def _families(roots: Iterable[Process]) -> list[Process]:
    """The roots that run, with everything that stems from them or shares their session."""
    wanted = {root.pid for root in roots if is_alive(root)}
    entries = _read_all()
    grown = True
    while grown:
        more = {e.process.pid for e in entries if e.parent in wanted or e.session in wanted}
        grown = not more <= wanted
        wanted |= more
    return [entry.process for entry in entries if entry.process.pid in wanted]


def _read_all() -> list[_Entry]:
    names = [folder.name for folder in Path("/proc").iterdir() if folder.name.isdigit()]
    return [entry for name in names if (entry := _read(int(name))) is not None]


def _read(pid: int) -> _Entry | None:
    """Parse /proc/PID/stat (proc(5)); None for a process that ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, parent, _group, session, *rest = text[text.rindex(")") + 2 :].split()
    if state in "ZX":
        return None
    return _Entry(Process(pid, int(rest[15])), int(parent), int(session))


def _send(process: Process, number: signal.Signals) -> None:
    if is_alive(process):
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            return


def _wait(processes: Sequence[Process], timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while any(is_alive(process) for process in processes) and time.monotonic() < deadline:
        time.sleep(POLL_S)
