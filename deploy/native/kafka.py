"""Installs and starts Kafka. (KRaft: one process is broker and controller.)"""

from __future__ import annotations

import shutil
import socket
import struct
from pathlib import Path

from deploy.native import programs
from deploy.native.java import find_java
from deploy.native.places import Places, make_owned
from deploy.native.ports import LOOPBACK
from deploy.native.server import Launch, Ports, Server, nothing_to_complete

VERSION = "4.3.1"
SCALA = "2.13"
LOG4J = "2.25.4"
"""The version that Kafka brings; its bridge from slf4j is added, so that there is a log."""
JAVA_MINIMUM = 17
HEAP = "512m"
SETTINGS = {
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
}
"""What one broker alone needs, and no topic by accident; compose.yaml says the same."""

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>linkshot</groupId>
  <artifactId>kafka</artifactId>
  <version>{version}</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId>
      <artifactId>kafka_{scala}</artifactId><version>{version}</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId>
      <artifactId>kafka-tools</artifactId><version>{version}</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-slf4j-impl</artifactId><version>{log4j}</version></dependency>
  </dependencies>
</project>
"""

_LOGGING = """<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="error">
  <Appenders><Console name="out">
    <PatternLayout pattern="%d{ISO8601} %p %c{1} %m%n"/>
  </Console></Appenders>
  <Loggers><Root level="info"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
"""


def properties(folder: Path, ports: Ports) -> str:
    """The text of server.properties for one broker on loopback."""
    client, controller = ports["client"], ports["controller"]
    fixed = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{LOOPBACK}:{controller}",
        "listeners": f"PLAINTEXT://{LOOPBACK}:{client},CONTROLLER://{LOOPBACK}:{controller}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{client}",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": str(folder / "log"),
    }
    return "".join(f"{name}={value}\n" for name, value in (fixed | SETTINGS).items())


def install(places: Places) -> None:
    """Download Kafka's jars from Maven Central, once."""
    find_java(JAVA_MINIMUM)
    libs = _libs(places)
    pom = libs.with_name("pom.xml")
    wanted = _POM.format(version=VERSION, scala=SCALA, log4j=LOG4J)
    if libs.is_dir() and pom.read_text() == wanted:
        return
    programs.say(f"downloading Kafka {VERSION} (54 MB)")
    shutil.rmtree(libs, ignore_errors=True)
    fresh = libs.with_name("libs.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    pom.write_text(wanted)
    programs.maven("copy-dependencies", "-f", str(pom), f"-DoutputDirectory={fresh}")
    fresh.rename(libs)


def launch(places: Places, ports: Ports) -> Launch:
    """Write the settings, format the log folder where it is new, and answer the command."""
    folder = make_owned(places.data(SERVER.name), None)
    settings = folder / "server.properties"
    settings.write_text(properties(folder, ports))
    logging = folder / "log4j2.xml"
    logging.write_text(_LOGGING)
    java = [
        str(find_java(JAVA_MINIMUM) / "bin" / "java"),
        f"-Xmx{HEAP}",
        f"-Dlog4j2.configurationFile={logging}",
        "-cp",
        str(_libs(places) / "*"),
    ]
    if not (folder / "log" / "meta.properties").exists():
        _format(java, settings)
    return Launch(argv=(*java, "kafka.Kafka", str(settings)), cwd=folder)


def healthy(ports: Ports) -> bool:
    """True when the broker lists itself in an answer to a Metadata request.

    The bytes are those of the Kafka protocol guide: request header 1, Metadata version 1
    with no topics; the answer begins with size, correlation id, number of brokers.
    """
    body = struct.pack(">hhihi", 3, 1, 7, -1, 0)
    try:
        with socket.create_connection((LOOPBACK, ports["client"]), timeout=2) as link:
            link.sendall(struct.pack(">i", len(body)) + body)
            answer = link.makefile("rb").read(12)
    except OSError:
        return False
    return len(answer) == 12 and struct.unpack(">iii", answer)[1:] >= (7, 1)


def url(ports: Ports) -> str:
    """The value of LINKSHOT_QUEUE."""
    return f"kafka://{LOOPBACK}:{ports['client']}"


def _libs(places: Places) -> Path:
    return places.cache / "kafka" / VERSION / "libs"


def _format(java: list[str], settings: Path) -> None:
    tool = [*java, "kafka.tools.StorageTool"]
    identity = programs.run([*tool, "random-uuid"], timeout_s=60).split()[-1]
    programs.run([*tool, "format", "-t", identity, "-c", str(settings)], timeout_s=60)


SERVER = Server(
    name="kafka",
    variable="LINKSHOT_QUEUE",
    ports={"client": 19092, "controller": 19093},
    install=install,
    launch=launch,
    healthy=healthy,
    complete=nothing_to_complete,
    url=url,
    start_timeout_s=120,
)
