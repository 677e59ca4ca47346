"""Which tags of a bookmark file come next, with the text between them? Streaming."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from linkshot.importers.text import Text

TAG_NAME = re.compile(r"<\w+")
TAG = re.compile(r"<(/?)(a|h3|dl|dd|dt|hr|script|style)(?=[\s>/])", re.IGNORECASE)
ATTRIBUTE = re.compile(
    r"""([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>][^\s>]*)))?""", re.ASCII
)
MAX_TAG = 2 << 20
"""Characters of one tag; icons inside the tag have been seen with 1 MB."""
MAX_ENDS = 1000
"""Of `>` inside the quotes of one tag."""
NEXT = re.compile(r"<dt|<a\s", re.IGNORECASE)
LONGEST_NAME = 10
MAX_BETWEEN = 200_000
"""Characters of text between two tags that are kept."""


class Tag(NamedTuple):
    """A tag and the text before it; a tuple because a file has hundreds of thousands."""

    before: str
    """Text since the tag before, as in the source."""
    name: str
    """Lower case, `/a` for an end tag; empty for the end of the file."""
    source: str
    """The tag itself."""
    place: int
    """Characters from the start of the file."""
    line: int

    @property
    def end(self) -> int:
        """Place after the tag."""
        return self.place + len(self.source)


def read_tags(text: Text) -> Iterator[Tag]:
    """All tags that matter, the last one with an empty name; other markup stays in the text."""
    scan = _Scan()
    for piece in text:
        scan.buffer += piece
        yield from scan.tags(final=False)
    yield from scan.tags(final=True)


class _Scan:
    """A window on the text, moving on."""

    def __init__(self) -> None:
        self.buffer = ""
        self._base = 0
        """Place of the buffer's first character."""
        self._line = 1
        self._before = ""

    def tags(self, *, final: bool) -> Iterator[Tag]:
        """Tags that are whole in the buffer; what they used is forgotten."""
        done = 0
        for start, end, name in self._found(final=final):
            yield self._tag(done, start, end, name)
            done = end
        keep = len(self.buffer) if final else self._tail(done)
        self._before = (self._before + self.buffer[done:keep])[:MAX_BETWEEN]
        self._move(done, keep)
        if final:
            yield self._last()

    def _found(self, *, final: bool) -> Iterator[tuple[int, int, str]]:
        position = 0
        while match := TAG.search(self.buffer, position):
            end = _tag_end(self.buffer, match.end(), final=final)
            if end is None:
                return
            yield match.start(), end, (match[1] + match[2]).lower()
            position = end

    def _tag(self, done: int, start: int, end: int, name: str) -> Tag:
        between = self.buffer[done:start]
        self._line += _newlines(between)
        tag = Tag(
            before=(self._before + between)[:MAX_BETWEEN] if self._before else between,
            name=name,
            source=self.buffer[start:end],
            place=self._base + start,
            line=self._line,
        )
        self._before = ""
        self._line += _newlines(tag.source)
        return tag

    def _tail(self, done: int) -> int:
        """From where on the buffer may be the beginning of a tag."""
        match = TAG.search(self.buffer, done)
        if match:
            return match.start()
        start = self.buffer.rfind("<", max(done, len(self.buffer) - LONGEST_NAME))
        return len(self.buffer) if start < 0 else start

    def _move(self, done: int, keep: int) -> None:
        self._line += _newlines(self.buffer[done:keep])
        self._base += keep
        self.buffer = self.buffer[keep:]

    def _last(self) -> Tag:
        return Tag(before=self._before, name="", source="", place=self._base, line=self._line)


def _tag_end(buffer: str, position: int, *, final: bool) -> int | None:
    """Place after the `>` that is not inside quotes; None when more text is needed.

    Quotes that do not end before the next bookmark, or far too late, do not count.
    """
    first = end = buffer.find(">", position)
    begin, double, single = position, 0, 0
    for _ in range(MAX_ENDS):
        if end < 0 or end - position > MAX_TAG or NEXT.search(buffer, max(begin, first), end):
            break
        double += buffer.count('"', begin, end)
        single += buffer.count("'", begin, end)
        if double % 2 == 0 and (single % 2 == 0 or buffer.find("='", position, end) < 0):
            return end + 1
        begin, end = end, buffer.find(">", end + 1)
    if end < 0 and not final and len(buffer) - position <= MAX_TAG:
        return None
    return first + 1 if first >= 0 else len(buffer)


def attributes(source: str) -> dict[str, str]:
    """Attribute names in lower case → values as in the source; the first of equal names."""
    found: dict[str, str] = {}
    name_end = TAG_NAME.match(source)
    inside = source[name_end.end() if name_end else 0 :].rstrip(">")
    for match in ATTRIBUTE.finditer(inside):
        found.setdefault(match[1].lower(), match[2] or match[3] or match[4] or "")
    return found


def _newlines(text: str) -> int:
    return text.count("\n") or text.count("\r")
