"""Worker threads of a page wait for everything else, as soon as there are many."""

import os
import subprocess
import sys

import psutil
import pytest

from crawler.browser import web_workers

pytestmark = pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="Linux only")

THREADS = """
import ctypes, sys, threading
libc, ended = ctypes.CDLL(None), threading.Event()
def run(name):
    libc.prctl(15, name, 0, 0, 0)  # PR_SET_NAME
    named.release()
    ended.wait()
named, names = threading.Semaphore(0), [b"DedicatedWorker"] * int(sys.argv[1]) + [b"Compositor"]
threads = [threading.Thread(target=run, args=(name,), daemon=True) for name in names]
for thread in threads: thread.start()
for thread in threads: named.acquire()
print("ready", flush=True)
sys.stdin.read()
"""


def idle_threads(workers: int) -> tuple[int, int]:
    """How many threads of a process with so many workers are told to be put back, and how many are."""
    command = [sys.executable, "-c", THREADS, str(workers)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        told = web_workers.yield_processor([psutil.Process(process.pid)])
        ids = [thread.id for thread in psutil.Process(process.pid).threads()]
        return told, sum(os.sched_getscheduler(one) == os.SCHED_IDLE for one in ids)


def test_many_workers_wait_and_the_other_threads_do_not() -> None:
    assert idle_threads(70) == (70, 70)


def test_a_few_workers_are_left_alone() -> None:
    assert idle_threads(5) == (0, 0)


def test_a_process_that_is_gone_has_none() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        gone = psutil.Process(process.pid)
    assert web_workers.yield_processor([gone]) == 0
