"""Starts a role as a process, so that a test can signal it while it starts."""

import os
import queue
import signal
import subprocess
import sys
import threading
from typing import Self

import psutil

from linkshot.system.config import Settings, settings_env

LIMIT_S = 60
SOON_S = 10.0


class Starting:
    """A role beside the test, killed with everything below it when it is there at the end."""

    def __init__(self, settings: Settings, *words: str, below: str = "", **more: str) -> None:
        python = [sys.executable, "-X", "importtime", "-m", "linkshot"]
        self.process = subprocess.Popen(
            [*below.split(), *python, *words], env=os.environ | settings_env(settings) | more,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            for one in (*self._below(), self.process):
                one.kill()
        self.process.wait()
        self._reader.join()

    def loaded(self, module: str) -> None:
        """Wait until it has loaded this module."""
        while self._lines.get(timeout=LIMIT_S).rsplit("|", 1)[-1].strip() != module:
            pass

    def told(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send it a signal; its exit code, when it and all below it are gone soon."""
        below = self._below()
        self.process.send_signal(number)
        code = self.process.wait(SOON_S)
        assert psutil.wait_procs(below, timeout=SOON_S)[1] == []
        return code

    def _below(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as lines:
            for line in lines:
                self._lines.put(line)
