"""What a saved page says of itself, and what is no page that can be kept."""

from datetime import UTC, datetime

import pytest

from linkshot.domain.upload_format import MHTML, is_of, recognise
from linkshot.errors import InvalidInput

SINGLEFILE = b"""<!DOCTYPE html> <html lang=zh><!--
 Page saved with SingleFile
 url: https://example.com/a?b=1
 saved date: Mon Jan 05 2026 10:00:00 GMT+0800 (China Standard Time)
--><title>t</title>"""
CHROME = (
    b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.com/a\r\n"
    b"Date: Mon, 5 Jan 2026 02:00:00 -0000\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="x"\r\n\r\n'
    b"--x\r\nContent-Type: text/html\r\n\r\n<html>\r\n--x--\r\n"
)


def test_singlefile_says_where_and_when_it_was_saved() -> None:
    saved = recognise(SINGLEFILE)
    assert saved.url == "https://example.com/a?b=1"
    assert saved.saved_at is not None
    assert saved.saved_at.astimezone(UTC) == datetime(2026, 1, 5, 2, tzinfo=UTC)


def test_mhtml_says_where_and_when_it_was_saved() -> None:
    saved = recognise(CHROME)
    assert (saved.media_type, saved.url) == (MHTML, "https://example.com/a")
    assert saved.saved_at is not None
    assert saved.saved_at.replace(tzinfo=UTC) == datetime(2026, 1, 5, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf<!doctype html><p>x",
        b"\xff\xfe" + "<html><p>字".encode("utf-16-le"),
        '<meta charset="gb2312"><p>正文'.encode("gb2312"),
        b"<!-- saved from url=(0020)https://example.com/ -->\r\n<html>",
    ],
    ids=["with a BOM", "UTF-16", "GB 2312", "marked by a browser"],
)
def test_html_of_any_charset_is_a_page(data: bytes) -> None:
    assert recognise(data).media_type == "text/html"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "upload.empty"),
        (b" \r\n\t", "upload.empty"),
        (bytes(range(256)) * 20, "upload.not_a_page"),
        (b"%PDF-1.7 <html>", "upload.not_a_page"),
        (b"PK\x03\x04<html>", "upload.not_a_page"),
        (b"\x1f\x8b\x08<html>", "upload.not_a_page"),
        (b"just words", "upload.not_a_page"),
        (b'{"html": "<"}', "upload.not_a_page"),
        (CHROME.replace(b"text/html\r\n\r\n", b"text/plain\r\n\r\n"), "upload.no_page"),
        (b"<html>" + b"x" * 9999 + b"PK\x05\x06" + b"\0" * 18, "upload.packed"),
    ],
    ids=[
        "empty", "blank", "garbage", "PDF", "ZIP", "gzip", "text", "JSON",
        "MHTML without a page", "packed by SingleFile",
    ],
)  # fmt: skip
def test_what_is_no_page_is_refused_with_a_code(data: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        recognise(data)
    assert refused.value.code == code


def test_megabytes_are_looked_through_quickly() -> None:
    hostile = b"Content-Type: multipart/related\n" + b"a: b\n" * 200_000 + b"<" * 20_000_000
    with pytest.raises(InvalidInput):
        recognise(hostile)


@pytest.mark.parametrize(
    ("saved", "same"),
    [
        ("https://example.com/a", True),
        ("http://www.example.com/a#part", True),
        ("https://example.com/a?utm_source=x", True),
        ("https://example.com/b", False),
        ("https://example.com.evil/a", False),
        ("file:///a", False),
    ],
)
def test_a_page_is_of_the_link_that_leads_to_it(saved: str, same: bool) -> None:
    assert is_of(saved, "https://example.com/a") is same
