"""Heads of proxy requests: parsed, rejected, rewritten."""

import pytest

from crawler.egress import http_heads
from crawler.egress.http_heads import BadRequestHead, parse_request


def head(first: str, *headers: str) -> bytes:
    """A head with these lines; HTTP/1.1 wants a Host, which is added when there is none."""
    host = [] if any(one.startswith("Host:") for one in headers) else ["Host: h"]
    return "\r\n".join([first, *host, *headers, "", ""]).encode("latin-1")


@pytest.mark.parametrize(
    ("first", "host", "port", "path"),
    [
        ("GET http://example.com/a?b=1 HTTP/1.1", "example.com", 80, "/a?b=1"),
        ("GET http://example.com:8080 HTTP/1.1", "example.com", 8080, "/"),
        ("GET http://example.com?x HTTP/1.1", "example.com", 80, "/?x"),
        ("GET http://[::1]:81/ HTTP/1.1", "::1", 81, "/"),
        ("GET http://[2001:db8::1]/ HTTP/1.1", "2001:db8::1", 80, "/"),
        ("CONNECT example.com:443 HTTP/1.1", "example.com", 443, ""),
        ("CONNECT [::1]:443 HTTP/1.1", "::1", 443, ""),
    ],
)
def test_targets_are_read(first: str, host: str, port: int, path: str) -> None:
    request = parse_request(head(first))
    assert (request.host, request.port, request.path) == (host, port, path)


@pytest.mark.parametrize(
    "raw",
    [
        head("GET /relative HTTP/1.1"),
        head("GET https://example.com/ HTTP/1.1"),
        head("GET ftp://example.com/ HTTP/1.1"),
        head("GET http://user@example.com/ HTTP/1.1"),
        head("GET http://example.com:99999/ HTTP/1.1"),
        head("GET http://example.com:0/ HTTP/1.1"),
        head("GET http://:80/ HTTP/1.1"),
        head("CONNECT example.com HTTP/1.1"),
        head("GET http://example.com/ HTTP/2"),
        head("GET http://example.com/ x HTTP/1.1"),
        head("POST http://e.com/ HTTP/1.1", "Transfer-Encoding: chunked"),
        head("POST http://e.com/ HTTP/1.1", "Content-Length: 3", "Content-Length: 4"),
        head("POST http://e.com/ HTTP/1.1", "Content-Length: -3"),
        head("GET http://e.com/ HTTP/1.1", "Bad Header"),
        head("GET http://e.com/ HTTP/1.1", "Name : value"),
        head("GET http://e.com/ HTTP/1.1", "A: b\nProxy-Authorization: x"),
        head("GET http://e.com/ HTTP/1.1", "A: b\rProxy-Authorization: x"),
        head("GET http://e.com/ HTTP/1.1", "A: b", " folded: x"),
        head("GET http://e.com/ HTTP/1.1", "A: b\x00c"),
        head("GET http://e.com/ HTTP/1.1", "Host: a", "Host: b"),
        head("GET http://e.com/ HTTP/2.0"),
        head("GET http://e.com/ HTTP/1.1").replace(b"\r\n", b"\n"),
        b"GET http://e.com/ HTTP/1.1\r\n\r\n",
    ],
)
def test_what_no_honest_browser_sends_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRequestHead):
        parse_request(raw)


def test_credentials_never_reach_the_server_and_the_host_is_the_targets() -> None:
    request = parse_request(
        head(
            "GET http://example.com:8080/a HTTP/1.1",
            "Host: other.example",
            "Proxy-Authorization: Basic cGFnZTpzZWNyZXQ=",
            "Proxy-Connection: keep-alive",
            "Accept: */*",
        )
    )
    assert http_heads.credentials(request) == ("page", "secret")
    sent = http_heads.origin_head(request)
    assert sent == (
        b"GET /a HTTP/1.1\r\nHost: example.com:8080\r\nConnection: close\r\nAccept: */*\r\n\r\n"
    )


def test_answers_close_their_connection() -> None:
    answer = b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nX: y\r\n\r\n"
    assert http_heads.response_head(answer) == (
        b"HTTP/1.1 200 OK\r\nX: y\r\nConnection: close\r\n\r\n"
    )


def test_what_is_no_answer_goes_on_as_it_is() -> None:
    assert http_heads.response_head(b"hello\r\n\r\n") == b"hello\r\n\r\n"


@pytest.mark.parametrize("value", ["", "Bearer x", "Basic !!!", "Basic /w=="])
def test_unreadable_credentials_are_none(value: str) -> None:
    request = parse_request(head("GET http://e.com/ HTTP/1.1", f"Proxy-Authorization: {value}"))
    assert http_heads.credentials(request) == ("", "")
