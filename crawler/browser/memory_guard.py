"""Kills the page that uses most memory when the browser as a whole uses too much.

Chromium limits the heap of scripts, but not pictures, canvases or the DOM.
"""

import logging
import os
import signal
from collections.abc import Iterable

import psutil

logger = logging.getLogger(__name__)

CHECK_INTERVAL_S = 1.0


def private_bytes(process: psutil.Process) -> int:
    """Memory that only this process uses; 0 when it is gone. (Linux; elsewhere all of it)"""
    try:
        used = process.memory_info()
    except psutil.Error:
        return 0
    return int(used.rss - getattr(used, "shared", 0))


def child_processes(pid: int) -> list[psutil.Process]:
    """The browser's processes without its main process."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def largest(processes: Iterable[psutil.Process], limit: int) -> int | None:
    """The id of the largest process, when all of them together use more than `limit` bytes."""
    sizes = {one.pid: private_bytes(one) for one in processes}
    if sum(sizes.values()) <= limit:
        return None
    return max(sizes, key=lambda child: sizes[child])


def check_memory(processes: Iterable[psutil.Process], limit: int) -> bool:
    """Check once; True when a page was killed. Blocks for a few milliseconds."""
    child = largest(processes, limit)
    if child is None:
        return False
    logger.warning(
        "A page used too much memory and is killed",
        extra={"action": "page_memory", "limit_bytes": limit},
    )
    try:
        os.kill(child, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
