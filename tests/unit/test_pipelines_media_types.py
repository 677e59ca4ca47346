"""The media type of a response, and whether it is text."""

import pytest

from pipelines.media_types import EXTENSIONS, is_text, media_type_of
from tests.integration.pipelines_world import capture

SNIFFED = {
    "a server's word counts": ("text/html", b"%PDF-1.7", "text/html"),
    "a PDF of no type": ("", b"%PDF-1.7", "application/pdf"),
    "a picture as bytes": ("application/octet-stream", b"\x89PNG\r\n\x1a\n", "image/png"),
    "a JPEG": ("binary/octet-stream", b"\xff\xd8\xff\xe0", "image/jpeg"),
    "a GIF to download": ("application/x-download", b"GIF89a", "image/gif"),
    "an archive": ("", b"PK\x03\x04", "application/zip"),
    "anything else": ("", b"\x00\x01\x02\x03", "application/octet-stream"),
    "nothing": ("", b"", "application/octet-stream"),
}


@pytest.mark.parametrize(("declared", "body", "kind"), SNIFFED.values(), ids=SNIFFED)
def test_a_type_that_says_nothing_is_told_by_the_bytes(
    declared: str, body: bytes, kind: str
) -> None:
    assert media_type_of(capture(media_type=declared, body=body)) == kind


@pytest.mark.parametrize(
    ("kind", "text"),
    [("text/html", True), ("application/xhtml+xml", True), ("application/ld+json", True),
     ("application/json", True), ("text/x-anything", True), ("application/pdf", False),
     ("image/png", False), ("application/octet-stream", False), ("", False)],
)  # fmt: skip
def test_text_is_told_by_the_type(kind: str, text: bool) -> None:
    assert is_text(kind) is text


def test_extensions_are_short_plain_words() -> None:
    assert [one for one in EXTENSIONS.values() if not one.isalnum() or len(one) > 5] == []
