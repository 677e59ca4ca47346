"""Which bodies are read at once, in pieces, or not at all."""

import pytest

from crawler.page.body_reading import Reading, is_whole_range, reading_of


@pytest.mark.parametrize(
    ("method", "status", "headers", "reading"),
    [
        ("GET", 200, {"content-length": "10"}, Reading.AT_ONCE),
        ("GET", 200, {"content-length": "10000001"}, Reading.TOO_LARGE),
        ("GET", 200, {}, Reading.IN_PIECES),
        ("GET", 200, {"content-length": "10", "transfer-encoding": "chunked"}, Reading.IN_PIECES),
        ("GET", 200, {"content-length": "9000", "content-encoding": "gzip"}, Reading.AT_ONCE),
        ("GET", 200, {"content-length": "90000", "content-encoding": "gzip"}, Reading.IN_PIECES),
        ("GET", 200, {"content-length": "80", "content-encoding": "br"}, Reading.IN_PIECES),
        ("GET", 200, {"content-length": "٣"}, Reading.IN_PIECES),
        ("GET", 200, {"content-type": "text/event-stream;charset=utf-8"}, Reading.ENDLESS),
        ("GET", 302, {"content-length": "10"}, Reading.NO_BODY),
        ("HEAD", 200, {"content-length": "10"}, Reading.NO_BODY),
        ("OPTIONS", 200, {"content-length": "10"}, Reading.NO_BODY),
        ("GET", 206, {"content-length": "10", "content-range": "bytes 5-14/20"}, Reading.RANGE),
        ("GET", 206, {"content-length": "10", "content-range": "bytes 0-9/10"}, Reading.AT_ONCE),
    ],
)
def test_the_head_of_an_answer_says_how_its_body_is_read(
    method: str, status: int, headers: dict[str, str], reading: Reading
) -> None:
    assert reading_of(method, status, headers) is reading


def test_a_range_of_unknown_total_is_not_whole() -> None:
    assert not is_whole_range({"content-range": "bytes 0-9/*"})
