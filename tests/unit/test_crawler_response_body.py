"""Bodies in chunks: followed to their end, however the bytes come."""

import pytest

from crawler.egress.response_body import ChunkedBody, followed_body

WHOLE = b"5\r\nhello\r\n5;name=value\r\n\n0\r\n!\r\n0\r\n\r\n"


@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_it_is_whole_with_its_last_chunk_and_not_before(size: int) -> None:
    body = ChunkedBody()
    for at in range(0, len(WHOLE) - 5, size):
        assert body.breaks_off
        body.feed(WHOLE[at : min(at + size, len(WHOLE) - 5)])
    assert body.breaks_off
    body.feed(WHOLE[-5:])
    assert not body.breaks_off


@pytest.mark.parametrize(
    "sent",
    [b"", b"5", b"5000\r\n" + b"x" * 750, b"5\r\nhello", b"5\r\nhello\r\n"],
    ids=["nothing", "half a size", "half a chunk", "no line end", "no last chunk"],
)
def test_it_breaks_off(sent: bytes) -> None:
    body = ChunkedBody()
    body.feed(sent)
    assert body.breaks_off


@pytest.mark.parametrize("sent", [b"no size\r\n", b"-5\r\n", b"5" * 5000])
def test_what_is_not_understood_counts_as_whole(sent: bytes) -> None:
    body = ChunkedBody()
    body.feed(sent)
    assert not body.breaks_off


@pytest.mark.parametrize(
    ("method", "head", "followed"),
    [
        ("GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", True),
        ("HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", False),
        ("GET", b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", False),
        ("GET", b"HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n", False),
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", False),
        ("GET", b"", False),
    ],
)
def test_only_bodies_in_chunks_are_followed(method: str, head: bytes, followed: bool) -> None:
    assert (followed_body(method, head) is not None) is followed
