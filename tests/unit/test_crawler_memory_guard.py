"""The memory guard kills the largest of a browser's processes, also while all other threads are busy."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from crawler.browser.browser_pool import BrowserPool
from crawler.browser.memory_guard import check_memory, largest, private_bytes

MEGABYTE = 1_000_000
GROWN = "import sys; kept = bytearray(b'x') * int(sys.argv[1]); print('grown', flush=True); sys.stdin.read()"


@contextmanager
def grown(size: int) -> Iterator[psutil.Process]:
    """A process of its own that has written to so many bytes."""
    command = [sys.executable, "-c", GROWN, str(size)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield psutil.Process(process.pid)
        finally:
            process.kill()


def test_the_largest_is_killed_when_all_together_use_too_much() -> None:
    with grown(10 * MEGABYTE) as small, grown(150 * MEGABYTE) as large:
        assert private_bytes(large) > 140 * MEGABYTE
        assert largest([small, large], 1000 * MEGABYTE) is None
        assert not check_memory([small, large], 1000 * MEGABYTE)
        assert check_memory([small, large], 100 * MEGABYTE)
        assert large.wait(10) == -signal.SIGKILL
        assert small.is_running()
        assert private_bytes(large) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="counts memory that is not shared")
def test_it_looks_while_every_other_thread_waits_for_a_parser() -> None:
    async def look_while_busy() -> bool:
        loop, free = asyncio.get_running_loop(), threading.Event()
        busy = [loop.run_in_executor(None, free.wait) for _ in range((os.cpu_count() or 1) + 40)]
        with grown(300 * MEGABYTE) as page:
            pool = BrowserPool(lambda: asyncio.sleep(0), max_pages=1, max_bytes=100 * MEGABYTE)  # type: ignore[arg-type]
            try:
                killed = await asyncio.wait_for(pool._has_killed_one(os.getpid()), 20)
                return killed and page.wait(10) == -signal.SIGKILL
            finally:
                free.set()
                await asyncio.gather(*busy)
                pool._guards.shutdown()

    assert asyncio.run(look_while_busy())
