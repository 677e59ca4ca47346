"""How does anything leave a crawl worker? Through this proxy on loopback, and only through it.

It resolves, checks every address, connects to the checked one, and counts per page. The browser
is given its address with Playwright's `proxy=`; each page has a user name of its own and the
password of this run, so that no other program can use it.
"""

import asyncio
import hmac
import logging
import secrets
from contextlib import suppress

from crawler.egress import http_heads
from crawler.egress.http_heads import Asked, BadHead
from crawler.egress.resolver import Resolver, Unreachable
from crawler.egress.traffic import Account, Cut
from linkshot.system.config import Settings

logger = logging.getLogger(__name__)

CHUNK = 65_536
HEAD_BYTES = 524_288
"""More than Chromium's own limit of 256 KiB for the heads of answers."""
CONNECT_TIMEOUT_S = 10.0
REACH_TIMEOUT_S = 30.0
"""For all addresses of a host together."""
HEAD_TIMEOUT_S = 30.0
MAX_INTERIM = 100
"""Servers send one or two; HTTP sets no limit, and a flood of them would be a page without end."""


class Egress:
    """The only way out of the worker."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.password = secrets.token_urlsafe(24)
        self.resolver = Resolver(settings.allow_networks)
        self.accounts: dict[str, Account] = {}
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen on a free port of loopback."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=HEAD_BYTES)

    async def stop(self) -> None:
        """Stop listening and cut what is open. Repeatable."""
        for account in list(self.accounts.values()):
            self.close(account)
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
        """What Playwright's `proxy=` and Scrapy get, without credentials."""
        return f"http://127.0.0.1:{self.port}"

    def open(self, name: str) -> Account:
        """An account for one page; its name is the user name at the proxy."""
        limits = self.settings
        account = Account(name=name, max_bytes=limits.page_bytes, max_requests=limits.page_requests)
        self.accounts[name] = account
        return account

    def close(self, account: Account) -> None:
        """The page has ended: cut its connections and refuse it from now on. Repeatable."""
        self.accounts.pop(account.name, None)
        account.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._one(reader, writer)
        except (BadHead, Cut, OSError, TimeoutError, asyncio.IncompleteReadError) as exc:
            logger.debug("A connection ended early", extra={"reason": repr(exc)})
        except asyncio.LimitOverrunError:
            writer.write(http_heads.answer("431 Request Header Fields Too Large"))
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(HEAD_TIMEOUT_S):
            head = await reader.readuntil(b"\r\n\r\n")
        asked = http_heads.read_request(head)
        account = self._account(asked)
        if account is None:
            challenge = 'Proxy-Authenticate: Basic realm="linkshot"'
            writer.write(http_heads.answer("407 Proxy Authentication Required", challenge))
            await writer.drain()
            return
        account.writers.add(writer)
        try:
            await self._forward(asked, account, reader, writer)
        finally:
            account.writers.discard(writer)

    def _account(self, asked: Asked) -> Account | None:
        user, password = http_heads.credentials(asked)
        if not hmac.compare_digest(password.encode(), self.password.encode()):
            return None
        return self.accounts.get(user)

    async def _forward(
        self,
        asked: Asked,
        account: Account,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        account.asks(asked.target)
        try:
            theirs = await self._connect(asked, account)
        except Unreachable as exc:
            account.refuse(asked.target, exc.reason, exc.code)
            logger.debug(
                "A request of a page was refused",
                extra={"target": asked.target, "reason": exc.reason, "page": account.name},
            )
            if asked.tunnel:
                writer.write(http_heads.answer("502 Bad Gateway"))
            return
        account.writers.add(theirs[1])
        try:
            carry = _tunnel if asked.tunnel else _exchange
            await carry(asked, account, (reader, writer), theirs)
        finally:
            theirs[1].close()
            account.writers.discard(theirs[1])

    async def _connect(self, asked: Asked, account: Account) -> "Ends":
        if asked.host not in account.addresses:
            looking = asyncio.ensure_future(self.resolver.resolve(asked.host))
            account.addresses[asked.host] = looking
        addresses = await asyncio.shield(account.addresses[asked.host])
        with suppress(TimeoutError):
            async with asyncio.timeout(REACH_TIMEOUT_S):
                return await self._reach(asked, account, addresses)
        raise Unreachable("connect", "ERR_CONNECTION_TIMED_OUT")

    async def _reach(self, asked: Asked, account: Account, addresses: list[str]) -> "Ends":
        code = ""
        for address in addresses:
            if asked.port == self.port and self.resolver.is_own(address):
                raise Unreachable("address_blocked")
            try:
                async with asyncio.timeout(CONNECT_TIMEOUT_S):
                    ends = await asyncio.open_connection(address, asked.port, limit=HEAD_BYTES)
            except OSError as exc:
                code = code or _code_of(exc)
                continue
            account.connected(asked.target, address)
            return ends
        raise Unreachable("connect", code)


def _code_of(exc: OSError) -> str:
    """What Chromium calls this failure to connect. (pure)"""
    if isinstance(exc, ConnectionRefusedError):
        return "ERR_CONNECTION_REFUSED"
    if isinstance(exc, ConnectionResetError):
        return "ERR_CONNECTION_RESET"
    return (
        "ERR_CONNECTION_TIMED_OUT" if isinstance(exc, TimeoutError) else "ERR_ADDRESS_UNREACHABLE"
    )


Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _tunnel(asked: Asked, account: Account, ours: Ends, theirs: Ends) -> None:
    ours[1].write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    up = asyncio.ensure_future(_up(ours[0], theirs[1], None))
    try:
        await _down(theirs[0], ours[1], account)
    except Cut:
        account.refuse(asked.target, "too_large")
    finally:
        up.cancel()


async def _exchange(asked: Asked, account: Account, ours: Ends, theirs: Ends) -> None:
    theirs[1].write(http_heads.to_server(asked))
    up = asyncio.ensure_future(_up(ours[0], theirs[1], asked.body_bytes))
    try:
        await _answer_heads(theirs[0], ours[1], account)
        await _down(theirs[0], ours[1], account)
    except BadHead as exc:
        account.refuse(asked.target, str(exc))
    except Cut:
        account.refuse(asked.target, "too_large")
    finally:
        up.cancel()


async def _answer_heads(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, account: Account
) -> None:
    """Pass interim and final head on; what is no HTTP/1 goes on as it is and fails there.

    BadHead, with the kind of the failure, when MAX_INTERIM interim ones came and still no final
    one, or when the connection ends within a head: Chromium would take that for an empty page.
    """
    for _ in range(MAX_INTERIM):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as exc:
            head = exc.partial
            if head.startswith(b"HTTP/"):
                raise BadHead("connect") from exc
        except asyncio.LimitOverrunError:
            return
        account.came(len(head))
        interim = http_heads.is_interim(head)
        writer.write(head if interim else http_heads.to_browser(head))
        await writer.drain()
        if not interim:
            return
    raise BadHead("headers")


async def _down(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, account: Account
) -> None:
    while (data := await reader.read(CHUNK)) and not writer.is_closing():
        account.came(len(data))
        writer.write(data)
        await writer.drain()


async def _up(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: int | None
) -> None:
    """Browser → server: everything (None) or the `count` bytes of a body, then only watch for the end."""
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            if count is not None:
                data, count = data[:count], count - min(count, len(data))
            writer.write(data)
            await writer.drain()
        writer.close()
