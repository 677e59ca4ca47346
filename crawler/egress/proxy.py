"""The egress proxy: an HTTP proxy on loopback, the only way out of a crawl worker (SSRF boundary).

It resolves names, checks every address, connects to the checked one, and meters per page. The
checks live here and not in a Playwright route, because a route sees neither redirect hops nor
WebSockets, and between its check and Chromium's own look-up a name can change its address. The
browser gets the proxy by Playwright's `proxy=`; each page has a user name of its own and the
password of this run, so that no other program on the machine can use it.
"""

import asyncio
import hmac
import logging
import secrets
from contextlib import suppress

from crawler.egress import http_heads
from crawler.egress.http_heads import BadRequestHead, BadResponseHead, ProxyRequest
from crawler.egress.resolver import Resolver, Unreachable
from crawler.egress.response_body import ChunkedBody, followed_body
from crawler.egress.traffic import TrafficLimitExceeded, TrafficMeter
from linkshot.system.config import Settings

logger = logging.getLogger(__name__)

CHUNK_BYTES = 65_536
MAX_HEAD_BYTES = 524_288
"""Above Chromium's own limit of 256 KiB for response heads, so that Chromium names the failure."""
CONNECT_TIMEOUT_S = 10.0
CONNECT_TOTAL_TIMEOUT_S = 30.0
"""Limit for all addresses of a host together."""
HEAD_TIMEOUT_S = 30.0
MAX_INTERIM = 100
"""1xx responses before the final one. Servers send one or two; HTTP sets no limit, and an endless
flood would otherwise never time out."""


class EgressProxy:
    """The only way out of the worker."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.password = secrets.token_urlsafe(24)
        self.resolver = Resolver(settings.allow_networks)
        self.meters: dict[str, TrafficMeter] = {}
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen on a free port of loopback."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=MAX_HEAD_BYTES)

    async def stop(self) -> None:
        """Stop listening and close what is open. Repeatable."""
        for meter in list(self.meters.values()):
            self.close(meter)
        if self._server:
            self._server.close()
            self._server = None
        self.resolver.close()

    @property
    def port(self) -> int:
        """Port in use; only while it runs."""
        if self._server is None:
            raise RuntimeError("the egress proxy does not run")
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        """Address for Playwright's `proxy=` and Scrapy, without credentials."""
        return f"http://127.0.0.1:{self.port}"

    def open(self, name: str) -> TrafficMeter:
        """Admit one page; `name` is its user name at the proxy."""
        limits = self.settings
        meter = TrafficMeter(
            name=name,
            password=self.password,
            max_bytes=limits.page_bytes,
            max_requests=limits.page_requests,
            proxy_port=self.port,
        )
        self.meters[name] = meter
        return meter

    def close(self, meter: TrafficMeter) -> None:
        """The page has ended: close its connections and refuse new ones. Repeatable."""
        self.meters.pop(meter.name, None)
        meter.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._handle(reader, writer)
        except (
            BadRequestHead,
            TrafficLimitExceeded,
            OSError,
            TimeoutError,
            asyncio.IncompleteReadError,
        ) as exc:
            logger.debug("A connection ended early", extra={"reason": repr(exc)})
        except asyncio.LimitOverrunError:
            writer.write(http_heads.proxy_response("431 Request Header Fields Too Large"))
        finally:
            writer.close()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(HEAD_TIMEOUT_S):
            head = await reader.readuntil(b"\r\n\r\n")
        request = http_heads.parse_request(head)
        user, password = http_heads.credentials(request)
        known = hmac.compare_digest(password.encode(), self.password.encode())
        meter = self.meters.get(user) if known else None
        if meter is None:
            # Chromium sends credentials only when asked for them; it repeats the request then
            challenge = 'Proxy-Authenticate: Basic realm="linkshot"'
            writer.write(http_heads.proxy_response("407 Proxy Authentication Required", challenge))
            await writer.drain()
            return
        meter.writers.add(writer)
        try:
            await self._forward(request, meter, reader, writer)
        finally:
            meter.writers.discard(writer)

    async def _forward(
        self,
        request: ProxyRequest,
        meter: TrafficMeter,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        meter.begin_request(request.target)
        try:
            upstream = await self._connect(request, meter)
        except Unreachable as exc:
            meter.record_failure(request.target, exc.reason, exc.code)
            logger.debug(
                "A request of a page was not forwarded",
                extra={"target": request.target, "reason": exc.reason, "page": meter.name},
            )
            # a plain request gets none: the browser would take it for the answer of the site
            if request.tunnel:
                writer.write(http_heads.proxy_response("502 Bad Gateway"))
            return
        meter.writers.add(upstream[1])
        try:
            carry = _tunnel if request.tunnel else _exchange
            await carry(request, meter, (reader, writer), upstream)
        finally:
            upstream[1].close()
            meter.writers.discard(upstream[1])

    async def _connect(self, request: ProxyRequest, meter: TrafficMeter) -> "Streams":
        if request.host not in meter.addresses:
            resolving = asyncio.ensure_future(self.resolver.resolve(request.host))
            meter.addresses[request.host] = resolving
        # other connections wait for the same look-up, and must not lose it with this one
        addresses = await asyncio.shield(meter.addresses[request.host])
        with suppress(TimeoutError):
            async with asyncio.timeout(CONNECT_TOTAL_TIMEOUT_S):
                return await self._connect_to_any(request, meter, addresses)
        raise Unreachable("connect", "ERR_CONNECTION_TIMED_OUT")

    async def _connect_to_any(
        self, request: ProxyRequest, meter: TrafficMeter, addresses: list[str]
    ) -> "Streams":
        code = ""
        for address in addresses:
            if request.port == self.port and self.resolver.is_own(address):
                # a request through the proxy to itself would loop
                raise Unreachable("address_blocked")
            try:
                async with asyncio.timeout(CONNECT_TIMEOUT_S):
                    ends = await asyncio.open_connection(
                        address, request.port, limit=MAX_HEAD_BYTES
                    )
            except OSError as exc:
                code = code or _error_code(exc)
                continue
            meter.record_peer(request.target, address)
            return ends
        raise Unreachable("connect", code)


def _error_code(exc: OSError) -> str:
    """Chromium's error code for this failure to connect. (pure)"""
    if isinstance(exc, ConnectionRefusedError):
        return "ERR_CONNECTION_REFUSED"
    if isinstance(exc, ConnectionResetError):
        return "ERR_CONNECTION_RESET"
    return (
        "ERR_CONNECTION_TIMED_OUT" if isinstance(exc, TimeoutError) else "ERR_ADDRESS_UNREACHABLE"
    )


async def _download_hello(
    target: str, meter: TrafficMeter, client: asyncio.StreamWriter, upstream: asyncio.StreamReader
) -> None:
    """Passes on what a server sends until its ServerHello was read, which may come in pieces."""
    hello, is_read = b"", False
    while not is_read and (piece := await upstream.read(CHUNK_BYTES)):
        hello += piece
        is_read = meter.record_first_bytes(target, hello)
        meter.add_bytes(len(piece))
        client.write(piece)
        await client.drain()


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _tunnel(
    request: ProxyRequest, meter: TrafficMeter, client: Streams, upstream: Streams
) -> None:
    client[1].write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    up = asyncio.ensure_future(_upload(client[0], upstream[1], None))
    try:
        if client[1].get_extra_info("peername")[1] not in meter.own_ports:
            await _download_hello(request.target, meter, client[1], upstream[0])
        await _download(upstream[0], client[1], meter)
    except TrafficLimitExceeded:
        meter.record_failure(request.target, "too_large")
    finally:
        up.cancel()


async def _exchange(
    request: ProxyRequest, meter: TrafficMeter, client: Streams, upstream: Streams
) -> None:
    place = f"{request.target}{request.path}"
    meter.broken_off.discard(place)
    upstream[1].write(http_heads.origin_head(request))
    up = asyncio.ensure_future(_upload(client[0], upstream[1], request.body_bytes))
    try:
        head = await _forward_response_heads(upstream[0], client[1], meter)
        body = followed_body(request.method, head)
        await _download(upstream[0], client[1], meter, body)
        # otherwise the browser has turned away, or we have cut the connection
        is_server_end = not (up.done() or client[1].is_closing())
        if body is not None and body.breaks_off and is_server_end:
            meter.record_broken_off(place)
    except BadResponseHead as exc:
        meter.record_failure(request.target, str(exc))
    except TrafficLimitExceeded:
        meter.record_failure(request.target, "too_large")
    finally:
        up.cancel()


async def _forward_response_heads(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, meter: TrafficMeter
) -> bytes:
    """Forward interim and final heads; what is no HTTP/1 passes through and fails in the browser.
    Returns the final one; empty when it is too long.

    BadResponseHead, with the failure kind, after MAX_INTERIM interim ones, or when the connection
    ends within a head: Chromium would take that for an empty page.
    """
    for _ in range(MAX_INTERIM):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as exc:
            head = exc.partial
            if head.startswith(b"HTTP/"):
                raise BadResponseHead("connect") from exc
        except asyncio.LimitOverrunError:
            return b""
        meter.add_bytes(len(head))
        interim = http_heads.is_interim(head)
        writer.write(head if interim else http_heads.response_head(head))
        await writer.drain()
        if not interim:
            return head
    raise BadResponseHead("headers")


async def _download(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    meter: TrafficMeter,
    body: ChunkedBody | None = None,
) -> None:
    while (data := await reader.read(CHUNK_BYTES)) and not writer.is_closing():
        if body is not None:
            body.feed(data)
        meter.add_bytes(len(data))
        writer.write(data)
        await writer.drain()


async def _upload(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: int | None
) -> None:
    """Browser → server: everything (None) or the `count` bytes of a body; then wait for the end.

    Bytes past the declared body are dropped: they would be a second request that nobody checked.
    """
    with suppress(OSError):
        while data := await reader.read(CHUNK_BYTES):
            if count is not None:
                data, count = data[:count], count - min(count, len(data))
            writer.write(data)
            await writer.drain()
        writer.close()
