"""Follows the framing of a plain response, to tell whether its body came to its end. (pure)

The browser does not say: a body that is read through CDP's Fetch domain just ends where its chunks break off.
What is not understood here counts as whole, since browsers accept more than the standard.
"""

from crawler.egress import http_heads

MAX_LINE = 4096
"""Bytes of a line with the size of a chunk; a longer one is not followed."""


class ChunkedBody:
    """The state of a body in chunks (RFC 9112 §7.1) as it comes."""

    def __init__(self) -> None:
        self.is_followed = True
        """Whether everything until now was understood."""
        self.has_ended = False
        """Whether the last chunk has begun; trailers after it are no content."""
        self._left = 0
        """Bytes of the chunk under way that have not come."""
        self._line = b""

    @property
    def breaks_off(self) -> bool:
        """Whether the body would not be whole if the connection ended now."""
        return self.is_followed and not self.has_ended

    def feed(self, data: bytes) -> None:
        """The next bytes from the server."""
        at = 0
        while at < len(data) and self.breaks_off:
            if self._left:
                taken = min(self._left, len(data) - at)
                self._left -= taken
                at += taken
                continue
            end = data.find(b"\n", at) + 1 or len(data)
            self._line += data[at:end]
            at = end
            if self._line.endswith(b"\n"):
                self._begin_chunk(self._line)
                self._line = b""
            elif len(self._line) > MAX_LINE:
                self.is_followed = False

    def _begin_chunk(self, line: bytes) -> None:
        size = line.partition(b";")[0].strip()
        if not size:  # the line end that closes the chunk before
            return
        try:
            self._left = int(size, 16)
        except ValueError:
            self.is_followed = False
            return
        self.has_ended = self._left == 0
        self.is_followed = self._left >= 0


def followed_body(method: str, head: bytes) -> ChunkedBody | None:
    """The body to follow after this head; None when it is not in chunks, or there is none."""
    if method == "HEAD" or not head.startswith(b"HTTP/1.1 ") or head[9:12] in (b"204", b"304"):
        return None
    coding = http_heads.header_values(head, b"transfer-encoding")
    return ChunkedBody() if [one.lower() for one in coding] == [b"chunked"] else None
