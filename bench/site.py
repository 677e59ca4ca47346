"""Serves the pages to be captured, in a process of its own: several hosts, 20 ms per response."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench import pages

HOSTS = tuple(f"127.0.0.{number}" for number in range(1, 10))
"""Several, because visits of one host are serialized."""
DELAY_S = 0.02


@contextmanager
def serving() -> Iterator[int]:
    """Yields the port, the same on all HOSTS. The server's CPU time is not measured."""
    command = [sys.executable, "-m", "bench.site"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()


def urls(port: int, kind: str, count: int) -> list[str]:
    """`count` different pages, spread over the hosts."""
    return [f"http://{HOSTS[n % len(HOSTS)]}:{port}/{kind}/{n}" for n in range(count)]


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            await asyncio.sleep(DELAY_S)
            found = pages.body(head.split(b" ", 2)[1].decode().partition("?")[0])
            kind, data = found or ("text/plain", b"nothing here")
            status = "200 OK" if found else "404 Not Found"
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n"
                f"Content-Length: {len(data)}\r\n\r\n".encode()
            )
            writer.write(data)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _serve() -> None:
    server = await asyncio.start_server(_answer, HOSTS[0], 0)
    port = server.sockets[0].getsockname()[1]
    others = [await asyncio.start_server(_answer, host, port) for host in HOSTS[1:]]
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for one in (server, *others):
        one.close()


if __name__ == "__main__":
    asyncio.run(_serve())
