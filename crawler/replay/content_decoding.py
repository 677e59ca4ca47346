"""Decodes the bodies of recorded answers, within a limit (RFC 9110 §8.4).

warcio takes chunks apart, and unpacks gzip and deflate.
"""

import brotli
import zstandard
from warcio.recordloader import ArcWarcRecord

READ_BYTES = 65_536
BY_WARCIO = ("", "identity", "gzip", "deflate")
BROTLI, ZSTD = "br", "zstd"
UNDECODABLE = (brotli.error, zstandard.ZstdError)


def decoded_body(record: ArcWarcRecord, max_bytes: int) -> bytes:
    """The first `max_bytes` of a body; ValueError for an encoding that is not read, or UNDECODABLE."""
    http = record.http_headers
    encoding = (http.get_header("Content-Encoding") or "").strip().lower() if http else ""
    encoding = encoding.removeprefix("x-") if encoding == "x-gzip" else encoding
    if encoding not in (*BY_WARCIO, BROTLI, ZSTD):
        raise ValueError(f"a body in an encoding that is not read: {encoding[:50]}")
    if http is not None:
        http.replace_header("Content-Encoding", encoding if encoding in BY_WARCIO else "identity")
    stream = record.content_stream()
    if encoding == ZSTD:
        reader = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
        return bytes(reader.read(max_bytes))
    if encoding == BROTLI:
        return _brotli(stream, max_bytes)
    return bytes(stream.read(max_bytes))


def _brotli(stream: object, max_bytes: int) -> bytes:
    decoder, out, size = brotli.Decompressor(), list[bytes](), 0
    while size < max_bytes and not decoder.is_finished():
        piece = stream.read(READ_BYTES) if decoder.can_accept_more_data() else b""  # type: ignore[attr-defined]
        made = decoder.process(piece, output_buffer_limit=max_bytes - size)
        if not piece and not made:
            break  # it breaks off
        out.append(made)
        size += len(made)
    return b"".join(out)[:max_bytes]
