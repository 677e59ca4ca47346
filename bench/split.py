"""Which of the processes below this one used the CPU? Sampled, so what lives briefly is missed."""

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
        """Look at every process below this one, and at this one."""
        own = psutil.Process()
        for process in (own, *own.children(recursive=True)):
            try:
                times = process.cpu_times()
                kind = "dispatch, index" if process == own else _kind(process)
            except psutil.Error:
                continue
            self._seen[process.pid] = kind, times.user + times.system

    def seconds(self) -> dict[str, float]:
        """Kind → CPU seconds so far, greatest first."""
        found: dict[str, float] = {}
        for kind, spent_s in self._seen.values():
            found[kind] = found.get(kind, 0.0) + spent_s
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def _kind(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    return next((kind for mark, kind in KINDS if mark in command), command[:40] or "?")
