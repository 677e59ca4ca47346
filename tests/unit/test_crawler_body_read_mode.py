"""Which bodies are read at once, in pieces, or not at all."""

import pytest

from crawler.page.body_read_mode import ReadMode, is_whole_range, read_mode


@pytest.mark.parametrize(
    ("method", "status", "headers", "reading"),
    [
        ("GET", 200, {"content-length": "10"}, ReadMode.AT_ONCE),
        ("GET", 200, {"content-length": "10000001"}, ReadMode.TOO_LARGE),
        ("GET", 200, {}, ReadMode.IN_PIECES),
        ("GET", 200, {"content-length": "10", "transfer-encoding": "chunked"}, ReadMode.IN_PIECES),
        ("GET", 200, {"content-length": "9000", "content-encoding": "gzip"}, ReadMode.AT_ONCE),
        ("GET", 200, {"content-length": "90000", "content-encoding": "gzip"}, ReadMode.IN_PIECES),
        ("GET", 200, {"content-length": "80", "content-encoding": "br"}, ReadMode.IN_PIECES),
        ("GET", 200, {"content-length": "٣"}, ReadMode.IN_PIECES),
        ("GET", 200, {"content-type": "text/event-stream;charset=utf-8"}, ReadMode.ENDLESS),
        ("GET", 302, {"content-length": "10"}, ReadMode.NO_BODY),
        ("HEAD", 200, {"content-length": "10"}, ReadMode.NO_BODY),
        ("OPTIONS", 200, {"content-length": "10"}, ReadMode.NO_BODY),
        ("GET", 206, {"content-length": "10", "content-range": "bytes 5-14/20"}, ReadMode.RANGE),
        ("GET", 206, {"content-length": "10", "content-range": "bytes 0-9/10"}, ReadMode.AT_ONCE),
    ],
)
def test_the_head_of_an_answer_says_how_its_body_is_read(
    method: str, status: int, headers: dict[str, str], reading: ReadMode
) -> None:
    assert read_mode(method, status, headers) is reading


def test_a_range_of_unknown_total_is_not_whole() -> None:
    assert not is_whole_range({"content-range": "bytes 0-9/*"})
