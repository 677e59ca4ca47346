"""Splits a text into numbered lines. Streaming; overlong lines are truncated."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from linkshot.importers.field_text import DecodedText

MAX_LINE = 100_000
"""Characters; a longer line is cut one behind that, which tells it from a whole one."""


TABLE_LINE = re.compile(r"[^\r\n]*(?:\r\n|[\r\n])|[^\r\n]+")


class Line(NamedTuple):
    """A line with its end."""

    number: int
    """From 1."""
    place: int
    """Of its first character, from the start of the file."""
    text: str


def read_lines(text: DecodedText, *, of_table: bool = False) -> Iterator[Line]:
    """Lines end as Unicode says: LF, CR, CR LF, FF, NEL, LS, PS; those of a table at LF, CR, CR LF."""
    cut: Callable[[str], list[str]] = TABLE_LINE.findall if of_table else _lines
    number, place, rest, dropped = 1, 0, "", 0
    for piece in text:
        pieces = cut(rest + piece)
        # the last line may go on in the next piece, and so may the LF of a CR LF come
        is_open = pieces[-1][-1] == "\r" or len(cut(f"{pieces[-1]}x")) == 1
        rest = pieces.pop() if is_open else ""
        for line in pieces:
            yield Line(number, place, line)
            place += len(line) + dropped
            number += 1
            dropped = 0
        if len(rest) > MAX_LINE + 1:
            dropped += len(rest) - MAX_LINE - 1
            rest = rest[: MAX_LINE + 1]
    if rest:
        yield Line(number, place, rest)


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
