"""Splits the CPU time of a process tree by kind of process. Sampled, so short-lived processes are missed."""

import psutil

KINDS = (
    ("--type=renderer", "renderer"),
    ("--type=gpu-process", "compositor"),
    ("--type=utility", "network"),
    ("--type=zygote", "zygote"),
    ("headless", "browser"),
    ("chromium", "browser"),
    ("node", "playwright driver"),
    ("-m crawler", "crawler"),
    ("multiprocessing", "article child"),
    ("limited", "article child"),
)


class Split:
    """CPU seconds by kind of process."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[str, float]] = {}

    def sample(self) -> None:
        """Records the CPU time of this process and its descendants."""
        own = psutil.Process()
        for process in (own, *own.children(recursive=True)):
            try:
                times = process.cpu_times()
                kind = "dispatch, index" if process == own else _kind(process)
            except psutil.Error:
                continue
            self._seen[process.pid] = kind, times.user + times.system

    def seconds(self) -> dict[str, float]:
        """CPU seconds so far by kind, greatest first."""
        found: dict[str, float] = {}
        for kind, spent_s in self._seen.values():
            found[kind] = found.get(kind, 0.0) + spent_s
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def _kind(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    return next((kind for mark, kind in KINDS if mark in command), command[:40] or "?")
