"""Does the browser use too much memory? Then its greediest page is ended."""

import asyncio
import logging
import os
import signal

import psutil

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0


def private_bytes(process: psutil.Process) -> int:
    """Memory that only this process uses; 0 when it is gone. (Linux; elsewhere all of it)"""
    try:
        used = process.memory_info()
    except psutil.Error:
        return 0
    return int(used.rss - getattr(used, "shared", 0))


def family(pid: int) -> list[psutil.Process]:
    """The browser's processes without the browser itself."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def greediest(pid: int, limit: int) -> int | None:
    """The child that uses most, when all of them together use more than `limit` bytes."""
    sizes = {child.pid: private_bytes(child) for child in family(pid)}
    if sum(sizes.values()) <= limit:
        return None
    return max(sizes, key=lambda child: sizes[child])


async def look(pid: int, limit: int) -> bool:
    """Look once; True when a page was ended."""
    child = await asyncio.to_thread(greediest, pid, limit)
    if child is None:
        return False
    logger.warning(
        "A page used too much memory and is ended",
        extra={"action": "page_memory", "limit_bytes": limit},
    )
    try:
        os.kill(child, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
