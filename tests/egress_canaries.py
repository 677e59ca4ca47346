"""Visits a page that tries every way out, in a network namespace of its own, and prints what it reached.

`unshare --net python -m tests.egress_canaries guarded` visits it as a worker does; `open` does it with
a plain Chromium, without the proxy and our options: the control that shows which ways the page has.
The namespace has inner addresses of its own and a default route that ends in it, so that every packet
to anywhere is seen, and none leaves the machine.
"""

import asyncio
import json
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from playwright.async_api import async_playwright

from crawler.browser.launch import find_browser
from linkshot.system.config import Settings
from tests.integration.crawler_visitor import Visitor
from tests.site import Site

SITE = "127.9.9.9"
OWN, GATEWAY = "192.168.77.1", "192.168.77.2"
"""WebRTC asks nobody while a machine has no interface but loopback."""
INNER = ("169.254.169.254", "10.0.0.1", "127.0.0.1", "::1")
PORTS = (80, 9000, 9092, 9200)
"""Of a metadata service, of S3, Kafka and Elasticsearch; each is asked by every way."""
REBINDING = "rebind.example"
ALL_PACKETS = 0x0003
"""ETH_P_ALL of linux/if_ether.h."""
IPV4, IPV6 = 0x0800, 0x86DD
TCP, UDP = 6, 17
SYN, ACK = 0x02, 0x10
CONTROL_S = 60.0
WAYS = frozenset(
    [
        "audio",
        "background",
        "beacon",
        "borderimage",
        "content",
        "cspreport",
        "css",
        "cursor",
        "embed",
        "eventsource",
        "fetch",
        "fetchredirect301",
        "fetchredirect302",
        "fetchredirect303",
        "fetchredirect307",
        "fetchredirect308",
        "font",
        "fontface",
        "form",
        "frameredirect",
        "iframe",
        "img",
        "import",
        "importscripts",
        "input",
        "keepalive",
        "linkheader",
        "mask",
        "module",
        "modulepreload",
        "object",
        "ping",
        "post",
        "poster",
        "prefetch",
        "preflight",
        "preload",
        "redirect301",
        "redirect302",
        "redirect303",
        "redirect307",
        "redirect308",
        "script",
        "sharedworker",
        "source",
        "srcdoc",
        "srcset",
        "svg",
        "table",
        "video",
        "websocket",
        "window",
        "worker",
        "xhr",
    ]
)
"""What reaches an inner address from a Chromium that nobody holds back."""
DATAGRAMS = frozenset({53, 3478, 4433, 5353})
"""Ports of a name server (the name holds the secret), of STUN and TURN, of WebTransport, of mDNS."""


@dataclass
class PacketRecorder:
    """Every first packet of a TCP connection and every UDP packet in this namespace."""

    seen: set[tuple[str, str, int]] = field(default_factory=set)
    """(protocol, address, port)."""

    def datagrams(self) -> set[int]:
        """The ports to which UDP packets went."""
        return {port for protocol, _, port in list(self.seen) if protocol == "udp"}

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Record while the block runs."""
        tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ALL_PACKETS))
        tap.settimeout(0.1)
        ending = threading.Event()
        thread = threading.Thread(target=self._read, args=(tap, ending), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ending.set()
            thread.join()
            tap.close()

    def _read(self, tap: socket.socket, ending: threading.Event) -> None:
        while not ending.is_set():
            with suppress(TimeoutError):
                packet, (_, kind, *_) = tap.recvfrom(65_536)
                self._note(packet, kind)

    def _note(self, packet: bytes, kind: int) -> None:
        """RFC 791 §3.1, RFC 8200 §3, RFC 9293 §3.1, RFC 768."""
        if kind == IPV4:
            protocol, to = packet[9], socket.inet_ntop(socket.AF_INET, packet[16:20])
            rest = packet[(packet[0] & 0x0F) * 4 :]
        elif kind == IPV6:
            protocol, to = packet[6], socket.inet_ntop(socket.AF_INET6, packet[24:40])
            rest = packet[40:]
        else:
            return
        if protocol == TCP and rest[13] & (SYN | ACK) == SYN:
            self.seen.add(("tcp", to, struct.unpack("!H", rest[2:4])[0]))
        elif protocol == UDP:
            self.seen.add(("udp", to, struct.unpack("!H", rest[2:4])[0]))


class Canaries:
    """HTTP servers on the inner addresses; `heard` are the ways that reached one."""

    def __init__(self) -> None:
        self.heard: set[str] = set()
        self._servers: list[asyncio.Server] = []

    async def start(self) -> None:
        """Listen everywhere."""
        for address in INNER:
            for port in PORTS:
                self._servers.append(await asyncio.start_server(self._serve, address, port))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            line = (await reader.readline()).decode("latin-1")
            self.heard.add(line.partition("by=")[2].partition(" ")[0] or line.strip())
            writer.write(
                b"HTTP/1.1 204 No Content\r\nConnection: close\r\nAccess-Control-Allow-Origin: *\r\n"
                b"Access-Control-Allow-Headers: *\r\n\r\n"
            )
            await writer.drain()
        writer.close()


def prepare_namespace() -> None:
    """Addresses and a route of this namespace alone."""
    for command in (
        "link set lo up",
        *(f"addr add {one}/32 dev lo" for one in ("169.254.169.254", "10.0.0.1")),
        "link add name wan type veth peer name beyond",
        "link set wan up",
        "link set beyond up",
        f"addr add {OWN}/24 dev wan",
        f"neigh add {GATEWAY} lladdr 02:00:00:00:00:01 dev wan",
        f"route add default via {GATEWAY}",
    ):
        subprocess.run(["ip", *command.split()], check=True)


def page(site: Site) -> str:
    """The page that asks every inner address by every way."""
    places = [
        f"http://{f'[{one}]' if ':' in one else one}{'' if port == 80 else f':{port}'}/"
        for one in INNER
        for port in PORTS
        if port == 80 or one == "127.0.0.1"
    ]
    places += ["http://localhost:9200/", f"http://{REBINDING}:{site.port}/rebound"]
    return site.url("/img-private?" + "&".join(f"to={one}" for one in places))


def guarded(address: str) -> dict[str, object]:
    """A visit as a worker does it."""
    names: list[str] = []
    visitor = Visitor()

    def look_up(host: str, *rest: object) -> list[tuple[object, ...]]:
        names.append(host)
        if host == REBINDING:
            found = SITE if names.count(host) == 1 else "10.0.0.1"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, 0))]
        return socket.getaddrinfo(host, *rest)  # type: ignore[arg-type, return-value]

    visitor.lookup = look_up  # type: ignore[assignment]
    try:
        capture = visitor(address, allow_networks=(f"{SITE}/32",), page_requests=5_000)
        proxy = visitor.proxy_port
    finally:
        visitor.close()
    return {
        "title": capture.title,
        "blocked": capture.notes["blocked_count"],
        "names": names,
        "proxy": proxy,
    }


async def unguarded(
    address: str, canaries: Canaries, recorder: PacketRecorder
) -> dict[str, object]:
    """The same page in a Chromium that nobody holds back."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=str(find_browser(Settings())))
        tab = await browser.new_page()
        await tab.goto(address, wait_until="commit")
        with suppress(TimeoutError):
            async with asyncio.timeout(CONTROL_S):
                while not (canaries.heard >= WAYS and recorder.datagrams() >= DATAGRAMS):  # noqa: ASYNC110  # no event of this loop
                    await asyncio.sleep(0.1)
        await browser.close()
    return {}


def main(how: str) -> None:
    """Prints what was reached as JSON."""
    prepare_namespace()
    recorder, canaries = PacketRecorder(), Canaries()
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    asyncio.run_coroutine_threadsafe(canaries.start(), loop).result()
    with Site(address=SITE) as site, recorder.listening():
        if how == "guarded":
            told = guarded(page(site))
        else:
            told = asyncio.run(unguarded(page(site), canaries, recorder))
        print(
            json.dumps(told | {"packets": sorted(recorder.seen), "heard": sorted(canaries.heard)})
        )


if __name__ == "__main__":
    main(sys.argv[1])
