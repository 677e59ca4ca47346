"""The media type of a body from its first bytes."""

import pytest

from linkshot.domain.media_sniffing import image_type, signature_type, sniff


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "text/html"),
        (b"  <!DOCTYPE html><p>x", "text/html"),
        (b"\xef\xbb\xbf<html>", "text/html"),
        (b"%PDF-1.7", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\x1aE\xdf\xa3...", "video/webm"),
        (b"<?xml version='1.0'?><rss/>", "text/xml"),
        (b"just words", "text/plain"),
        ("春天".encode(), "text/plain"),
        (b"\x00\x01\x02", "application/octet-stream"),
    ],
)
def test_bodies_without_a_type_are_sniffed(body: bytes, kind: str) -> None:
    assert sniff(body) == kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\x03\x04...", "application/zip"),
        (b"<html>", ""),
        (b"<?xml version='1.0'?>", ""),
        (b"words", ""),
    ],
)
def test_only_binary_formats_have_a_signature(body: bytes, kind: str) -> None:
    assert signature_type(body) == kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a...", "image/gif"),
        (b"\x00\x00\x01\x00\x01\x00", "image/x-icon"),
        (b"RIFF....WEBPVP8 ", "image/webp"),
        (b"RIFF....WAVEfmt ", ""),
        (b"<svg/>", ""),
    ],
)
def test_bitmaps_are_known_by_their_signature(body: bytes, kind: str) -> None:
    assert image_type(body) == kind
