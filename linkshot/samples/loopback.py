"""A small HTTP server on loopback that stops at once, for the sample pages and the test site."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple, Self
from urllib.parse import parse_qs, unquote, urlsplit

HTML = "text/html; charset=utf-8"
_ADDRESS = "127.0.0.1"
_BODY_LIMIT = 1_000_000
"""Bytes of a request body that are read; our pages send none that is longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as an answering function sees it."""

    method: str
    path: str
    """Decoded, without the query."""
    query: dict[str, list[str]]
    headers: Message
    body: bytes
    host: str
    """The Host header, with the port."""
    visit: int
    """1 for the first request of this path since the server started, 2 for the next."""
    closing: threading.Event
    """Set when the server stops: an answer that waits must wait on this."""

    def value(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        return self.query.get(name, [default])[0]

    def number(self, name: str, default: float) -> float:
        """A query parameter as a number; the default when it is missing or is none."""
        with contextlib.suppress(ValueError):
            return float(self.value(name))
        return default


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A well-formed answer. A body given as pieces is sent chunked, piece by piece."""

    status: int = 200
    content_type: str | None = HTML
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | Iterable[bytes] = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """An answer byte by byte, for what HTTP forbids. The connection is closed after it."""

    pieces: Iterable[bytes]
    reset: bool = False
    """Close with a TCP reset instead of an orderly end."""


Answer = Callable[[Request], Response | Raw]


class Seen(NamedTuple):
    """A request that arrived: what the server can tell about its visitors."""

    method: str
    path: str
    """The request target as it came, with its query."""
    host: str


class LoopbackServer:
    """Serves what `answer` returns on 127.0.0.1 or another `address`, one thread per connection.

    `stop()` ends every connection, also those that hang, and returns when their threads are gone.
    """

    def __init__(self, answer: Answer, port: int = 0, address: str = _ADDRESS) -> None:
        self._answer = answer
        self.address = address
        self._wanted_port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self.requests: list[Seen] = []

    def start(self) -> Self:
        """Bind and begin to serve; port 0 means any free port."""
        self._server = _Server((self.address, self._wanted_port), self._answer, self.requests)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="loopback-site", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """End all connections and the server; stopping twice is harmless."""
        server, self._server = self._server, None
        if server is None or self._thread is None:
            return
        server.closing.set()
        server.shutdown()
        self._thread.join()
        server.end_connections()
        server.server_close()

    @property
    def port(self) -> int:
        """The port in use; only while the server runs."""
        if self._server is None:
            raise RuntimeError("the server is not running: call start() first")
        return self._server.server_address[1]

    def url(self, path: str = "/", host: str = "") -> str:
        """The address of a page. `localhost` as host makes another site of the same server."""
        return f"http://{host or self.address}:{self.port}{path}"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    """The standard server, which also knows its open connections and can end them."""

    request_queue_size = 128
    server_address: tuple[str, int]

    def __init__(self, address: tuple[str, int], answer: Answer, seen: list[Seen]) -> None:
        self.answer = answer
        self.seen = seen
        self.closing = threading.Event()
        self._visits: Counter[str] = Counter()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    def count_visit(self, path: str) -> int:
        with self._lock:
            self._visits[path] += 1
            return self._visits[path]

    def process_request(self, request: object, client_address: object) -> None:
        assert isinstance(request, socket.socket)
        thread = threading.Thread(
            target=self._serve_connection, args=(request, client_address), daemon=True
        )
        with self._lock:
            self._open[request] = thread
        thread.start()

    def _serve_connection(self, request: socket.socket, client_address: object) -> None:
        try:
            self.process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._open.pop(request, None)

    def end_connections(self) -> None:
        with self._lock:
            still_open = list(self._open.items())
        for connection, _ in still_open:  # all of them, then the threads: their waits end at once
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for _, thread in still_open:
            thread.join(timeout=5)

    def handle_error(self, request: object, client_address: object) -> None:
        """Visitors that leave early are everyday here; anything else is a fault of ours."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # as above


class _Handler(BaseHTTPRequestHandler):
    """Turns HTTP into `Request`, and `Response` or `Raw` into bytes."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _answer(self) -> None:
        host = self.headers.get("Host", "")
        self.server.seen.append(Seen(self.command, self.path, host))
        answer = self.server.answer(self._request(host))
        if isinstance(answer, Raw):
            self._send_raw(answer)
        else:
            self._send(answer)

    def __getattr__(self, name: str) -> object:
        """The standard handler looks for `do_<METHOD>`: every method is answered alike."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _request(self, host: str) -> Request:
        target = urlsplit(self.path)
        path = unquote(target.path)
        length = int(self.headers.get("Content-Length") or 0)
        return Request(
            method=self.command,
            path=path,
            query=parse_qs(target.query, keep_blank_values=True),
            headers=self.headers,
            body=self.rfile.read(min(length, _BODY_LIMIT)),
            host=host,
            visit=self.server.count_visit(path),
            closing=self.server.closing,
        )

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        if response.content_type is not None:
            self.send_header("Content-Type", response.content_type)
        for name, value in response.headers:
            self.send_header(name, value)
        whole = response.body if isinstance(response.body, bytes) else None
        bodiless = self.command == "HEAD" or response.status in (204, 304)
        if whole is None:
            self.send_header("Transfer-Encoding", "chunked")
        elif response.status not in (204, 304):
            self.send_header("Content-Length", str(len(whole)))
        self.end_headers()
        if not bodiless:
            self._send_body(response.body)

    def _send_body(self, body: bytes | Iterable[bytes]) -> None:
        if isinstance(body, bytes):
            self.wfile.write(body)
            return
        for piece in filter(None, body):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        if not self.server.closing.is_set():
            self.wfile.write(b"0\r\n\r\n")

    def _send_raw(self, raw: Raw) -> None:
        self.close_connection = True
        for piece in raw.pieces:
            self.wfile.write(piece)
        if raw.reset:  # with a linger time of 0 the kernel sends RST instead of FIN (socket(7))
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.rfile.close()
            self.connection.close()

    def version_string(self) -> str:
        return "loopback-site"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the tests read `requests` instead."""


def hold(request: Request, first: Iterable[bytes] = ()) -> Iterator[bytes]:
    """Send the given pieces, then nothing more until the server stops."""
    yield from first
    request.closing.wait()
