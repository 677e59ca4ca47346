"""A crawl worker as a process beside the test, and what is sent to it and comes back."""

import os
import signal
import subprocess
import sys
import time
from typing import Self

import psutil
import uuid_utils

from linkshot.app import App
from linkshot.domain import urls
from linkshot.domain.messages import REQUESTS, RESULTS, SnapshotFinished, SnapshotRequested
from linkshot.domain.model import Reason, SnapshotId
from linkshot.ports import Delivery, Message
from linkshot.system.config import settings_env

PATIENCE_S = 180.0


class Worker:
    """`python -m crawler` beside the test."""

    def __init__(self, app: App, **environment: str) -> None:
        self.app = app
        read_end, self.pipe = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "crawler", "--parent-fd", str(read_end)],
            env=os.environ | settings_env(app.settings) | environment,
            pass_fds=(read_end,),
            start_new_session=True,
        )
        os.close(read_end)
        self._seen: set[psutil.Process] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.pipe >= 0:
            os.close(self.pipe)
        self.process.wait(PATIENCE_S)

    def family(self) -> set[psutil.Process]:
        """Every process that it started so far."""
        self._seen |= set(psutil.Process(self.process.pid).children(recursive=True))
        return self._seen

    def end(self) -> int:
        """SIGTERM; its exit code."""
        self.family()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)

    def left(self) -> list[psutil.Process]:
        """What still runs of it after a moment."""
        return psutil.wait_procs(self._seen, timeout=5)[1]


def request(url: str, **more: object) -> SnapshotRequested:
    """As dispatch sends it."""
    key = urls.identity(url)
    return SnapshotRequested(
        request_id=SnapshotId(str(uuid_utils.uuid7())),
        link_id=urls.link_id(key),
        url=url,
        host="127.0.0.1",
        reason=Reason.ADD,
        **more,  # type: ignore[arg-type]
    )


def send(app: App, *requests: SnapshotRequested) -> None:
    """Onto the queue."""
    sign = app.keyring.sign
    app.queue.publish(
        REQUESTS, [Message(key=one.host, value=sign(REQUESTS, one.encode())) for one in requests]
    )


def receive(app: App, topic: str, count: int) -> list[Delivery]:
    """So many messages of a topic, all acknowledged."""
    subscription = app.queue.subscribe([topic], "test", 100)
    found: list[Delivery] = []
    until = time.monotonic() + PATIENCE_S
    while len(found) < count and time.monotonic() < until:
        found += subscription.take(0.5)
    for delivery in found:
        subscription.ack(delivery)
    subscription.close()
    return found


def results(app: App, count: int) -> dict[str, SnapshotFinished]:
    """By request id."""
    decoded = [SnapshotFinished.decode(one.value) for one in receive(app, RESULTS, count)]
    return {one.request_id: one for one in decoded}
