"""Sorts the certificates in a time stamp, as DER asks for and `openssl ts` does not do. (pure)

rfc3161-client 1.0.9 reads no answer in which the SET OF certificates (RFC 5652 §5.1) is in another order than that of
its bytes (X.690 §11.6), and authorities that run OpenSSL send it as it comes. Certificates are not covered by the
stamp's signature, so their order may be changed; lengths stay.
"""

from collections.abc import Iterator
from typing import NamedTuple

SEQUENCE, CERTIFICATES = 0x30, 0xA0
PATH_TO_SIGNED_DATA = ((1, SEQUENCE), (1, 0xA0), (0, SEQUENCE))
"""From the answer to its SignedData: position and tag of each step (TimeStampResp, ContentInfo, `[0]`)."""


class _Element(NamedTuple):
    tag: int
    start: int
    """Where its tag is."""
    content: int
    end: int


def with_sorted_certificates(response: bytes) -> bytes:
    """The same answer with its certificates in order; unchanged where it has another shape."""
    try:
        where = _certificates(response)
        if where is None:
            return response
        inside = [response[one.start : one.end] for one in _elements(response, where)]
    except (IndexError, ValueError):
        return response
    return response[: where.content] + b"".join(sorted(inside)) + response[where.end :]


def _certificates(data: bytes) -> _Element | None:
    here = _element(data, 0, len(data))
    for position, tag in PATH_TO_SIGNED_DATA:
        here = list(_elements(data, here))[position]
        if here.tag != tag:
            return None
    return next((one for one in _elements(data, here) if one.tag == CERTIFICATES), None)


def _elements(data: bytes, parent: _Element) -> Iterator[_Element]:
    at = parent.content
    while at < parent.end:
        one = _element(data, at, parent.end)
        yield one
        at = one.end


def _element(data: bytes, at: int, limit: int) -> _Element:
    """The element that begins here; ValueError when it does not end within `limit`, or has no definite length."""
    first, content = data[at + 1], at + 2
    length = first
    if first >= 0x80:
        size = first & 0x7F
        if not 1 <= size <= 4:
            raise ValueError("no length of DER")
        content += size
        length = int.from_bytes(data[at + 2 : content], "big")
    if content + length > limit:
        raise ValueError("it ends before")
    return _Element(data[at], at, content, content + length)
