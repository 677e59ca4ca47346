"""Lets the web workers of a page have the processor only when nothing else wants it.

A page may start hundreds of busy ones. They would take the processor from the page's own thread, so that
its capture lasts minutes, and from every other page. Nothing in the DevTools protocol ends them.
"""

import logging
import os
from collections.abc import Iterable
from pathlib import Path

import psutil

logger = logging.getLogger(__name__)

MAX_THREADS = 64
"""Threads of a process that are not looked at; a renderer without workers has about twenty."""
NAMES = ("DedicatedWorker", "SharedWorker", "ServiceWorker")
"""Beginnings of the names that Chromium gives to threads of workers (the kernel keeps 15 characters)."""


def yield_processor(processes: Iterable[psutil.Process]) -> int:
    """Puts the worker threads of processes that have many of them into the class SCHED_IDLE (sched(7)); how many
    there are. Linux only: elsewhere 0."""
    if not hasattr(os, "SCHED_IDLE"):
        return 0
    return sum(_yield_threads(process.pid) for process in processes if _has_many(process))


def _has_many(process: psutil.Process) -> bool:
    try:
        return bool(process.num_threads() > MAX_THREADS)
    except psutil.Error:
        return False


def _yield_threads(pid: int) -> int:
    found = 0
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            if (task / "comm").read_text("utf-8", "replace").startswith(NAMES):
                os.sched_setscheduler(int(task.name), os.SCHED_IDLE, os.sched_param(0))
                found += 1
    except OSError as exc:
        # threads and processes end meanwhile; the next look is a second away
        logger.debug("A worker thread could not be slowed", extra={"reason": str(exc)[:200]})
    return found
