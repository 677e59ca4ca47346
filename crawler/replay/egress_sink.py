"""A proxy on loopback that connects nobody: what a replayed page tries to reach ends here, counted.

The archive answers the requests of HTTP before they leave the browser. What comes here has passed
it: WebSockets, connections made in advance, anything that a page finds besides.
"""

import asyncio
from typing import Any, Self

MAX_HEAD_BYTES = 65_536
HEAD_TIMEOUT_S = 5.0
MAX_TARGETS = 100
REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class EgressSink:
    """Refuses every request of one page and notes its target; an asynchronous context manager."""

    def __init__(self) -> None:
        self.count = 0
        """Requests that were refused."""
        self.targets: list[str] = []
        """The first MAX_TARGETS of them: `CONNECT host:443`."""
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._refuse, "127.0.0.1", 0, limit=MAX_HEAD_BYTES
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    @property
    def url(self) -> str:
        """Its address; only while it runs."""
        if self._server is None:
            raise RuntimeError("the sink does not run")
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def context_options(self) -> dict[str, Any]:
        """Options of a browser context that has no other way out; only while it runs."""
        # loopback is no exception: without the bypass rule Chromium would connect to it directly
        return {"proxy": {"server": self.url, "bypass": "<-loopback>"}}

    async def _refuse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_TIMEOUT_S):
                head = await reader.readuntil(b"\r\n")
            self.count += 1
            if len(self.targets) < MAX_TARGETS:
                words = head.decode("latin-1").split()
                self.targets.append(" ".join(words[:2])[:500])
            writer.write(REFUSED)
            await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return  # a connection without a request asks nobody for anything
        finally:
            writer.close()
