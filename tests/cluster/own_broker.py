"""A Kafka broker of a test's own, that can be killed and started again, and lets in by password only."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.native import kafka, ports, process
from deploy.native.places import Places, find_places
from tests.certificates import HERE, Authority, Plan

USER, SECRET = "anna", "a:b@c/d 密"
READY_S = 60.0
FIRST_PORT = 23092
"""Away from those of a cluster, which may be started meanwhile."""


class Broker:
    """One broker with two doors: PLAINTEXT for the test, SASL_SSL as managed clusters have it."""

    def __init__(self, folder: Path) -> None:
        found = find_places(os.environ)
        self.places = Places(cache=found.cache, programs=folder, cluster=folder / "cluster")
        for name in ("log", "run"):
            (self.places.cluster / name).mkdir(parents=True)
        wanted = {"client": FIRST_PORT, "controller": FIRST_PORT, "secure": FIRST_PORT}
        self.ports = ports.choose(wanted, ())
        root = Authority.root("The authority of a test")
        self.cafile = root.file(folder / "ca.pem")
        self._identity = Plan(names=(HERE,)).files(folder / "broker.pem", root)
        self._running: process.Process | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        launch = kafka.launch(self.places, self.ports)
        settings = self.places.data(kafka.SERVER.name) / "server.properties"
        settings.write_text(settings.read_text() + self._doors())
        log, pid_file = self.places.log("kafka"), self.places.pid_file("kafka")
        self._running = process.start(launch, log=log, pid_file=pid_file)
        deadline = time.monotonic() + READY_S
        while not kafka.healthy(self.ports):
            assert process.is_alive(self._running), process.tail(log)
            assert time.monotonic() < deadline, process.tail(log)
            time.sleep(0.2)

    def kill(self) -> None:
        """As a machine that goes away: nothing is finished, nothing is told."""
        if self._running is not None:
            process.stop([(self._running, process.signal.SIGKILL)], grace_s=10)
            with suppress(ChildProcessError):
                os.waitpid(self._running.pid, 0)
            self._running = None

    def url(self, options: str = "") -> str:
        """Of the open door."""
        return f"kafka://{ports.LOOPBACK}:{self.ports['client']}?partitions=2{options}"

    def secure_url(self, login: str, options: str) -> str:
        """Of the guarded door."""
        return f"kafka+ssl://{login}@{ports.LOOPBACK}:{self.ports['secure']}?partitions=2&{options}"

    def _doors(self) -> str:
        client, secure = (f"{ports.LOOPBACK}:{self.ports[one]}" for one in ("client", "secure"))
        controller = f"{ports.LOOPBACK}:{self.ports['controller']}"
        module = "org.apache.kafka.common.security"
        plain = f'{module}.plain.PlainLoginModule required user_{USER}="{SECRET}";'
        doors = {
            "listeners": f"PLAINTEXT://{client},SASL_SSL://{secure},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{client},SASL_SSL://{secure}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
            "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
            "listener.name.sasl_ssl.plain.sasl.jaas.config": plain,
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": f"{module}.scram.ScramLoginModule required;",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self._identity),
        }
        return "".join(f"{name}={_escaped(value)}\n" for name, value in doors.items())


@contextmanager
def broker(folder: Path) -> Iterator[Broker]:
    """A running one, ended at the end."""
    made = Broker(folder)
    try:
        made.start()
        yield made
    finally:
        made.kill()


def _escaped(value: str) -> str:
    """As java.util.Properties reads it: characters beyond ASCII by number."""
    return "".join(one if one.isascii() else f"\\u{ord(one):04x}" for one in value)
