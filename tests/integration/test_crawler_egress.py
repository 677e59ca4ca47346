"""The egress proxy: who may use it, where it connects, what it meters."""

import asyncio
import socket
from base64 import b64encode
from collections.abc import Awaitable, Callable

import pytest

from crawler.egress.proxy import MAX_INTERIM, EgressProxy
from crawler.egress.resolver import Resolver, own_addresses
from crawler.egress.traffic import TrafficMeter
from linkshot.domain.model import TlsParameters
from linkshot.system.config import Settings

LOOPBACK = ("127.0.0.0/8",)
Server = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class World:
    """A proxy with one page, and one server behind it that notes what reaches it."""

    def __init__(
        self, egress: EgressProxy, meter: TrafficMeter, port: int, heard: list[bytes]
    ) -> None:
        self.egress, self.meter, self.port, self.heard = egress, meter, port, heard

    async def ask(self, head: str, body: bytes = b"", login: str | None = None) -> bytes:
        """What comes back for a request to the proxy, until the connection ends."""
        given = f"{self.meter.name}:{self.egress.password}" if login is None else login
        secret = b64encode(given.encode()).decode()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.egress.port)
        lines = [head, "Host: h", f"Proxy-Authorization: Basic {secret}", "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        return answer


def told(
    story: Callable[[World], Awaitable[None]],
    answer: bytes
    | list[bytes] = b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi",
    **settings: object,
) -> None:
    """Tell a story in a world of its own."""

    async def whole() -> None:
        heard: list[bytes] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heard.append(await reader.read(65536))
            for piece in [answer] if isinstance(answer, bytes) else answer:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        given = Settings(**({"allow_networks": LOOPBACK} | settings))  # type: ignore[arg-type]
        egress = EgressProxy(given)
        await egress.start()
        port = server.sockets[0].getsockname()[1]
        try:
            await story(World(egress, egress.open("page"), port, heard))
        finally:
            await egress.stop()
            server.close()

    asyncio.run(whole())


def test_a_request_is_forwarded_without_credentials_and_closes_its_connection() -> None:
    async def story(world: World) -> None:
        answer = await world.ask(f"GET http://127.0.0.1:{world.port}/x HTTP/1.1")
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"Connection: close" in answer
        assert b"keep-alive" not in answer
        assert answer.endswith(b"hi")
        assert world.heard[0].startswith(b"GET /x HTTP/1.1\r\n")
        assert b"Proxy-Authorization" not in world.heard[0]

    told(story)


def test_a_tunnel_carries_bytes_both_ways_and_counts_them() -> None:
    async def story(world: World) -> None:
        answer = await world.ask(f"CONNECT 127.0.0.1:{world.port} HTTP/1.1", b"ping")
        assert answer.startswith(b"HTTP/1.1 200 Connection established")
        assert answer.endswith(b"hi")
        assert world.heard == [b"ping"]
        assert world.meter.received == 64
        assert world.meter.peers == {f"127.0.0.1:{world.port}": "127.0.0.1"}

    told(story)


SERVER_HELLO = b"\x16\x03\x03\0\x2a\x02\0\0\x26\x03\x03" + bytes(33) + b"\xc0\x2f\0"


def test_what_was_agreed_on_is_read_when_it_comes_in_pieces() -> None:
    async def story(world: World) -> None:
        target = f"127.0.0.1:{world.port}"
        answer = await world.ask(f"CONNECT {target} HTTP/1.1", b"hello")
        assert answer.endswith(SERVER_HELLO)
        assert world.meter.received == len(SERVER_HELLO)
        agreed = world.meter.tls[target]
        assert agreed == TlsParameters(
            version="TLS 1.2", cipher="TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
        )

    told(story, [SERVER_HELLO[:3], SERVER_HELLO[3:20], SERVER_HELLO[20:]])


@pytest.mark.parametrize("login", ["", "page:wrong", "other:", "page"])
def test_nobody_else_may_use_it(login: str) -> None:
    async def story(world: World) -> None:
        answer = await world.ask(f"GET http://127.0.0.1:{world.port}/ HTTP/1.1", login=login)
        assert answer.startswith(b"HTTP/1.1 407 ")
        assert world.heard == []

    told(story)


def test_a_page_that_has_ended_may_not_use_it() -> None:
    async def story(world: World) -> None:
        world.egress.close(world.meter)
        answer = await world.ask(f"GET http://127.0.0.1:{world.port}/ HTTP/1.1")
        assert answer.startswith(b"HTTP/1.1 407 ")

    told(story)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1", "[::ffff:127.0.0.1]"]
)
def test_private_addresses_are_refused_and_noted(host: str) -> None:
    async def story(world: World) -> None:
        plain = await world.ask(f"GET http://{host}:{world.port}/ HTTP/1.1")
        tunnel = await world.ask(f"CONNECT {host}:{world.port} HTTP/1.1")
        assert plain == b""
        assert tunnel.startswith(b"HTTP/1.1 502 ")
        assert world.meter.failures == {f"{host}:{world.port}": "address_blocked"}
        assert world.meter.refused_count == 2
        assert world.heard == []

    told(story, allow_networks=())


def test_the_proxy_does_not_lead_to_itself() -> None:
    async def story(world: World) -> None:
        answer = await world.ask(f"CONNECT 127.0.0.1:{world.egress.port} HTTP/1.1")
        assert answer.startswith(b"HTTP/1.1 502 ")

    told(story)


def test_a_closed_port_is_a_connect_failure_and_a_name_nobody_has_a_dns_one() -> None:
    async def story(world: World) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        await world.ask(f"GET http://127.0.0.1:{port}/ HTTP/1.1")
        await world.ask("GET http://nobody.invalid/ HTTP/1.1")
        assert set(world.meter.failures.values()) == {"connect", "dns"}
        codes = {"ERR_CONNECTION_REFUSED", "ERR_NAME_NOT_RESOLVED"}
        assert set(world.meter.error_codes.values()) == codes

    told(story)


def test_a_page_is_cut_off_at_its_limit_of_bytes() -> None:
    async def story(world: World) -> None:
        answer = await world.ask(f"GET http://127.0.0.1:{world.port}/ HTTP/1.1")
        assert len(answer) < 1_500_000
        assert world.meter.limit_exceeded
        assert await world.ask(f"GET http://127.0.0.1:{world.port}/ HTTP/1.1") == b""

    told(story, b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 3_000_000, page_bytes=1_000_000)


def test_a_page_is_cut_off_at_its_limit_of_requests() -> None:
    async def story(world: World) -> None:
        answers = [
            await world.ask(f"GET http://127.0.0.1:{world.port}/ HTTP/1.1") for _ in range(3)
        ]
        assert [bool(one) for one in answers] == [True, True, False]

    told(story, page_requests=2)


def test_only_the_announced_body_reaches_the_server() -> None:
    async def story(world: World) -> None:
        head = f"POST http://127.0.0.1:{world.port}/ HTTP/1.1\r\nContent-Length: 3"
        await world.ask(head, b"abcGET http://127.0.0.1/ HTTP/1.1\r\n\r\n")
        assert b"".join(world.heard).endswith(b"\r\n\r\nabc") or world.heard[0].endswith(
            b"\r\n\r\n"
        )
        assert b"GET http" not in b"".join(world.heard)

    told(story)


@pytest.mark.parametrize(
    "head",
    [
        "GET / HTTP/1.1",
        "nonsense",
        "POST http://127.0.0.1:1/ HTTP/1.1\r\nTransfer-Encoding: chunked, chunked",
        "POST http://127.0.0.1:1/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3",
    ],
)
def test_ambiguous_requests_end_the_connection(head: str) -> None:
    async def story(world: World) -> None:
        assert await world.ask(head) == b""

    told(story)


def test_p63_the_host_is_that_of_the_address_whatever_the_header_says() -> None:
    async def story(world: World) -> None:
        await world.ask(f"GET http://127.0.0.1:{world.port}/http://10.0.0.1/ HTTP/1.1")
        lines = world.heard[0].split(b"\r\n")
        assert lines[0] == b"GET /http://10.0.0.1/ HTTP/1.1"
        hosts = [line for line in lines if line.lower().startswith(b"host:")]
        assert hosts == [b"Host: 127.0.0.1:%d" % world.port]

    told(story)


def test_p63_two_host_headers_end_the_connection() -> None:
    async def story(world: World) -> None:
        assert await world.ask(f"GET http://127.0.0.1:{world.port}/ HTTP/1.1\r\nHost: other") == b""
        assert world.heard == []

    told(story)


def test_a_head_without_end_is_refused() -> None:
    async def story(world: World) -> None:
        answer = await world.ask("GET http://a/ HTTP/1.1\r\nX: " + "y" * 600_000)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 431")

    told(story)


def test_interim_answers_are_passed_on() -> None:
    async def story(world: World) -> None:
        answer = await world.ask(f"GET http://127.0.0.1:{world.port}/ HTTP/1.1")
        assert answer.startswith(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n")

    told(story, b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")


def test_a_flood_of_interim_answers_is_ended_with_its_reason() -> None:
    async def story(world: World) -> None:
        target = f"127.0.0.1:{world.port}"
        answer = await world.ask(f"GET http://{target}/ HTTP/1.1")
        assert answer.count(b"103 Early Hints") == MAX_INTERIM
        assert world.meter.failures == {target: "headers"}

    told(story, b"HTTP/1.1 103 Early Hints\r\n\r\n" * (MAX_INTERIM + 1))


def test_our_own_addresses_are_refused_even_when_public() -> None:
    resolver = Resolver(())
    assert all(resolver.refuses(str(one)) for one in own_addresses())


def names(egress: EgressProxy, *answers: list[str]) -> list[str]:
    """Lets the proxy look names up here: one answer after the other. What was asked."""
    asked: list[str] = []

    def look_up(host: str, *_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 0)) for one in found]

    egress.resolver = Resolver(LOOPBACK, look_up)
    return asked


def test_u31_a_page_asks_for_a_name_once_and_goes_where_it_led_then() -> None:
    async def story(world: World) -> None:
        asked = names(world.egress, ["127.0.0.1"], ["10.0.0.1"])
        head = f"GET http://pub.example:{world.port}/ HTTP/1.1"
        assert all(await asyncio.gather(world.ask(head), world.ask(head)))
        assert await world.ask(head)
        assert asked == ["pub.example"]

    told(story)


def test_u31_a_name_that_led_inside_stays_refused_for_the_page() -> None:
    async def story(world: World) -> None:
        asked = names(world.egress, ["127.0.0.1", "10.0.0.1"], ["127.0.0.1"])
        head = f"GET http://pub.example:{world.port}/ HTTP/1.1"
        assert [await world.ask(head) for _ in range(2)] == [b"", b""]
        assert (asked, world.heard) == (["pub.example"], [])

    told(story)


def test_u31_the_next_address_is_tried_but_not_every_one_of_three_hundred() -> None:
    async def story(world: World) -> None:
        names(world.egress, ["127.0.9.1", "127.0.0.1"])
        head = f"GET http://two.example:{world.port}/ HTTP/1.1"
        assert (await world.ask(head)).endswith(b"hi")
        names(world.egress, [*(f"127.0.9.{n}" for n in range(1, 256)), "127.0.0.1"])
        assert await world.ask(head.replace("two", "many")) == b""
        assert world.meter.failures == {f"many.example:{world.port}": "connect"}

    told(story)
